import makeWASocket, { type WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import type { Logger } from "../log.ts";
import type { Credentials } from "../store/credentials.ts";
import type { Inbox } from "../store/inbox.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type ConnectionLife, followConnection } from "./connection_life.ts";
import { PASSKEY_REQUIRED, REMOVED, sessionEndOf, STOPPED } from "./disconnects.ts";
import { undoFailedDecryptions } from "./failed_decryption.ts";
import { createGroupCache } from "./group_cache.ts";
import { fromInboxMessage } from "./inbox_message.ts";
import type { Trying } from "./keep_trying.ts";
import { keepLateWrites } from "./late_writes.ts";
import { createLearning, membersOf } from "./learning.ts";
import { silenceLibsignal } from "./libsignal_silence.ts";
import { cutLine, webSocketOf } from "./liveness.ts";
import { MEDIA_HOSTS } from "./media_download.ts";
import { createTrustingUpload } from "./media_upload.ts";
import { gateOutput } from "./output_gate.ts";
import { PairingRefusedError, requestPairingCode } from "./pairing_code.ts";
import { createRegistration } from "./registration.ts";
import { createReports } from "./reports.ts";
import { createRetries } from "./retries.ts";
import { createSending } from "./sending.ts";
import type { OpenOptions, Session, SessionDraft, SessionEnd, SessionEvents, Sessions } from "./session.ts";
import { createActions } from "./session_actions.ts";
import { openSessionMemory } from "./session_memory.ts";
import { CODE_QR_MS, CONNECT_TIMEOUT_MS, type WhatsAppSettings } from "./settings.ts";
import { checkSignatures } from "./signatures.ts";
import { socketConfig } from "./socket_config.ts";
import { within } from "./within.ts";

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
/** How long a logout may take to reach WhatsApp. */
const LOGOUT_MS = 5_000;

/** Sessions on Baileys, with their identities and messages in the store. */
export function createSessions(deps: SessionsDeps): Sessions {
  silenceLibsignal();
  undoFailedDecryptions();
  checkSignatures(deps.settings.rootKey);
  return { open: (deviceId, events, options = {}) => open(deviceId, events, options, deps) };
}

async function open(
  deviceId: DeviceId,
  events: SessionEvents,
  { plainName = false }: OpenOptions,
  { credentials, inbox, settings: given, log, clock = systemClock, random = Math.random }: SessionsDeps,
): Promise<Session> {
  const settings = plainName ? { ...given, qrTimeoutMs: given.qrTimeoutMs ?? CODE_QR_MS } : given;
  const ending = new AbortController(); // the connection is over: nothing more is sent or asked
  const over = new AbortController(); // what it left is handed over too, or left in the journal
  let finishing: Promise<void> | undefined;
  const trying: Trying = { signal: over.signal, clock, random, log };
  const report = (drafts: readonly SessionDraft[]) => reports.report(drafts);
  const onGone = () => void finish(REMOVED);
  const memory = await openSessionMemory({ deviceId, credentials, inbox, events, trying, onGone, report });
  const { auth, ledger, directory, arrivals, journal, me } = memory;

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
    groupMetadata: groups.get,
    async getMessage({ id }) {
      const row = id ? await inbox.get(deviceId, id) : undefined;
      return row?.fromMe ? fromInboxMessage(row).message ?? undefined : undefined;
    },
  }));
  keepLateWrites(socket.authState.keys);
  const webSocket = webSocketOf(socket);
  gateOutput(webSocket, ledger.durable);
  // before other listeners: it puts itself before those of Baileys
  const reports = createReports({
    deviceId,
    socket,
    events,
    directory,
    learn,
    me,
    trying,
    see: journal.see,
    resend: createRetries({ deviceId, socket, inbox, directory, me, log }),
    onGroupChange: groups.forget,
    onPasskey: () => void finish(PASSKEY_REQUIRED),
    registration: createRegistration({ socket, auth, onNewSecret: () => life.showQrAgain() }),
  });
  socket.ev.on("creds.update", auth.save);
  socket.ev.on("messages.upsert", ({ messages, requestId }) => {
    // what this device could not get from the server, its phone hands over on request
    if (requestId === undefined) return;
    for (const info of messages) {
      arrivals.take({ info, offline: false }).catch((error) =>
        log.warn("session.resend_lost", { deviceId, error: messageOf(error) })
      );
    }
  });
  const life: ConnectionLife = followConnection({
    deviceId,
    socket,
    memory,
    events,
    settings,
    finish: (end) => finish(end),
    ending: ending.signal,
    log,
    clock,
  });

  const { mediaCaPem } = settings;
  const line = { deviceId, socket, inbox, connected: life.isConnected, ended: ending.signal, clock };
  const upload = mediaCaPem === undefined
    ? socket.waUploadToServer
    : createTrustingUpload(socket, mediaCaPem);
  const sending = createSending({
    ...line,
    keep: ledger.keep,
    directory,
    me,
    upload,
    onLateAnswer: reports.receipt,
  });
  // a simulator has its files elsewhere
  const mediaHosts = settings.url === undefined ? MEDIA_HOSTS : null;
  const actions = createActions({ ...line, mediaHosts, mediaCaPem });

  function finish(end: SessionEnd): Promise<void> {
    return finishing ??= windUp(end);
  }

  async function windUp(end: SessionEnd): Promise<void> {
    ending.abort();
    void cutLine(socket, webSocket, clock);
    await within(DRAIN_MS, Promise.allSettled([arrivals.idle(), reports.idle(), ledger.durable()]), clock);
    over.abort();
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
   * Takes this device from the phone's list, and waits for the answer: Baileys' own logout ends the connection before its
   * request has left, when what came before it is still on its way to the disk.
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
      return await requestPairingCode(socket, phone, timeoutMs);
    },
    send: (message, { timeoutMs }) => sending.send(message, timeoutMs),
    async logout() {
      // if WhatsApp cannot be told, the phone shows the device until it has not been seen for long
      if (life.isConnected()) await within(LOGOUT_MS, unlink(), clock);
      await finish(sessionEndOf({ code: 401, paired: true }));
    },
    stop: () => finish(STOPPED),
  };
}
