import type { Settings } from "./config.ts";
import type { KabarEvent } from "./events/event.ts";
import { BLAST_PATH, createBlastRoutes } from "./http/api/blast.ts";
import { createLogRoutes } from "./http/api/logs.ts";
import { createQiscusRoutes } from "./http/api/qiscus.ts";
import { createTemplateRoutes } from "./http/api/templates.ts";
import { createClientAddress } from "./http/client_address.ts";
import { createQiscusReceiver } from "./http/receivers/qiscus.ts";
import { createUniversalReceiver } from "./http/receivers/universal.ts";
import type { DeviceId } from "./ids.ts";
import { messageOf } from "./errors.ts";
import { logOf } from "./log.ts";
import { createBlastControl } from "./messages/blast_control.ts";
import { createAcceptBlast } from "./messages/blast_intake.ts";
import { createBlastRunner } from "./messages/blast_runner.ts";
import { createBlastSchedule } from "./messages/blast_schedule.ts";
import { openDepartures } from "./messages/departures.ts";
import { createDeviceLane, type DeviceLane } from "./messages/device_lane.ts";
import { createFailureAlert } from "./messages/failure_alert.ts";
import type { Outbox } from "./messages/outbox.ts";
import { createQiscusClient, type QiscusAccount } from "./messages/qiscus_client.ts";
import { createQiscusLane, createQiscusRecovery } from "./messages/qiscus_lane.ts";
import { createQiscusSender, QISCUS_RETRY_WAITS_MS } from "./messages/qiscus_sender.ts";
import { createQiscusStatuses } from "./messages/qiscus_statuses.ts";
import { createSimulatedQiscus } from "./messages/simulated_qiscus.ts";
import type { Publish } from "./publish.ts";
import { createExternalDevices, type ExternalDevices } from "./receivers/external_devices.ts";
import { createQiscusLine } from "./receivers/qiscus_line.ts";
import { createQiscusRegistration } from "./receivers/qiscus_registration.ts";
import type { Store } from "./store/store.ts";

/** A blast of a hundred thousand recipients with a few variables each. */
const MOST_BLAST_BYTES = 64 * 1_048_576;
const SWEEP_MS = 10_000;

const log = logOf("blasts");

