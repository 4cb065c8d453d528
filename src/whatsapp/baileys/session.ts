import makeWASocket, { type WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import type { DeviceId } from "../../ids.ts";
import type { Logger } from "../../log.ts";
import type { Credentials } from "../../store/credentials.ts";
import type { History } from "../../store/history.ts";
import type { Inbox } from "../../store/inbox.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import { type ConnectionLife, followConnection } from "./connection_life.ts";
import { PASSKEY_REQUIRED, proxyFailed, REMOVED, sessionEndOf, STALLED, STOPPED } from "../disconnects.ts";
import { deriveKeysAtOnce } from "../../libsignal/derived_keys.ts";
import { undoFailedDecryptions } from "../../libsignal/failed_decryption.ts";
import { createGroupCache, rightsIn } from "./group_cache.ts";
import { fromInboxMessage } from "./inbox_message.ts";
import type { Trying } from "../../async/keep_trying.ts";
import { createKnownMessages } from "./known_messages.ts";
import { withTransactions } from "./key_transactions.ts";
import { createLearning, membersOf } from "./learning.ts";
import { isPairedAsMigrated } from "./lid_migration.ts";
import { silenceLibsignal } from "../../libsignal/silence.ts";
import { signInProcess } from "../../libsignal/macs.ts";
import { snapshotSessions } from "../../libsignal/session_snapshots.ts";
import { cutLine, webSocketOf } from "./liveness.ts";
import { MEDIA_HOSTS } from "./media_download.ts";
import { createUpload } from "./media_upload.ts";
import { gateOutput } from "./output_gate.ts";
import { PairingRefusedError } from "../pairing_refused.ts";
import { requestPairingCode } from "./pairing_code.ts";
import { createProxyAgent, heedProxiedFetches, ProxiedFetches } from "./proxied.ts";
import { createRegistration } from "./registration.ts";
import { createReports } from "./reports.ts";
import { createRetries } from "./retries.ts";
import { createSending } from "./sending.ts";
import type { OpenOptions, Session, SessionDraft, SessionEnd, SessionEvents, Sessions } from "../session.ts";
import { settledInbox } from "./settled_inbox.ts";
import { createActions } from "./session_actions.ts";
import { openSessionMemory } from "./session_memory.ts";
import {
  CODE_QR_MS,
  CONNECT_TIMEOUT_MS,
  CONTENT_MS,
  DEFAULT_URL,
  type WhatsAppSettings,
} from "../settings.ts";
import { checkSignatures } from "./signatures.ts";
import { separateSignalQueues } from "./signal_queues.ts";
import { handOutSpareKeys, makeSpareKeys } from "./spare_keys.ts";
import { readHistoryPage } from "./history_file.ts";
import { skimHistory } from "./history_skimming.ts";
import { leaveUnheard } from "./unheard_events.ts";
import { socketConfig } from "./socket_config.ts";
import type { BinaryNode } from "./stanza.ts";
import { createSurroundings } from "./surroundings.ts";
import type { TargetsDeps } from "./targets.ts";
import { createWireRecord, type WireRecord } from "./wire_record.ts";
import { within } from "../../async/within.ts";

export interface SessionsDeps {
  readonly credentials: Credentials;
  readonly inbox: Inbox;
  readonly history: History;
  readonly settings: WhatsAppSettings;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** How long an ended session may take to hand over what it still holds; the rest is in the journal. */
const DRAIN_MS = 3_000;
/** How long the store may take for a write that it has begun. */
const WRITE_MS = 10_000;
/** How long a logout may take to reach WhatsApp. */
const LOGOUT_MS = 5_000;

/** Sessions on Baileys, with their identities and messages in the store. */
export function createSessions(deps: SessionsDeps): Sessions {
  silenceLibsignal();
  undoFailedDecryptions();
  deriveKeysAtOnce();
  signInProcess();
  snapshotSessions();
  separateSignalQueues();
  handOutSpareKeys();
  skimHistory();
  heedProxiedFetches();
  checkSignatures(deps.settings.rootKey);
  const recordOf = createRecords(deps);
  return { open: (deviceId, events, options = {}) => open(deviceId, events, options, deps, recordOf) };
}

type RecordOf = (deviceId: DeviceId) => WireRecord | undefined;

/** A device has one record for as long as the process runs, whatever connections it has. */
function createRecords({ settings, log, clock = systemClock }: SessionsDeps): RecordOf {
  const { wireRecord } = settings;
  if (wireRecord === undefined) return () => undefined;
  const records = new Map<DeviceId, WireRecord>();
  return (deviceId) => {
    const known = records.get(deviceId) ?? createWireRecord({ deviceId, settings: wireRecord, clock, log });
    records.set(deviceId, known);
    return known;
  };
}

async function open(
  deviceId: DeviceId,
  events: SessionEvents,
  { plainName = false, proxy }: OpenOptions,
  { credentials, inbox, history, settings: given, log, clock = systemClock, random = Math.random }:
    SessionsDeps,
  recordOf: RecordOf,
): Promise<Session> {
  const settings = plainName ? { ...given, qrTimeoutMs: given.qrTimeoutMs ?? CODE_QR_MS } : given;
  const ending = new AbortController(); // the connection is over: nothing more is sent or asked
  const over = new AbortController(); // what it left is handed over too, or left in the journal
  let finishing: Promise<void> | undefined;
  const trying: Trying = { signal: over.signal, clock, random, log };
  const report = (drafts: readonly SessionDraft[]) => reports.report(drafts);
  const onGone = () => void finish(REMOVED);
  const contentMs = settings.contentTimeoutMs ?? CONTENT_MS;
  const rights: TargetsDeps["rightsIn"] = (jid, person) => rightsIn(groups.get(jid), person, clock);
  const memory = await openSessionMemory({
    deviceId,
    credentials,
    inbox,
    history,
    events,
    trying,
    onGone,
    report,
    rightsIn: rights,
    contentMs,
    historyDays: settings.historyDays,
    learn: (people) => learn(people),
    readPage: (notification) =>
      readHistoryPage(notification, {
        caPem: settings.mediaCaPem,
        proxy,
        signal: over.signal,
        host: mediaHost,
      }),
  });
  const { auth, ledger, directory, arrivals, journal, me } = memory;
  if (auth.creds.me === undefined) void makeSpareKeys();

  const learn = createLearning(() => socket, directory);
  const groups = createGroupCache(async (jid) => {
    const metadata = await socket.groupMetadata(jid);
    await learn(membersOf(metadata));
    return metadata;
  }, clock);
  const record = recordOf(deviceId);
  /** Baileys makes it before anything else has used its keys. */
  const makeSignalRepository: typeof journal.makeSignalRepository = (own, ...rest) => {
    Object.assign(own.keys, withTransactions(auth.keys));
    return journal.makeSignalRepository(own, ...rest);
  };
  const fetches = proxy === undefined ? undefined : new ProxiedFetches({ proxy, caPem: settings.mediaCaPem });
  const agent = proxy === undefined ? undefined : createProxyAgent(settings.url ?? DEFAULT_URL, {
    proxy,
    timeoutMs: (settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS) / 2,
    clock,
    onFailed: (why) => void finish(proxyFailed(why)),
  });
  const socket: WASocket = makeWASocket(socketConfig({
    agent,
    fetches,
    deviceId,
    settings,
    auth,
    makeSignalRepository: record?.over(makeSignalRepository) ?? makeSignalRepository,
    plainName,
    log,
    onChatSetting: (setting) => void reports.changed(setting).catch(() => {}), // the session is over
    groupMetadata: groups.get,
    async getMessage({ id }) {
      const row = id ? await inbox.get(deviceId, id) : undefined;
      return row?.fromMe ? fromInboxMessage(row).message ?? undefined : undefined;
    },
  }));
  record?.watch(socket, () => auth.creds.me);
  leaveUnheard(socket);
  const webSocket = webSocketOf(socket);
  gateOutput(webSocket, ledger.durable);
  // before other listeners: it puts itself before those of Baileys
  const reports = createReports({
    deviceId,
    socket,
    events,
    journaled: ledger.durable,
    directory,
    learn,
    me,
    trying,
    see: journal.see,
    replayed: memory.replayed,
    file: memory.file,
    resend: createRetries({ deviceId, socket, inbox, directory, me, log }),
    onGroupChange: groups.forget,
    onPasskey: () => void finish(PASSKEY_REQUIRED),
    registration: createRegistration({ socket, auth, onNewSecret: () => life.showQrAgain() }),
  });
  socket.ev.on("creds.update", auth.save);
  socket.ws.on("CB:iq,,pair-success", (answer: BinaryNode) => {
    if (isPairedAsMigrated(answer)) memory.lidMigration.note();
  });
  const life: ConnectionLife = followConnection({
    deviceId,
    socket,
    memory,
    askPhone: (key) => socket.requestPlaceholderResend(key),
    events,
    settings,
    finish: (end) => finish(end),
    ending: ending.signal,
    log,
    clock,
  });

  const { mediaCaPem } = settings;
  const settled = settledInbox(inbox, ledger.durable);
  const line = { deviceId, socket, inbox: settled, connected: life.isConnected, ended: ending.signal, clock };
  const upload = mediaCaPem === undefined && proxy === undefined
    ? socket.waUploadToServer
    : createUpload(socket, { caPem: mediaCaPem, proxy });
  const known = createKnownMessages({ deviceId, inbox: settled, directory });
  const sending = createSending({
    ...line,
    known,
    keep(row) {
      ledger.keep(row);
      record?.sent(row, () => auth.creds.me);
    },
    directory,
    surround: createSurroundings({ directory, timers: memory.timers, groupMetadata: groups.get }),
    lidMigration: memory.lidMigration,
    me,
    upload,
    onGroupChange: groups.forget,
    onLateAnswer: reports.receipt,
    onStuck() {
      log.error("session.stuck", { deviceId });
      void finish(STALLED);
    },
  });
  // a simulator has its files elsewhere
  const mediaHosts = settings.url === undefined ? MEDIA_HOSTS : null;
  async function mediaHost(): Promise<string> {
    return mediaHosts?.[0] ?? (await socket.refreshMediaConn()).hosts[0].hostname;
  }
  memory.replayed.then(memory.takeUpPast, () => {}); // the session is over before it began
  const actions = createActions({
    ...line,
    known,
    onMarked: reports.marked,
    mediaHosts,
    mediaCaPem,
    proxy,
    callerOf: reports.callerOf,
  });

  function finish(end: SessionEnd): Promise<void> {
    return finishing ??= windUp(end);
  }

  async function windUp(end: SessionEnd): Promise<void> {
    ending.abort();
    void cutLine(socket, webSocket, clock);
    await within(DRAIN_MS, Promise.allSettled([arrivals.idle(), reports.idle(), ledger.durable()]), clock);
    over.abort();
    await within(WRITE_MS, memory.pastIdle(), clock);
    fetches?.close();
    await record?.written();
    // a write that is under way must not come after the next session has read the keys
    await within(WRITE_MS, ledger.close(), clock);
    const closed = new Error("Cannot take anything more: the session has ended");
    arrivals.close(closed);
    reports.close(closed);
    if (end.reason === "logout") await forget();
    events.ended(end);
  }

  /** The phone has unlinked the device: its keys are of no use any more. */
  async function forget(): Promise<void> {
    await credentials.clear(deviceId).catch((error: unknown) =>
      log.warn("session.forget_failed", { deviceId, error: messageOf(error) })
    );
  }

  /**
   * Takes this device from the phone's list, and waits for the answer: Baileys' own logout ends the connection before
   * its request has left, when what came before it is still on its way to the disk.
   */
  async function unlink(): Promise<void> {
    const attrs = { to: "s.whatsapp.net", type: "set", xmlns: "md", id: socket.generateMessageTag() };
    const removal = { jid: auth.creds.me?.id ?? "", reason: "user_initiated" };
    const content = [{ tag: "remove-companion-device", attrs: removal }];
    await socket.query({ tag: "iq", attrs, content }).catch((error: unknown) =>
      log.info("session.unlink_unanswered", { deviceId, error: messageOf(error) }) // it may end the connection instead
    );
  }

  return {
    ...actions,
    deviceId,
    async pairingCode(phone) {
      if (auth.paired) { // asking would overwrite who the device is
        throw new PairingRefusedError(`Cannot pair "${deviceId}" by a code: a phone has linked it already`);
      }
      const timeoutMs = settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
      const late = clock.wait(timeoutMs, ending.signal).then(() => false);
      if (!await Promise.race([life.qrShown.then(() => true), late])) {
        throw new PairingRefusedError(`Cannot get a pairing code for ${phone}: WhatsApp cannot be reached`);
      }
      return await requestPairingCode(socket, phone, timeoutMs, clock);
    },
    send: (message, { timeoutMs }) => sending.send(message, timeoutMs),
    journaled: async () => await ledger.durable(),
    async logout() {
      // if WhatsApp cannot be told, the phone shows the device until it has not been seen for long
      if (life.isConnected()) await within(LOGOUT_MS, unlink(), clock);
      await finish(sessionEndOf({ code: 401, paired: true }));
    },
    stop: () => finish(STOPPED),
  };
}
