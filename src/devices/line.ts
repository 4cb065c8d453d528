import { messageOf } from "../errors.ts";
import type { ChatRead } from "../store/chat_reads.ts";
import type { Device, DeviceChange } from "../store/devices.ts";
import { type Backoff, backoffMs } from "../async/backoff.ts";
import { DeviceNews, type NewsDeps } from "./news.ts";
import { MOST_REFUSALS, refusedForGood, UNTRIED } from "../whatsapp/disconnects.ts";
import type { FlappingLimit } from "./flapping.ts";
import { phoneOf } from "../whatsapp/jid.ts";
import type {
  OpenOptions,
  PastAnswer,
  QrPlace,
  Session,
  SessionEnd,
  SessionEvents,
  SessionReceipt,
  Sessions,
} from "../whatsapp/session.ts";

/** How hard a line tries. Times in milliseconds. */
export interface LinePolicy {
  readonly backoff: Backoff;
  /** Used instead while the connection is unstable. */
  readonly unstableBackoff: Backoff;
  readonly flapping: FlappingLimit;
  /** After this long connected, the next loss counts as the first. */
  readonly stableAfterMs: number;
}

export const DEFAULT_POLICY: LinePolicy = {
  backoff: { firstMs: 1_000, mostMs: 60_000 },
  unstableBackoff: { firstMs: 30_000, mostMs: 300_000 },
  flapping: { losses: 5, withinMs: 600_000 },
  stableAfterMs: 60_000,
};

/** A QR code that is shown, until `expiresAt` (epoch ms). */
export interface ShownQr extends QrPlace {
  readonly code: string;
  readonly expiresAt: number;
}

export interface LineDeps extends Omit<NewsDeps, "flapping"> {
  readonly sessions: Sessions;
  readonly receipts: (device: Device, receipts: readonly SessionReceipt[]) => Promise<void>;
  readonly chatsRead: (device: Device, reads: readonly ChatRead[]) => Promise<void>;
  /** The phone has handed over a page of the past. */
  readonly pastCame: (device: Device, answer: PastAnswer) => Promise<void>;
  /** Resolves when events of the past do not get in the way of those of now. */
  readonly roomForPast: (device: Device) => Promise<void>;
  readonly onConnected: (device: Device) => void;
  /** Waits for a turn to connect; what it resolves to gives the turn back. */
  readonly turn: () => Promise<() => void>;
  readonly policy: LinePolicy;
}

/** How one session went. */
interface Lived {
  readonly end: SessionEnd;
  readonly connectedAt?: number;
}

/** More restarts in a row than pairing needs mean that something is wrong. */
const MOST_RESTARTS = 3;

/** One device's connection: keeps it up from `run` until `halt`. */
export class DeviceLine {
  readonly #deps: LineDeps;
  readonly #news: DeviceNews;
  #session: Session | undefined;
  #connected = false;
  #phone: string | null = null;
  #qr: ShownQr | undefined;
  #halting = new AbortController();
  /** Ends the wait for the next try, while there is one. */
  #waiting: AbortController | undefined;
  #running: Promise<void> | undefined;
  readonly #changed = new Set<() => void>();

  constructor(device: Device, deps: LineDeps) {
    this.#deps = deps;
    this.#news = new DeviceNews(device, { ...deps, flapping: deps.policy.flapping });
  }

  get device(): Device {
    return this.#news.device;
  }

  /** The session while it is connected to WhatsApp. */
  get connectedSession(): Session | undefined {
    return this.#connected ? this.#session : undefined;
  }

  /** The number that WhatsApp knows it under, digits; null while it is not connected. */
  get connectedPhone(): string | null {
    return this.#connected ? this.#phone : null;
  }

  /** The session, connected or not. */
  get session(): Session | undefined {
    return this.#session;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  get qr(): ShownQr | undefined {
    const qr = this.#qr;
    return qr !== undefined && qr.expiresAt > this.#now() ? qr : undefined;
  }