/** What takes webhooks of other systems in and sends blasts out. */
export interface Blasting {
  /** Groups that see to their own protection; they hang at `/`. */
  readonly open: readonly ReturnType<typeof createQiscusReceiver>[];
  /** Groups that need a tenant's key; they hang under `/api`. */
  readonly api: readonly ReturnType<typeof createBlastRoutes>[];
  /** Paths whose handlers bound their bodies themselves. */
  readonly streamedBodies: readonly RegExp[];
  /** Sessions of other WhatsApp servers, for whoever shows their status. */
  readonly externalDevices: ExternalDevices;
  /** To be told of every published event. */
  saw(event: KabarEvent): void;
  /** To be told when a device is connected. */
  wake(): void;
  /** Takes up what the last run left; registers at Qiscus in the background. */
  start(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export function createBlasting({ store, settings, publish, outbox, isConnected, now }: {
  readonly store: Store;
  readonly settings: Settings;
  readonly publish: Publish;
  readonly outbox: Pick<Outbox, "add" | "outcome">;
  readonly isConnected: (deviceId: DeviceId) => boolean;
  readonly now: () => number;
}): Blasting {
  const account = accountIn(settings);
  const device = createQiscusLine({ devices: store.devices, channelId: settings.QISCUS_CHANNEL_ID, now });
  const client = account === undefined ? undefined : createQiscusClient(account);
  const simulated = client === undefined && settings.QISCUS_SIMULATE
    ? createSimulatedQiscus((reported) => {
      statuses.take(reported).catch((error) =>
        log.error("qiscus.not_simulated", { error: messageOf(error) })
      );
    })
    : undefined;
  const sending = client ?? simulated;
  const departures = openDepartures(`${settings.DATA_DIR}/departures`);
  const statuses = createQiscusStatuses({
    messages: store.messages,
    orphans: store.orphans,
    publish,
    device,
    isSending: () => sender?.isSending() ?? false,
    unconfirmedTo: (recipient) => sender?.unconfirmedTo(recipient),
    now,
  });
  const sender = sending && createQiscusSender({
    client: sending,
    departures,
    statuses,
    messages: store.messages,
    blasts: store.blasts,
    publish,
    device,
    now,
    retryWaitsMs: QISCUS_RETRY_WAITS_MS.map((waitMs) => waitMs * settings.WEBHOOK_RETRY_SCALE),
  });
  const qiscusLane = sender && createQiscusLane({
    sender,
    perSecond: settings.BLAST_QISCUS_PER_SECOND,
    width: settings.BLAST_QISCUS_CONCURRENCY,
    now,
  });
  const recoverQiscus = createQiscusRecovery({
    departures,
    sender: { rememberUnconfirmed: (message) => sender?.rememberUnconfirmed(message) },
    messages: store.messages,
    putBack: (messageId) => store.blasts.putBack(messageId, now()),
    now,
  });
  const deviceLanes = new Map<DeviceId, DeviceLane>();
  const deviceLaneOf = (deviceId: DeviceId): DeviceLane => {
    const lane = deviceLanes.get(deviceId) ??
      createDeviceLane(deviceId, {
        blasts: store.blasts,
        devices: store.devices,
        outbox,
        isConnected,
        now,
        random: Math.random,
      });
    deviceLanes.set(deviceId, lane);
    return lane;
  };
  const runner = createBlastRunner({
    blasts: store.blasts,
    systemLog: store.systemLog,
    laneOf: (deviceId) => deviceId === null ? qiscusLane : deviceLaneOf(deviceId),
    troubleOf: ({ deviceId }) =>
      deviceId === null ? Promise.resolve(undefined) : deviceLaneOf(deviceId).trouble(),
    recover: async ({ via }, message) => {
      if (via === "qiscus") await recoverQiscus(message);
      else if (message.message.deviceId !== null) outbox.add(message.message);
    },
    recovered: () => departures.settle(),
    now,
  });
  const schedule = createBlastSchedule({ blasts: store.blasts, begun: runner.changed, now });
  const externalDevices = createExternalDevices({
    devices: store.devices,
    externalSessions: store.externalSessions,
    publish,
    now,
  });
  const alert = createFailureAlert({
    limit: settings.ALERT_FAILED_PER_HOUR,
    messageHistory: store.messageHistory,
    publish,
    systemLog: store.systemLog,
    now,
  });
  const registration = client === undefined || settings.APP_URL === undefined
    ? undefined
    : createQiscusRegistration({
      client,
      webhookUrl: `${settings.APP_URL.replace(/\/+$/, "")}/webhooks/qiscus`,
      scale: settings.WEBHOOK_RETRY_SCALE,
    });

  const clientAddressOf = createClientAddress(settings.TRUST_PROXY);
  const { systemLog } = store;
  const pace = {
    minGapMs: settings.BLAST_MIN_GAP_SECONDS * 1000,
    maxGapMs: settings.BLAST_MAX_GAP_SECONDS * 1000,
    perHour: settings.BLAST_PER_HOUR === 0 ? null : settings.BLAST_PER_HOUR,
    perDay: settings.BLAST_PER_DAY === 0 ? null : settings.BLAST_PER_DAY,
    window: null,
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  async function sweep(): Promise<void> {
    try {
      await statuses.sweep();
    } catch (error) {
      log.error("qiscus.sweep_failed", { error: messageOf(error) });
    }
    if (!stopped) timer = setTimeout(sweep, SWEEP_MS);
  }

  return {
    open: [
      createQiscusReceiver({
        statuses,
        publish,
        device,
        systemLog,
        clientAddressOf,
        secret: settings.QISCUS_WEBHOOK_SECRET,
        allowedIps: settings.QISCUS_ALLOWED_IPS,
        perMinute: settings.QISCUS_RATE_LIMIT,
        now,
      }),
      createUniversalReceiver({
        externalDevices,
        systemLog,
        clientAddressOf,
        secret: settings.WHATSAPP_WEBHOOK_SECRET,
        now,
      }),
    ],
    api: [
      createBlastRoutes({
        accept: createAcceptBlast({
          blasts: store.blasts,
          countryCode: settings.DEFAULT_COUNTRY_CODE,
          folder: settings.DATA_DIR,
          maxBytes: MOST_BLAST_BYTES,
          now,
        }),
        blasts: store.blasts,
        control: createBlastControl({ blasts: store.blasts, runner, now }),
        began: runner.changed,
        scheduled: schedule.added,
        templates: store.templates,
        devices: store.devices,
        hasQiscus: sending !== undefined,
        pace,
        now,
      }),
      createTemplateRoutes({ templates: store.templates, now }),
      createLogRoutes({ messages: store.messages, messageHistory: store.messageHistory, systemLog, now }),
      createQiscusRoutes({ client }),
    ],
    streamedBodies: [BLAST_PATH],
    externalDevices,
    saw: alert.saw,
    wake: runner.wake,
    async start() {
      await runner.start();
      await schedule.start();
      await sweep();
      registration?.start();
    },
    async stop(graceMs) {
      stopped = true;
      clearTimeout(timer);
      registration?.stop();
      alert.stop();
      schedule.stop();
      await runner.stop(graceMs);
      await sending?.close();
      departures.close();
    },
  };
}

function accountIn(settings: Settings): QiscusAccount | undefined {
  const { QISCUS_BASE_URL, QISCUS_APP_ID, QISCUS_SECRET_KEY, QISCUS_CHANNEL_ID } = settings;
  if (
    QISCUS_BASE_URL === undefined || QISCUS_APP_ID === undefined || QISCUS_SECRET_KEY === undefined ||
    QISCUS_CHANNEL_ID === undefined
  ) return undefined;
  return {
    baseUrl: QISCUS_BASE_URL.replace(/\/+$/, ""),
    appId: QISCUS_APP_ID,
    secretKey: QISCUS_SECRET_KEY,
    channelId: QISCUS_CHANNEL_ID,
  };
}
