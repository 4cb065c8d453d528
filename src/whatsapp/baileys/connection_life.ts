import { plainName } from "../../events/plain_text.ts";
import type { ConnectionState, WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { AskPhone } from "./awaiting.ts";
import { codeOf } from "./errors.ts";
import type { Clock } from "../../async/clock.ts";
import { sessionEndOf, upgradeRefused } from "../disconnects.ts";
import { watchLine } from "./liveness.ts";
import { withSecret } from "./registration.ts";
import { type BinaryNode, childOf, childrenOf } from "./stanza.ts";
import type { QrPlace, SessionEnd, SessionEvents } from "../session.ts";
import type { SessionMemory } from "./session_memory.ts";
import {
  CONNECT_TIMEOUT_MS,
  FIRST_QR_MS,
  KEEP_ALIVE_MS,
  NEXT_QR_MS,
  PONG_MS,
  type WhatsAppSettings,
} from "../settings.ts";

export interface LifeDeps {
  readonly deviceId: string;
  readonly socket: WASocket;
  readonly memory: Pick<SessionMemory, "auth" | "awaiting" | "replayed" | "me">;
  readonly askPhone: AskPhone;
  readonly events: SessionEvents;
  readonly settings: WhatsAppSettings;
  /** Ends the session; only the first end counts. */
  readonly finish: (end: SessionEnd) => Promise<void>;
  /** Aborts when the session ends. */
  readonly ending: AbortSignal;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Where a connection stands. */
export interface ConnectionLife {
  isConnected(): boolean;
  /** Resolves when the first QR code is shown: WhatsApp waits to be paired. */
  readonly qrShown: Promise<void>;
  /** The secret in the QR code has changed: shows the code again with the new one. */
  showQrAgain(): void;
}

/** Follows a connection from its opening to its end, tells of each step, and ends what hangs. */
export function followConnection(deps: LifeDeps): ConnectionLife {
  const { deviceId, socket, memory, askPhone, events, settings, finish, ending, log, clock } = deps;
  const { auth, awaiting, replayed, me } = memory;
  const connectMs = settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const { promise: qrShown, resolve: firstQr } = Promise.withResolvers<void>();
  let connected = false;
  let qrs = 0;
  let total: number | null = null;
  let shown: { readonly code: string; readonly expiresAt: number; readonly place: QrPlace } | undefined;

  /** Comes before the first QR code: Baileys answers the stanza first, and then draws a code of each ref in it. */
  function beginPairing(stanza: BinaryNode): void {
    const pairDevice = childOf(stanza, "pair-device");
    total = (pairDevice && childrenOf(pairDevice, "ref").length) || null;
    qrs = 0;
  }

  function showQr(code: string): void {
    const shownMs = settings.qrTimeoutMs ?? (qrs === 0 ? FIRST_QR_MS : NEXT_QR_MS);
    qrs++;
    firstQr();
    shown = { code, expiresAt: clock.now() + shownMs, place: { number: qrs, total } };
    showQrAgain();
  }

  /** Baileys goes on with the secret that it began with. */
  function showQrAgain(): void {
    if (shown === undefined) return;
    events.qr(withSecret(shown.code, auth.creds.advSecretKey), shown.expiresAt, shown.place);
  }

  /** Tells that the device is connected, after what a crash has left is published. */
  async function goOnline(): Promise<void> {
    await replayed;
    if (ending.aborted) return;
    connected = true;
    const { name } = auth.creds.me ?? {};
    const { pn: jid, lid } = me();
    // until WhatsApp tells the owner's name, a pairing code leaves "~"
    events.connected({ jid, lid, pushName: name && name !== "~" ? plainName(name) : null });
    await awaiting.resume(askPhone);
  }

  function onUpdate({ connection, qr, isNewLogin, lastDisconnect }: Partial<ConnectionState>): void {
    if (qr !== undefined) showQr(qr);
    if (isNewLogin) events.paired();
    if (connection === "connecting") events.connecting();
    if (connection === "open") {
      goOnline().catch((error) => log.warn("session.replay_failed", { deviceId, error: messageOf(error) }));
    }
    if (connection === "close") {
      const error: unknown = lastDisconnect?.error;
      const paired = auth.creds.account !== undefined;
      const text = error ? messageOf(error) : undefined;
      void finish(sessionEndOf({ code: codeOf(error), text, paired, ...banIn(error, clock.now()) }));
    }
  }

  const lost = () => finish(sessionEndOf({ code: 408, paired: true }));
  socket.ev.on("connection.update", onUpdate);
  socket.ws.on("CB:iq,type:set,pair-device", beginPairing);
  socket.ws.on("CB:success", () => events.authenticated());
  socket.ws.on("unexpected-response", (_request: unknown, response: { readonly statusCode: number }) => {
    void finish(upgradeRefused(response.statusCode));
  });
  void watchLine({
    socket,
    clock,
    connectMs,
    silenceMs: (settings.keepAliveMs ?? KEEP_ALIVE_MS) + PONG_MS,
    onSilent: lost,
    ending,
  });
  if (auth.paired) void clock.wait(connectMs * 3, ending).then(() => connected ? undefined : lost());

  return { isConnected: () => connected && !ending.aborted, qrShown, showQrAgain };
}

/** Until when WhatsApp keeps a number out: it tells how many seconds are left. */
function banIn(error: unknown, now: number): { readonly until?: number } {
  const data: unknown = typeof error === "object" && error !== null && "data" in error
    ? error.data
    : undefined;
  if (typeof data !== "object" || data === null || !("expire" in data)) return {};
  const seconds = Number(data.expire);
  return Number.isFinite(seconds) && seconds > 0 ? { until: now + seconds * 1_000 } : {};
}
