import type { CounterOf } from "../async/hit_counter.ts";
import type { Clock } from "../async/clock.ts";
import type { Settings } from "../config.ts";
import type { BlastRouteParts } from "./blast_routes.ts";
import type { InboundOutcome } from "../providers/intake.ts";
import type { EventSource, KabarEvent } from "../events/event.ts";
import type { ThisMachine } from "../http/this_machine.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import type { AddressBook } from "../devices/address_book.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { type BlastControl, createBlastControl } from "../blasts/control.ts";
import { createSubmitBlast } from "../blasts/submit.ts";
import { createAcceptBlast } from "../blasts/intake.ts";
import { createDevicePacesOf } from "../blasts/device_pace.ts";
import { createBlastRunner } from "../blasts/runner.ts";
import { createBlastSchedule } from "../blasts/schedule.ts";
import { openDepartures } from "../providers/qiscus/in_doubt_log.ts";
import { createStoredDepartures } from "../providers/qiscus/stored_notes.ts";
import { createDeviceLane, type DeviceLane } from "../blasts/device_lane.ts";
import { createIsOptedOut, OPTED_OUT } from "../opt_outs/gate.ts";
import { createFailureAlert } from "../messages/failure_alert.ts";
import type { Outbox } from "../messages/outbox.ts";
import { createQiscusClient, type QiscusAccount } from "../providers/qiscus/client.ts";
import { createQiscusLane, createQiscusRecovery } from "../providers/qiscus/lane.ts";
import { createQiscusSender, QISCUS_RETRY_WAITS_MS } from "../providers/qiscus/sender.ts";
import { createStatusSweep } from "../providers/qiscus/status_sweep.ts";
import { createQiscusStatuses } from "../providers/qiscus/statuses.ts";
import { createSimulatedQiscus } from "../providers/qiscus/simulated.ts";
import type { Publish } from "../publish.ts";
import type { MediaCache } from "../media/cache.ts";
import type { ReportedFile } from "../providers/universal/file_report.ts";
import { createExternalDevices, type ExternalDevices } from "../providers/universal/line.ts";
import { createQiscusLine } from "../providers/qiscus/line.ts";
import { createQiscusRegistration } from "../providers/qiscus/registration.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import { ANYTHING } from "../store/news.ts";
import type { Blast, BlastMessage, Pace } from "../store/blasts.ts";
import type { HeldLease } from "../store/leases.ts";
import type { Store } from "../store/store.ts";

/** A blast of a hundred thousand recipients with a few variables each. */
const MOST_BLAST_BYTES = 64 * 1_048_576;

/** News: a blast has begun, or changed. */
const BLASTS = "blasts";
/** Instead of a blast's id: one was scheduled. */
const SCHEDULED = "scheduled";

const log = logOf("blasts");

