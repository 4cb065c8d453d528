import { keepTrying } from "../async/keep_trying.ts";
import type { Clock } from "../async/clock.ts";
import { filesIn, type Settings } from "../config.ts";
import { createAlone } from "../fleet/alone.ts";
import type { DeviceCalls } from "../fleet/calls.ts";
import type { Holding } from "../fleet/fleet.ts";
import { createSharedFiles } from "../fleet/outgoing_files.ts";
import { scheduleOfAll } from "../fleet/schedule.ts";
import { createFleetOutbox, DECIDED } from "../fleet/outbox.ts";
import { createRemoteSession, performOnSession } from "../fleet/remote_session.ts";
import { createRoutedLines, performOnLine } from "../fleet/routed_lines.ts";
import { sessionStore } from "../fleet/session_store.ts";
import { createDefaultDevice, type DefaultDevice } from "../devices/default_device.ts";
import { createProxies } from "../devices/proxies.ts";
import { createDeviceService, type DeviceService, type Lines as DeviceLines } from "../devices/devices.ts";
import { createToldInbox, JOURNALED_MS, type ToldInbox } from "../devices/told_inbox.ts";
import { createOutward } from "../devices/outward.ts";
import { createSessionFor, offline, type SessionFor } from "../devices/session_for.ts";
import { NotFoundError } from "../errors.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import { createMessageActions, type MessageActions } from "../messages/actions.ts";
import { createFetchMedia } from "../media/fetch.ts";
import { createMediaCache, type MediaCache } from "../media/cache.ts";
import { createStoredMediaCache } from "../media/stored_cache.ts";
import { createStoredOutgoing } from "../media/stored_outgoing.ts";
import { MACHINE, type Platform } from "./platform.ts";
import { createOutbox, type Outbox } from "../messages/outbox.ts";
import { createOutgoingFiles, type OutgoingFiles } from "../media/outgoing.ts";
import { createTakeReceipts } from "../messages/receipts.ts";
import { createMessageSearch, type MessageSearch } from "../messages/search.ts";
import { createPausedMessages, type PausedMessages } from "../messages/paused.ts";
import { createMessageSchedule, type MessageSchedule } from "../messages/schedule.ts";
import { nameChoices } from "../messages/menu_answers.ts";
import { createSendMessage } from "../messages/send.ts";
import type { SendMessage } from "../messages/request.ts";
import { createSendAll, type SendAll } from "../messages/send_all.ts";
import { createHistoryAsking, type HistoryAsking } from "../history/requests.ts";
import { createAutoRead } from "../messages/auto_read.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { ChatReads } from "../store/chat_reads.ts";
import type { Device } from "../store/devices.ts";
import type { Store } from "../store/store.ts";
import { VERSION } from "../version.ts";
import type { Guard } from "../net/guard.ts";
import { type AddressBook, createAddressBook } from "../devices/address_book.ts";
import type { ReadInbox, ReadRaw } from "../whatsapp/read_inbox.ts";
import type { WhatsAppSettings } from "../whatsapp/settings.ts";
import { lazyReadInbox, lazySessions, mediaCaOf, readRaw, wireRecordOf } from "./lazy_whatsapp.ts";
import { createSupervisor, type Supervisor } from "../devices/supervisor.ts";

/** Files of messages that nobody sent within a day. */
const STALE_FILE_MS = 24 * 3_600_000;
/** How long a file that came in is kept once somebody has asked for it. */
const KEEP_MEDIA_MS = 24 * 3_600_000;
/** Asks the gateway that holds a device to put a file of a message into the store, and how long that may take. */
const BRING_MEDIA = "media.bring";
const BRING_MEDIA_MS = 10 * 60_000;

/** Events of the past wait so long at a time, and so often, for the tenant's endpoints to have nothing to do. */
const PAST_WAIT_MS = 250;
const PAST_WAITS = 20;
/** What the holder of a device is told when its phone is to be asked for older messages. */
const LOOK_FOR_HISTORY = "history.look";
/** Asks the gateway that holds a device to have in the inbox what it has told. */
const JOURNALED = "inbox.journaled";