  /**
   * Begins to connect, and keeps at it; tries at once when it waits before its next try. Resolves when the row says so.
   */
  async run(device: Device, options: OpenOptions = {}): Promise<void> {
    if (this.#running !== undefined) return await this.#tryNow();
    this.#halting = new AbortController();
    this.#news.begin(device);
    this.#running = this.#keepUp(options, this.#halting.signal).finally(() => {
      this.#running = undefined;
      this.#touch();
    });
    await this.#news.settled();
  }

  async #tryNow(): Promise<void> {
    if (this.#waiting === undefined) return;
    this.#waiting.abort();
    this.#news.connecting();
    await this.#news.settled();
  }

  /** Ends the connection, if there is one, by `end`; resolves when it has ended. The row is left as it is. */
  async halt(end: (session: Session) => Promise<void> = (session) => session.stop()): Promise<void> {
    this.#halting.abort();
    if (this.#session !== undefined) await end(this.#session);
    await this.#running;
  }

  /** Writes down that the owner wanted it to end, and tells it once. */
  async tellEnd(end: SessionEnd, change: DeviceChange): Promise<void> {
    this.#news.ended(end, change);
    await this.#news.settled();
  }

  /** Resolves when everything told so far is stored. */
  settled(): Promise<void> {
    return this.#news.settled();
  }

  /**
   * Resolves when `check` finds something; undefined when it has not within `timeoutMs`, or the line ends, or `signal`
   * aborts.
   */
  async until<T>(
    check: () => T | undefined,
    timeoutMs: number,
    signal = new AbortController().signal,
  ): Promise<T | undefined> {
    const { clock } = this.#deps.trying;
    const enough = new AbortController();
    let expired = false;
    const late = clock.wait(timeoutMs, AbortSignal.any([enough.signal, signal])).then(() => expired = true);
    try {
      while (true) {
        const found = check();
        if (found !== undefined || expired || !this.isRunning) return found;
        const { promise: change, resolve: wake } = Promise.withResolvers<void>();
        this.#changed.add(wake);
        await Promise.race([change, late]);
        this.#changed.delete(wake);
      }
    } finally {
      enough.abort();
    }
  }

  async #keepUp(options: OpenOptions, signal: AbortSignal): Promise<void> {
    const { policy, trying: { clock, random, log } } = this.#deps;
    let failures = 0;
    let restarts = 0;
    let refusals = 0;
    while (!signal.aborted) {
      const { end, connectedAt } = await this.#live(options, signal);
      if (signal.aborted) return;
      const wasConnected = connectedAt !== undefined;
      // before it was connected, nobody has heard of it; afterwards it is a loss like any other
      if (end.reason === "restart_required" && !wasConnected && restarts++ < MOST_RESTARTS) continue;
      restarts = 0;
      if (end.final) return this.#giveUp(end);
      refusals = end.refused ? refusals + 1 : 0;
      if (refusals >= MOST_REFUSALS) return this.#giveUp(refusedForGood(end));
      const wasStable = connectedAt !== undefined && this.#now() - connectedAt >= policy.stableAfterMs;
      failures = wasStable ? 1 : failures + 1;
      this.#news.lost(end, { wasConnected });
      const backoff = this.#news.isUnstable ? policy.unstableBackoff : policy.backoff;
      const waitMs = Math.max(backoffMs(failures, backoff, random()), (end.until ?? 0) - this.#now());
      const fields = { deviceId: this.device.id, code: end.code, why: end.message, failures, waitMs };
      if (wasConnected) log.info("device.lost", fields);
      else log.warn("device.not_connected", fields);
      this.#waiting = new AbortController();
      await clock.wait(waitMs, AbortSignal.any([signal, this.#waiting.signal]));
      this.#waiting = undefined;
      if (!signal.aborted) this.#news.connecting();
    }
  }

  #giveUp(end: SessionEnd): void {
    const { reason, code, message } = end;
    this.#deps.trying.log.warn("device.ended", { deviceId: this.device.id, reason, code, why: message });
    this.#news.failed(end);
  }

  /** One session from its opening to its end. */
  async #live(options: OpenOptions, signal: AbortSignal): Promise<Lived> {
    const giveBack = await this.#deps.turn();
    if (signal.aborted) {
      giveBack();
      return { end: UNTRIED };
    }
    let connectedAt: number | undefined;
    const { promise, resolve: ended } = Promise.withResolvers<SessionEnd>();
    const events = this.#events(ended, () => {
      connectedAt = this.#now();
      giveBack();
    });
    try {
      const session = await this.#deps.sessions.open(this.device.id, events, options);
      this.#session = session;
      this.#touch();
      if (signal.aborted) await session.stop(); // it was halted while it opened
      return { end: await promise, connectedAt };
    } catch (error) {
      return { end: { ...UNTRIED, message: `Cannot open the session: ${messageOf(error)}` } };
    } finally {
      this.#session = undefined;
      this.#connected = false;
      this.#qr = undefined;
      giveBack();
      this.#touch();
    }
  }

  #events(ended: (end: SessionEnd) => void, onConnected: () => void): SessionEvents {
    const news = this.#news;
    const { publish, receipts } = this.#deps;
    return {
      connecting: () => {},
      qr: (code, expiresAt, place) => {
        this.#qr = { code, expiresAt, ...place };
        news.qr(code, expiresAt);
        this.#touch();
      },
      paired: () => {
        this.#qr = undefined;
        news.connecting();
        this.#touch();
      },
      authenticated: () => news.authenticated(),
      connected: (me) => {
        this.#connected = true;
        this.#phone = phoneOf(me.jid);
        onConnected();
        news.connected(me);
        this.#deps.onConnected(this.device);
        this.#touch();
      },
      ended: (end) => {
        this.#connected = false;
        ended(end);
      },
      happened: async (drafts) => {
        if (drafts.some(({ data }) => "backfilled" in data)) await this.#deps.roomForPast(this.device);
        await Promise.all(drafts.map((draft) => publish(news.owned(draft))));
      },
      receipts: (found) => receipts(this.device, found),
      chatsRead: (reads) => this.#deps.chatsRead(this.device, reads),
      pastCame: (answer) => this.#deps.pastCame(this.device, answer),
    };
  }

  #touch(): void {
    for (const wake of [...this.#changed]) wake();
  }

  #now(): number {
    return this.#deps.trying.clock.now();
  }
}
