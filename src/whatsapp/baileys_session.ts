import makeWASocket, { type ConnectionState, type WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import type { Logger } from "../log.ts";
import type { Credentials } from "../store/credentials.ts";
import type { Inbox } from "../store/inbox.ts";
import { createAcquaintances, type Mapping } from "./acquaintances.ts";
import { createArrivals } from "./arrivals.ts";
import { openAuthState } from "./auth_state.ts";
import { codeOf } from "./baileys_errors.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createDirectory } from "./directory.ts";
import { PASSKEY_REQUIRED, REMOVED, sessionEndOf, STOPPED, upgradeRefused } from "./disconnects.ts";
import { createGroupCache } from "./group_cache.ts";
import { fromInboxMessage } from "./inbox_message.ts";
import { plainJid } from "./jid.ts";
import { createJournal } from "./journal.ts";
import type { Trying } from "./keep_trying.ts";
import { silenceLibsignal } from "./libsignal_silence.ts";
import { createLedger } from "./ledger.ts";
import { createLearning, membersOf } from "./learning.ts";
import { cutLine, watchLine, webSocketOf } from "./liveness.ts";
import { MEDIA_HOSTS } from "./media_download.ts";
import { createTrustingUpload } from "./media_upload.ts";
import { chatOf, type Me } from "./normalise/people.ts";
import { gateOutput } from "./output_gate.ts";
import { requestPairingCode } from "./pairing_code.ts";
import { createReports } from "./reports.ts";
import { createSending } from "./sending.ts";
import { createActions } from "./session_actions.ts";
import type { OpenOptions, Session, SessionEnd, SessionEvents, Sessions } from "./session.ts";
import {
  CONNECT_TIMEOUT_MS,
  FIRST_QR_MS,
  KEEP_ALIVE_MS,
  NEXT_QR_MS,
  PONG_MS,
  type WhatsAppSettings,
} from "./settings.ts";
import { checkSignatures } from "./signatures.ts";
import { socketConfig } from "./socket_config.ts";

export interface SessionsDeps {
  readonly credentials: Credentials;
  readonly inbox: Inbox;
  readonly settings: WhatsAppSettings;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** How long an ended session may take to hand over what it still holds; the rest is in the journal. */
const DRAIN_MS = 3_000;
/** How long the store may take for a write that it has begun. */
const WRITE_MS = 10_000;
/** With more messages than this on their way to disk, the session takes no more from WhatsApp. */
const MOST_UNWRITTEN = 500;
/** How long a logout may take to reach WhatsApp. */
const LOGOUT_MS = 5_000;

/** Sessions on Baileys, with their identities and messages in the store. */
export function createSessions(deps: SessionsDeps): Sessions {
  silenceLibsignal();
  checkSignatures(deps.settings.rootKey);
  return { open: (deviceId, events, options = {}) => open(deviceId, events, options, deps) };
}

async function open(
  deviceId: DeviceId,
  events: SessionEvents,
  { plainName = false }: OpenOptions,
  { credentials, inbox, settings, log, clock = systemClock, random = Math.random }: SessionsDeps,
): Promise<Session> {
  const connectTimeoutMs = settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const ending = new AbortController(); // the connection is over: nothing more is sent or asked
  const over = new AbortController(); // what it left is handed over too, or left in the journal
  const trying: Trying = { signal: over.signal, clock, random, log };

  const acquaintances = createAcquaintances(deviceId, credentials);
  const ledger = createLedger({ deviceId, credentials, inbox, trying, onGone: () => void finish(REMOVED) });
  const auth = await openAuthState(deviceId, credentials, ledger, (mappings) => {
    unveil(mappings).catch((error) =>
      log.warn("session.not_unveiled", { deviceId, error: messageOf(error) })
    );
  });
  const directory = createDirectory(auth.keys);
  const me = (): Me => {
    const { id = "", lid } = auth.creds.me ?? {};
    return { pn: plainJid(id), lid: lid ? plainJid(lid) : null };
  };
  const arrivals = createArrivals({
    deviceId,
    inbox,
    events,
    journaled: ledger.durable,
    directory,
    acquaintances,
    me,
    trying,
  });
  const journal = createJournal({
    prepare: arrivals.prepare,
    write: ledger.journal,
    async arrived(arrival, row) {
      await arrivals.accept(arrival, row);
      if (ledger.waiting > MOST_UNWRITTEN) await ledger.durable();
    },
    me: () => auth.creds.me,
  });
  const getMessage = async ({ id }: { readonly id?: string | null }) => {
    const row = id ? await inbox.get(deviceId, id) : undefined;
    return row?.fromMe ? fromInboxMessage(row).message ?? undefined : undefined;
  };
  const learn = createLearning(() => socket, directory);
  const groups = createGroupCache(async (jid) => {
    const metadata = await socket.groupMetadata(jid);
    await learn(membersOf(metadata));
    return metadata;
  }, clock);
  const socket: WASocket = makeWASocket(socketConfig({
    deviceId,
    settings,
    auth,
    journal,
    plainName,
    log,
    getMessage,
    groupMetadata: groups.get,
  }));
  const { ws, ev } = socket;
  const webSocket = webSocketOf(socket);
  gateOutput(webSocket, ledger.durable);
  const reports = createReports({
    deviceId,
    socket,
    events,
    directory,
    learn,
    me,
    trying,
    see: journal.see,
    onGroupChange: groups.forget,
    onPasskey: () => void finish(PASSKEY_REQUIRED),
  });
  let connected = false;
  let qrs = 0;
  const isConnected = () => connected && !ending.signal.aborted;
  const line = { deviceId, socket, inbox, connected: isConnected, ended: ending.signal, clock };
  const { mediaCaPem } = settings;
  const upload = mediaCaPem === undefined
    ? socket.waUploadToServer
    : createTrustingUpload(socket, mediaCaPem);
  const sending = createSending({ ...line, keep: ledger.keep, directory, me, upload });
  // a simulator has its files elsewhere
  const mediaHosts = settings.url === undefined ? MEDIA_HOSTS : null;
  const actions = createActions({ ...line, mediaHosts, mediaCaPem });

  /** People who were known by LID alone, and have a phone number now. */
  async function unveil(mappings: readonly Mapping[]): Promise<void> {
    const drafts = await acquaintances.unveil(mappings);
    if (drafts.length === 0) return;
    await reports.report(drafts);
    await acquaintances.resolved(mappings.map(({ lid }) => lid));
  }

  let finishing: Promise<void> | undefined;
  function finish(end: SessionEnd): Promise<void> {
    return finishing ??= windUp(end);
  }

  async function windUp(end: SessionEnd): Promise<void> {
    ending.abort();
    void cutLine(socket, webSocket, clock);
    const drained = Promise.allSettled([arrivals.idle(), reports.idle(), ledger.durable()]);
    await Promise.race([drained, clock.wait(DRAIN_MS)]);
    over.abort();
    // a write that is under way must not come after the next session has read the keys
    await Promise.race([ledger.close(), clock.wait(WRITE_MS)]);
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

  async function online(): Promise<void> {
    await arrivals.replay();
    if (ending.signal.aborted) return;
    connected = true;
    const { name } = auth.creds.me ?? {};
    const { pn: jid, lid } = me();
    events.connected({ jid, lid, pushName: name && name !== "~" ? name : null });
  }

  function onUpdate({ connection, qr, isNewLogin, lastDisconnect }: Partial<ConnectionState>): void {
    if (qr !== undefined) {
      const shownMs = settings.qrTimeoutMs ?? (qrs === 0 ? FIRST_QR_MS : NEXT_QR_MS);
      qrs++;
      firstQr();
      events.qr(qr, clock.now() + shownMs);
    }
    if (isNewLogin) events.paired();
    if (connection === "connecting") events.connecting();
    if (connection === "open") {
      online().catch((error) => log.warn("session.replay_failed", { deviceId, error: messageOf(error) }));
    }
    if (connection === "close") {
      const error: unknown = lastDisconnect?.error;
      const paired = auth.creds.account !== undefined;
      void finish(sessionEndOf({ code: codeOf(error), text: error ? messageOf(error) : undefined, paired }));
    }
  }

  let firstQr = () => {};
  const qrShown = new Promise<void>((resolve) => firstQr = resolve);

  ev.on("creds.update", auth.save);
  ev.on("connection.update", onUpdate);
  ev.on("messages.upsert", ({ messages, requestId }) => {
    // the phone hands over what this device could not get from the server
    if (requestId === undefined) return;
    for (const info of messages) {
      arrivals.take({ info, offline: false }).catch((error) =>
        log.warn("session.resend_lost", { deviceId, error: messageOf(error) })
      );
    }
  });
  ws.on("CB:success", () => events.authenticated());
  ws.on("CB:ack,class:message", (stanza) => {
    const late = sending.ack(stanza);
    if (late === undefined) return;
    const { waMessageId, to, outcome } = late;
    const chat = chatOf(to, () => undefined);
    const receipt = outcome.ok
      ? { waMessageId, chat, status: "sent" as const, at: outcome.acceptedAt }
      : { waMessageId, chat, status: "failed" as const, at: clock.now(), reason: outcome };
    reports.receipt(receipt).catch(() => {});
  });
  ws.on("unexpected-response", (_request: unknown, response: { readonly statusCode: number }) => {
    void finish(upgradeRefused(response.statusCode));
  });
  const lost = () => finish(sessionEndOf({ code: 408, paired: true }));
  void watchLine({
    socket,
    clock,
    connectMs: connectTimeoutMs,
    silenceMs: (settings.keepAliveMs ?? KEEP_ALIVE_MS) + PONG_MS,
    onSilent: lost,
    ending: ending.signal,
  });
  if (auth.paired) {
    void clock.wait(connectTimeoutMs * 3, ending.signal).then(() => connected ? undefined : lost());
  }

  return {
    ...actions,
    deviceId,
    async pairingCode(phone) {
      await Promise.race([qrShown, clock.wait(connectTimeoutMs, ending.signal)]);
      return await requestPairingCode(socket, phone, connectTimeoutMs);
    },
    send: (message, { timeoutMs }) => sending.send(message, timeoutMs),
    async logout() {
      if (connected) await Promise.race([socket.logout().catch(() => {}), clock.wait(LOGOUT_MS)]);
      await finish(sessionEndOf({ code: 401, paired: true }));
    },
    stop: () => finish(STOPPED),
  };
}