/** The WhatsApp side: devices, their sessions, and what goes out through them. */
export interface Lines {
  readonly devices: DeviceService;
  /** A tenant's device `default`, for those who know one account only. */
  readonly defaultDevice: DefaultDevice;
  readonly supervisor: Supervisor;
  /** What devices show to be scanned, wherever they are held. */
  readonly shown: Pick<DeviceLines, "qr">;
  readonly outbox: Outbox;
  readonly sendMessage: SendMessage;
  readonly schedule: MessageSchedule;
  readonly sendAll: SendAll;
  readonly files: OutgoingFiles;
  readonly media: MediaCache;
  readonly messageActions: MessageActions;
  readonly sessionFor: SessionFor;
  /** The inbox with every message that was told so far. */
  readonly inbox: ToldInbox;
  /** How far chats are read. */
  readonly chatReads: Pick<ChatReads, "unread">;
  readonly readInbox: ReadInbox;
  readonly search: MessageSearch;
  /** Older messages than those that are known, from phones. */
  readonly historyAsking: Pick<HistoryAsking, "ask" | "cancel">;
  readonly readRaw: ReadRaw;
  readonly addresses: AddressBook;
  /** What was paused while a tenant was suspended. */
  readonly paused: Pick<PausedMessages, "resume">;
  /** A tenant was suspended: what it has waiting is paused. */
  suspended(tenantId: TenantId): Promise<void>;
  /** A suspended tenant was let in again: what comes from now on leaves. */
  activated(tenantId: TenantId): Promise<void>;
  /** Brings the wanted devices back and sends what the last run left unsent. */
  start(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

/** Several gateways on one store: where devices are held, and how their holders are asked. */
export interface LinesInFleet {
  readonly holding: Holding;
  readonly calls: DeviceCalls;
  /** Stores an event of a device that is held here, under its lease. */
  readonly publishHeld: Publish;
}

export function createLines({
  store,
  settings,
  platform = MACHINE,
  guard,
  publish,
  isSuspended,
  isBusy = () => false,
  fleet,
  onHeld = () => {},
  stopping,
  clock,
  whatsapp = {},
}: {
  readonly store: Store;
  readonly settings: Settings;
  readonly guard: Guard;
  readonly publish: Publish;
  /** Nothing leaves through a suspended tenant's devices. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** Whether a tenant's endpoints have deliveries to wait for. */
  readonly isBusy?: (tenantId: TenantId) => boolean;
  /** Left out: a machine. */
  readonly platform?: Pick<Platform, "keepsFiles">;
  /** Left out: this gateway has the store to itself. */
  readonly fleet?: LinesInFleet;
  /** A device has come to be held here, by the fleet's choice. */
  readonly onHeld?: (deviceId: DeviceId) => void;
  readonly stopping?: AbortSignal;
  readonly clock: Clock;
  /** How WhatsApp is reached, besides what the settings say. */
  readonly whatsapp?: WhatsAppSettings;
}): Lines {
  const { now } = clock;
  const holding = fleet?.holding ?? createAlone(store);
  const held = fleet === undefined ? store : sessionStore(store, holding);
  const publishHeld = fleet?.publishHeld ?? publish;
  /** What the outbox tells of a device is told under its lease, where there is one. */
  const publishOfOutbox: Publish = (draft) =>
    draft.device !== null && holding.isHere(draft.device.id) ? publishHeld(draft) : publish(draft);
  const messagesOf = fleet === undefined
    ? undefined
    : (id: DeviceId) => holding.isHere(id) ? holding.storeOf(id).messages : undefined;
  const closing = new AbortController();
  const trusted = {
    mediaCaPem: mediaCaOf(settings),
    wireRecord: wireRecordOf(settings),
    historyDays: settings.HISTORY_EVENTS,
    ...whatsapp,
  };
  const fetchMedia = createFetchMedia({ guard, version: VERSION });
  const isFilesInStore = fleet !== undefined && filesIn(settings) === "database";
  const bringing = { maxBytes: settings.MAX_ATTACHMENT_SIZE, fetchMedia, now };
  const ownFiles = platform.keepsFiles
    ? createOutgoingFiles({ folder: `${settings.DATA_DIR}/media/outgoing`, ...bringing })
    : createStoredOutgoing({ files: store.files, ...bringing });
  const files = isFilesInStore && platform.keepsFiles
    ? createSharedFiles({ local: ownFiles, shared: store.files, now })
    : ownFiles;
  /** Tenants that are being let in: nothing leaves before what had been waiting is paused. */
  const entering = new Set<TenantId>();
  const outward = createOutward({
    supervisor: {
      get: (id) => supervisor.get(id),
      tenantOf: (id) => supervisor.tenantOf(id),
      logout: (id) => supervisor.logout(id),
      remove: (id) => supervisor.remove(id),
    },
    isSuspended: (tenantId) => isSuspended(tenantId) || entering.has(tenantId),
    abandon: (id) => outbox.abandon(id),
  });
  const { sessionOf } = outward;
  const phoneOf = (deviceId: DeviceId) => supervisor.phone(deviceId);
  const isConnectedElsewhere = (device: Device) =>
    fleet !== undefined && device.status === "connected" && !holding.isHere(device.id) &&
    !isSuspended(device.tenantId);
  const addresses = createAddressBook({ credentials: store.credentials, now });
  const readInbox = lazyReadInbox(addresses);
  const ownOutbox = createOutbox({
    addresses,
    messages: store.messages,
    messagesOf,
    onDecided: (id) => {
      if (fleet !== undefined) store.news.tell(DECIDED, id);
    },
    devices: store.devices,
    publish: publishOfOutbox,
    sessionOf,
    phoneOf,
    files,
    clock,
  });
  const outbox = fleet === undefined
    ? ownOutbox
    : createFleetOutbox({ outbox: ownOutbox, messages: store.messages, news: store.news, holding, clock });
  const seen = settings.MARK_AS_SEEN ? createAutoRead({ publish: publishHeld, sessionOf, clock }) : undefined;
  const proxies = createProxies({ ...store, guard, now });
  const supervisor = createSupervisor({
    sessions: proxies.through(lazySessions({ store: held, settings, clock }, trusted)),
    devices: {
      ...held.devices,
      async update(id, change, at) {
        const device = await held.devices.update(id, change, at);
        if (change.wanted !== undefined) await holding.want(id, change.wanted);
        return device;
      },
      async remove(id) {
        const removed = await held.devices.remove(id);
        await holding.forget(id);
        return removed;
      },
    },
    credentials: held.credentials,
    publish: nameChoices({ publish: seen?.publish ?? publishHeld, messages: store.messages }),
    receipts: createTakeReceipts({
      addresses,
      messages: store.messages,
      receipts: store.receipts,
      storeOf: fleet === undefined ? undefined : holding.storeOf,
      outbox,
      publish: publishHeld,
      isSilent: (waMessageId) => messageActions.isAction(waMessageId),
      now,
    }),
    chatsRead: ({ id }, reads) => holding.storeOf(id).chatReads.note(id, reads),
    pastCame: (device, answer) => historyAsking.answered(device.id, answer),
    async roomForPast({ tenantId }) {
      for (let waits = 0; isBusy(tenantId) && waits < PAST_WAITS && !closing.signal.aborted; waits++) {
        await clock.wait(PAST_WAIT_MS, closing.signal);
      }
    },
    onConnected({ id }) {
      outbox.wake(id);
      historyAsking.look(id);
    },
    stopping,
    log: logOf("whatsapp"),
    clock,
  });
  const inbox = createToldInbox({
    inbox: store.inbox,
    journaled: (id) => supervisor.journaled(id),
    journaledElsewhere: fleet && (async (id) => {
      const device = await store.devices.get(id);
      if (device?.kind !== "whatsapp" || !isConnectedElsewhere(device)) return;
      await fleet.calls.ask(id, JOURNALED, [], { answerWithinMs: JOURNALED_MS });
    }),
    clock,
  });
  const ownLines: DeviceLines = {
    ...supervisor,
    ...outward,
    qr: (id) => Promise.resolve(supervisor.qr(id)),
  };
  const routed = fleet === undefined ? ownLines : createRoutedLines(ownLines, holding, fleet.calls.ask);
  const devices = createDeviceService({
    devices: store.devices,
    shortLived: store.shortLived,
    lines: routed,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    proxies,
    paced: outbox.paced,
    now,
  });
  const ownSchedule = createMessageSchedule({ messages: store.messages, outbox, isSuspended, files, clock });
  const schedule = fleet === undefined ? ownSchedule : scheduleOfAll(ownSchedule, { ...store, clock });
  const paused = createPausedMessages({
    ...store,
    outbox: { add: outbox.add, withdraw: ownOutbox.withdraw },
    clock,
  });
  const sendMessage = createSendMessage({
    addresses,
    messages: store.messages,
    inbox,
    readInbox,
    outbox,
    schedule,
    isConnected: (device) => sessionOf(device.id) !== undefined || isConnectedElsewhere(device),
    isElsewhere: (deviceId) => !holding.isHere(deviceId),
    phoneOf,
    files,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    now,
  });
  const search = createMessageSearch({
    texts: store.messageTexts,
    devices: store.devices,
    readInbox,
    wait: clock.wait,
  });
  const historyAsking = createHistoryAsking({
    requests: store.historyRequests,
    inbox: store.inbox,
    readInbox,
    devices: store.devices,
    sessionOf,
    async tellHolder(id) {
      if (fleet === undefined || holding.isHere(id)) historyAsking.look(id);
      else await fleet.calls.ask(id, LOOK_FOR_HISTORY, []);
    },
    clock,
  });
  const sessionFor = createSessionFor((device) =>
    sessionOf(device.id) ??
      (fleet !== undefined && isConnectedElsewhere(device)
        ? createRemoteSession(device.id, { ask: fleet.calls.ask, files: store.files })
        : undefined)
  );
  const messageActions = createMessageActions({
    messages: store.messages,
    inbox,
    addresses,
    sessionFor,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    now,
  });
  const cacheFolder = `${settings.DATA_DIR}/media/cache`;
  const caching = {
    ttlMs: KEEP_MEDIA_MS,
    maxBytes: settings.MAX_ATTACHMENT_SIZE,
    inbox,
    readInbox,
    clock,
  };
  if (isFilesInStore && platform.keepsFiles) Deno.mkdirSync(cacheFolder, { recursive: true, mode: 0o700 });
  const media = !isFilesInStore
    ? createMediaCache({ folder: cacheFolder, sessionFor, ...caching })
    : createStoredMediaCache({
      files: store.files,
      fetcherOf(device) {
        const session = sessionFor(device);
        return holding.isHere(device.id) ? { session, folder: cacheFolder } : undefined;
      },
      async bring(deviceId, mediaId) {
        await fleet.calls.ask(deviceId, BRING_MEDIA, [mediaId], { answerWithinMs: BRING_MEDIA_MS });
      },
      ...caching,
    });
  /** What another gateway asks of a device that is held here. */
  async function perform(deviceId: DeviceId, kind: string, args: readonly unknown[]): Promise<unknown> {
    const known = async () => {
      const device = await store.devices.get(deviceId);
      if (device === undefined) throw new NotFoundError("device", deviceId);
      return device;
    };
    if (kind === BRING_MEDIA) {
      await media.get(await known(), String(args[0]));
      return null;
    }
    const session = async () => {
      const device = await known();
      const own = sessionOf(deviceId);
      if (own === undefined) throw offline(device);
      return own;
    };
    if (kind === JOURNALED) {
      await supervisor.journaled(deviceId);
      return null;
    }
    if (kind === LOOK_FOR_HISTORY) return historyAsking.look(deviceId);
    const done = performOnLine(ownLines, deviceId, kind, args) ??
      performOnSession(kind, args, { session, files: store.files, folder: settings.DATA_DIR, now });
    if (done === undefined) throw new TypeError(`Cannot do "${kind}": this version does not know it`);
    return await done;
  }

  return {
    devices,
    shown: routed,
    defaultDevice: createDefaultDevice({ devices: store.devices, service: devices }),
    supervisor,
    outbox,
    sendMessage,
    schedule,
    sendAll: createSendAll({ sendMessage, outbox, messages: store.messages, isSuspended, stopping, clock }),
    files,
    media,
    messageActions,
    sessionFor,
    inbox,
    chatReads: store.chatReads,
    readInbox,
    search,
    historyAsking,
    readRaw,
    addresses,
    paused,
    suspended: paused.pause,
    async activated(tenantId) {
      entering.add(tenantId);
      const trying = { signal: closing.signal, clock, random: Math.random, log: logOf("messages") };
      await keepTrying("pause messages", () => paused.pause(tenantId), trying);
      entering.delete(tenantId);
      for (const { id } of await store.devices.list({ tenantId, kind: "whatsapp" })) outbox.wake(id);
    },
    async start() {
      await files.sweep(STALE_FILE_MS, (mediaId) => store.messages.isAwaited(mediaId));
      media.start();
      await outbox.start();
      await schedule.start();
      if (fleet === undefined) {
        await (settings.RECOVER_SESSIONS ? supervisor.resumeWanted() : supervisor.leaveWanted());
        return;
      }
      await holding.start({
        async begin(deviceId) {
          await supervisor.start(deviceId);
          outbox.look(deviceId);
          onHeld(deviceId);
        },
        release: (deviceId) => supervisor.release(deviceId),
        cut(deviceId) {
          supervisor.cut(deviceId);
          outbox.wake(deviceId); // nothing of it is kept in memory any more
        },
      });
      fleet.calls.start(perform);
    },
    async stop(graceMs) {
      closing.abort();
      media.stop();
      await search.stop();
      seen?.stop();
      await historyAsking.stop();
      schedule.stop();
      await outbox.stop(graceMs);
      await fleet?.calls.stop(graceMs);
      await holding.stop();
      await supervisor.stopAll();
      await fetchMedia.close();
    },
  };
}