/** What takes webhooks of other systems in and sends blasts out. */
export interface Blasting {
  readonly control: BlastControl;
  /** How fast devices send when nothing else is said. */
  readonly pace: Pace;
  /** Takes a blast as the API takes it: the same fields, the same checks; under one key it is made once. */
  submit(request: {
    readonly tenantId: TenantId;
    readonly recipients: readonly {
      readonly phone: string;
      readonly name?: string;
      readonly row?: number;
      readonly variables: Readonly<Record<string, string>>;
    }[];
    readonly fields: Readonly<Record<string, unknown>>;
    readonly idempotencyKey: string;
  }): Promise<Blast>;
  /** What its routes are made of. */
  readonly forRoutes: BlastRouteParts;
  /** Sessions of other WhatsApp servers, for whoever shows their status. */
  readonly externalDevices: ExternalDevices;
  /** To be told of every published event. */
  saw(event: KabarEvent): void;
  /** To be told when a device is connected. */
  wake(): void;
  /** A device's line, or Qiscus (null), has come here from another gateway. */
  cameHere(deviceId: DeviceId | null): void;
  /** To be told when a tenant was suspended: its blasts pause. */
  suspended(tenantId: TenantId): Promise<void>;
  /** Takes up what the last run left; registers at Qiscus in the background. */
  start(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export function createBlasting(
  {
    store,
    settings,
    publish,
    outbox,
    media,
    addresses,
    isSuspended,
    isConnected,
    isHere,
    qiscusLease,
    thisMachine,
    inbound,
    counterOf,
    clock,
  }: {
    readonly store: Store;
    readonly settings: Settings;
    readonly publish: Publish;
    readonly media: Pick<MediaCache, "keep">;
    readonly outbox: Pick<Outbox, "add" | "outcome" | "withdraw" | "failed">;
    readonly addresses: AddressBook;
    /** Nothing is sent for a suspended tenant. */
    readonly isSuspended: (tenantId: TenantId) => boolean;
    readonly isConnected: (deviceId: DeviceId) => boolean;
    /** Whether a device, or Qiscus (null), sends from here; left out: everything does. */
    readonly isHere?: (deviceId: DeviceId | null) => boolean;
    /** Under which this gateway sends to Qiscus, where others could. @throws {LeaseLostError} If another one does. */
    readonly qiscusLease?: () => HeldLease;
    readonly thisMachine: ThisMachine;
    /** A webhook of another system was accepted; for the metrics. */
    readonly inbound: (source: EventSource, outcome: InboundOutcome) => void;
    /** Where requests are counted for limits; left out: here alone. */
    readonly counterOf?: CounterOf;
    readonly clock: Clock;
  },
): Blasting {
  const { now } = clock;
  const account = accountIn(settings);
  const device = createQiscusLine({ devices: store.devices, channelId: settings.QISCUS_CHANNEL_ID, now });
  const client = account === undefined ? undefined : createQiscusClient(account, { now });
  const simulated = client === undefined && settings.QISCUS_SIMULATE
    ? createSimulatedQiscus((reported) => {
      statuses.take(reported).catch((error) =>
        log.error("qiscus.not_simulated", { error: messageOf(error) })
      );
    }, clock)
    : undefined;
  const sending = client ?? simulated;
  const departures = qiscusLease === undefined
    ? openDepartures(`${settings.DATA_DIR}/departures`, now() - Deno.osUptime() * 1000)
    : createStoredDepartures({ ...store, lease: qiscusLease });
  const statuses = createQiscusStatuses({
    messages: store.messages,
    earlyStatuses: store.earlyStatuses,
    publish,
    device,
    // what another gateway sends is not known here: it sees to it with its sweep
    isSending: () => isHere !== undefined && !isHere(null) || (sender?.isSending() ?? false),
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
    clock,
    retryWaitsMs: QISCUS_RETRY_WAITS_MS.map((waitMs) => waitMs * settings.WEBHOOK_RETRY_SCALE),
  });
  const qiscusLane = sender && createQiscusLane({
    sender,
    perSecond: settings.BLAST_QISCUS_PER_SECOND,
    width: settings.BLAST_QISCUS_CONCURRENCY,
    noted: qiscusLease !== undefined,
    clock,
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
  const isOptedOut = createIsOptedOut({ optOuts: store.optOuts, addresses });
  const refuse = async ({ message }: BlastMessage) => {
    if (!await isOptedOut(message)) return false;
    if (message.channel === "qiscus") await sender?.refuse(message, OPTED_OUT);
    else await outbox.failed(message, OPTED_OUT);
    return true;
  };
  const runner = createBlastRunner({
    blasts: store.blasts,
    systemLog: store.systemLog,
    laneOf: (deviceId) => deviceId === null ? qiscusLane : deviceLaneOf(deviceId),
    troubleOf: ({ deviceId }) =>
      deviceId === null ? Promise.resolve(undefined) : deviceLaneOf(deviceId).trouble(),
    recover: async ({ via }, message) => {
      if (via === "qiscus") await recoverQiscus(message);
      else if (message.message.deviceId !== null && !await refuse(message)) outbox.add(message.message);
    },
    shared: isHere && { isHere, tell: (blastId) => store.news.tell(BLASTS, blastId) },
    refuse,
    recovered: () => departures.settle(),
    isSuspended,
    clock,
  });
  const schedule = createBlastSchedule({ blasts: store.blasts, begun: runner.changed, isSuspended, clock });
  const externalDevices = createExternalDevices({
    devices: store.devices,
    externalSessions: store.externalSessions,
    publish,
    // Where anybody may post, anybody could fill the disk.
    ...(!(settings.RECEIVERS_OPEN && settings.WHATSAPP_WEBHOOK_SECRET === undefined) && {
      keepFile: (deviceId: DeviceId, { mediaId, ...file }: ReportedFile) =>
        media.keep(deviceId, mediaId, file),
    }),
    now,
  });
  const alert = createFailureAlert({
    limit: settings.ALERT_FAILED_PER_HOUR,
    messageHistory: store.messageHistory,
    publish,
    systemLog: store.systemLog,
    clock,
  });
  const registration = client === undefined || settings.APP_URL === undefined
    ? undefined
    : createQiscusRegistration({
      client,
      webhookUrl: `${settings.APP_URL.replace(/\/+$/, "")}/webhooks/qiscus`,
      scale: settings.WEBHOOK_RETRY_SCALE,
      clock,
    });
  const statusSweep = createStatusSweep({
    statuses: {
      async sweep() {
        if (isHere?.(null) ?? true) await statuses.sweep();
      },
    },
    clock,
  });

  const pace = {
    minGapMs: settings.BLAST_MIN_GAP_SECONDS * 1000,
    maxGapMs: settings.BLAST_MAX_GAP_SECONDS * 1000,
    perHour: settings.BLAST_PER_HOUR === 0 ? null : settings.BLAST_PER_HOUR,
    perDay: settings.BLAST_PER_DAY === 0 ? null : settings.BLAST_PER_DAY,
    window: null,
  };
  const deaf = isHere === undefined ? () => {} : hearOrLook({ ...store, clock }, BLASTS, (id) => {
    const work = id === SCHEDULED
      ? schedule.added()
      : runner.changedElsewhere(id === ANYTHING ? undefined : id);
    work.catch((error) => log.error("blasts.not_followed", { error: messageOf(error) }));
  });

  const blasts = {
    submit: createSubmitBlast({
      accept: createAcceptBlast({
        blasts: store.blasts,
        addresses,
        countryCode: settings.DEFAULT_COUNTRY_CODE,
        isShared: isHere !== undefined,
        folder: settings.DATA_DIR,
        maxBytes: MOST_BLAST_BYTES,
        now,
      }),
      began: runner.changed,
      async scheduled() {
        if (isHere !== undefined) store.news.tell(BLASTS, SCHEDULED);
        await schedule.added();
      },
    }),
    blasts: store.blasts,
    control: createBlastControl({
      blasts: store.blasts,
      messages: store.messages,
      runner,
      pacesOf: createDevicePacesOf({ ...store, runner, now }),
      now,
    }),
    templates: store.templates,
    devices: store.devices,
    hasQiscus: sending !== undefined,
    pace,
    now,
  };
  return {
    control: blasts.control,
    pace,
    async submit({ tenantId, recipients, fields, idempotencyKey }) {
      const body = ReadableStream.from([new TextEncoder().encode(JSON.stringify({ ...fields, recipients }))]);
      const { planRequest } = await import("../http/blasts/request.ts");
      const plan = (read: Readonly<Record<string, unknown>>) => planRequest(read, tenantId, blasts);
      const { blast } = await blasts.submit({ tenantId, body, idempotencyKey, plan });
      return blast;
    },
    forRoutes: {
      blasts,
      client,
      providers: {
        qiscus: { statuses, publish, device, configured: account !== undefined },
        externalDevices,
        thisMachine,
        counted: inbound,
        counterOf,
      },
    },
    externalDevices,
    saw: alert.saw,
    wake: runner.wake,
    cameHere(deviceId) {
      runner.cameHere(deviceId).catch((error) =>
        log.error("blasts.not_taken_over", { deviceId, error: messageOf(error) })
      );
    },
    suspended: runner.suspended,
    async start() {
      const { QISCUS_WEBHOOK_SECRET, QISCUS_ALLOWED_IPS, RECEIVERS_OPEN } = settings;
      if (
        account && !RECEIVERS_OPEN && QISCUS_WEBHOOK_SECRET === undefined && QISCUS_ALLOWED_IPS === undefined
      ) {
        const why = "anybody may post to /webhooks/qiscus: set QISCUS_WEBHOOK_SECRET or QISCUS_ALLOWED_IPS";
        log.warn("receivers.unprotected", { source: "qiscus", why });
      }
      await runner.start();
      await schedule.start();
      await statusSweep.start();
      registration?.start();
    },
    async stop(graceMs) {
      statusSweep.stop();
      deaf();
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
