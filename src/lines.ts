import type { Settings } from "./config.ts";
import { createDefaultDevice, type DefaultDevice } from "./devices/default_device.ts";
import { createDeviceService, type DeviceService } from "./devices/devices.ts";
import { createSessionFor, type SessionFor } from "./devices/session_for.ts";
import { messageOf } from "./errors.ts";
import type { DeviceId } from "./ids.ts";
import { createDeeds, type Deeds } from "./messages/deeds.ts";
import { createFetchMedia } from "./messages/fetch_media.ts";
import { createMediaCache, type MediaCache } from "./messages/media_cache.ts";
import { createOutbox, type Outbox } from "./messages/outbox.ts";
import { createOutgoingFiles, type OutgoingFiles } from "./messages/outgoing_files.ts";
import { createTakeReceipts } from "./messages/receipts.ts";
import { createSendMessage, type SendMessage } from "./messages/send.ts";
import { createSendAll, type SendAll } from "./messages/send_all.ts";
import { createSeen } from "./messages/seen.ts";
import { logOf } from "./log.ts";
import type { Publish } from "./publish.ts";
import type { Store } from "./store/store.ts";
import { VERSION } from "./version.ts";
import type { Guard } from "./webhooks/guard.ts";
import type { Sessions } from "./whatsapp/session.ts";
import type { WhatsAppSettings } from "./whatsapp/settings.ts";
import { createSupervisor, type Supervisor } from "./whatsapp/supervisor.ts";

/** Files of messages that nobody sent within a day. */
const STALE_FILE_MS = 24 * 3_600_000;
/** How long a file that came in is kept once somebody has asked for it. */
const KEEP_MEDIA_MS = 24 * 3_600_000;

/** The WhatsApp side: devices, their sessions, and what goes out through them. */
export interface Lines {
  readonly devices: DeviceService;
  /** A tenant's device `default`, for those who know one account only. */
  readonly defaultDevice: DefaultDevice;
  readonly supervisor: Supervisor;
  readonly outbox: Outbox;
  readonly sendMessage: SendMessage;
  readonly sendAll: SendAll;
  readonly files: OutgoingFiles;
  readonly media: MediaCache;
  readonly deeds: Deeds;
  readonly sessionFor: SessionFor;
  /** Brings the wanted devices back and sends what the last run left unsent. */
  start(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export function createLines({ store, settings, guard, publish, stopping, now, whatsapp = {} }: {
  readonly store: Store;
  readonly settings: Settings;
  readonly guard: Guard;
  readonly publish: Publish;
  readonly stopping?: AbortSignal;
  readonly now: () => number;
  /** How WhatsApp is reached, besides what the settings say. */
  readonly whatsapp?: WhatsAppSettings;
}): Lines {
  const trusted = { mediaCaPem: mediaCaOf(settings), ...whatsapp };
  const fetchMedia = createFetchMedia({ guard, version: VERSION });
  const files = createOutgoingFiles({
    folder: `${settings.DATA_DIR}/media/outgoing`,
    maxBytes: settings.MAX_ATTACHMENT_SIZE,
    fetchMedia,
    now,
  });
  /** Devices that are connected only to be unlinked: nothing is sent through them any more. */
  const leaving = new Set<DeviceId>();
  const sessionOf = (deviceId: DeviceId) => leaving.has(deviceId) ? undefined : supervisor.get(deviceId);
  const phoneOf = (deviceId: DeviceId) => supervisor.phone(deviceId);
  const leave = async (deviceId: DeviceId, work: () => Promise<void>) => {
    leaving.add(deviceId);
    await work().finally(() => leaving.delete(deviceId));
  };
  const outbox = createOutbox({
    messages: store.messages,
    devices: store.devices,
    publish,
    sessionOf,
    phoneOf,
    files,
    now,
  });
  const seen = settings.MARK_AS_SEEN ? createSeen({ publish, sessionOf, now }) : undefined;
  const supervisor = createSupervisor({
    sessions: lazySessions(store, settings, trusted),
    devices: store.devices,
    credentials: store.credentials,
    publish: seen?.publish ?? publish,
    receipts: createTakeReceipts({
      messages: store.messages,
      receipts: store.receipts,
      outbox,
      publish,
      isSilent: (waMessageId) => deeds.isDeed(waMessageId),
      now,
    }),
    onConnected: ({ id }) => outbox.wake(id),
    stopping,
    log: logOf("whatsapp"),
  });
  const devices = createDeviceService({
    devices: store.devices,
    lines: {
      ...supervisor,
      logout: (id) => leave(id, () => supervisor.logout(id)),
      async remove(id) {
        await outbox.abandon(id);
        await leave(id, () => supervisor.remove(id));
        await outbox.abandon(id); // what was on its way
      },
    },
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    now,
  });
  const sendMessage = createSendMessage({
    messages: store.messages,
    inbox: store.inbox,
    outbox,
    isConnected: (deviceId) => sessionOf(deviceId) !== undefined,
    phoneOf,
    files,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    now,
  });
  const sessionFor = createSessionFor(sessionOf);
  const deeds = createDeeds({
    messages: store.messages,
    inbox: store.inbox,
    sessionFor,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    now,
  });
  const media = createMediaCache({
    folder: `${settings.DATA_DIR}/media/cache`,
    ttlMs: KEEP_MEDIA_MS,
    maxBytes: settings.MAX_ATTACHMENT_SIZE,
    inbox: store.inbox,
    sessionFor,
    now,
  });
  return {
    devices,
    defaultDevice: createDefaultDevice({ devices: store.devices, service: devices }),
    supervisor,
    outbox,
    sendMessage,
    sendAll: createSendAll({ sendMessage, outbox, messages: store.messages, stopping }),
    files,
    media,
    deeds,
    sessionFor,
    async start() {
      await files.sweep(STALE_FILE_MS);
      media.start();
      await outbox.start();
      await (settings.RECOVER_SESSIONS ? supervisor.resumeWanted() : supervisor.leaveWanted());
    },
    async stop(graceMs) {
      media.stop();
      seen?.stop();
      await outbox.stop(graceMs);
      await supervisor.stopAll();
      await fetchMedia.close();
    },
  };
}

/** The authority of a simulator's media hosts, as PEM. */
function mediaCaOf({ WHATSAPP_MEDIA_CA: path }: Settings): string | undefined {
  if (path === undefined) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new Error(`Cannot read WHATSAPP_MEDIA_CA: ${messageOf(error)}`);
  }
}

/** Baileys takes a while to load and 100 MB of memory: it is loaded when the first device starts. */
function lazySessions(store: Store, settings: Settings, whatsapp: WhatsAppSettings): Sessions {
  let loaded: Promise<Sessions> | undefined;
  const load = async () => {
    const { createSessions } = await import("./whatsapp/baileys_session.ts");
    return createSessions({
      credentials: store.credentials,
      inbox: store.inbox,
      settings: { url: settings.WHATSAPP_WS_URL, rootKey: settings.WHATSAPP_ROOT_KEY, ...whatsapp },
      log: logOf("whatsapp"),
    });
  };
  return {
    async open(...args) {
      return await (await (loaded ??= load())).open(...args);
    },
  };
}
