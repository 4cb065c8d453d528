import { messageOf } from "../errors.ts";
import type { EventData, EventDraft } from "../events/event.ts";
import type { Device, DeviceChange } from "../store/devices.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { UNTRIED } from "./disconnects.ts";
import { afterLoss, CALM, type Flapping, type FlappingLimit } from "./flapping.ts";
import { phoneOf } from "./jid.ts";
import { keepTrying, type Trying } from "./keep_trying.ts";
import type {
  OpenOptions,
  Session,
  SessionDraft,
  SessionEnd,
  SessionEvents,
  SessionReceipt,
  Sessions,
} from "./session.ts";

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
export interface ShownQr {
  readonly code: string;
  readonly expiresAt: number;
}

export interface LineDeps {
  readonly sessions: Sessions;
  readonly update: (change: DeviceChange) => Promise<Device | undefined>;
  readonly publish: (draft: EventDraft) => Promise<unknown>;
  readonly receipts: (device: Device, receipts: readonly SessionReceipt[]) => Promise<void>;
  readonly onConnected: (device: Device) => void;
  /** Waits for a turn to connect; what it resolves to gives the turn back. */
  readonly turn: () => Promise<() => void>;
  readonly policy: LinePolicy;
  readonly trying: Trying;
}

type Told = "nothing" | "connecting" | "connected" | "disconnected";

/** More restarts in a row than pairing needs mean that something is wrong. */
const MOST_RESTARTS = 3;

/** One device's connection: keeps it up from `run` until `halt`, and tells the world how it stands. */
export class DeviceLine {
  readonly #deps: LineDeps;
  #device: Device;
  #session: Session | undefined;
  #connected = false;
  #qr: ShownQr | undefined;
  #halting = new AbortController();
  #running: Promise<void> | undefined;
  #flapping: Flapping = CALM;
  #told: Told = "nothing";
  /** What is told keeps its order, and is told again until the store has it. */
  #telling: Promise<unknown> = Promise.resolve();
  readonly #changed = new Set<() => void>();

  constructor(device: Device, deps: LineDeps) {
    this.#device = device;
    this.#deps = deps;
  }

  get device(): Device {
    return this.#device;
  }

  /** The session while it is connected to WhatsApp. */
  get connectedSession(): Session | undefined {
    return this.#connected ? this.#session : undefined;
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

  /** Begins to connect, and keeps at it. Resolves when the row says so. */
  async run(device: Device, options: OpenOptions = {}): Promise<void> {
    if (this.#running !== undefined) return;
    this.#device = device;
    this.#halting = new AbortController();
    this.#running = this.#keepUp(options, this.#halting.signal).finally(() => {
      this.#running = undefined;
      this.#touch();
    });
    this.#tell(
      { status: "connecting", wanted: true, lastError: null },
      ["device.connecting", {}],
      "connecting",
    );
    await this.#telling;
  }

  /** Ends the connection, if there is one, by `end`; resolves when it has ended. The row is left as it is. */
  async halt(end: (session: Session) => Promise<void> = (session) => session.stop()): Promise<void> {
    this.#halting.abort();
    if (this.#session !== undefined) await end(this.#session);
    await this.#running;
  }

  /** Writes down that the owner wanted it to end, and tells it once. */
  async tellEnd(end: SessionEnd, change: DeviceChange): Promise<void> {
    const { reason, message } = end;
    const wasUp = this.#told !== "nothing" && this.#told !== "disconnected";
    const data = { reason, message, final: true };
    if (wasUp || reason === "logout") this.#tell(change, ["device.disconnected", data], "disconnected");
    else this.#tell(change);
    this.#told = "nothing";
    await this.#telling;
  }

  /** Resolves when everything told so far is stored. */
  async settled(): Promise<void> {
    await this.#telling;
  }

  /** Resolves when `check` finds something; undefined when it has not within `timeoutMs`, or the line ends. */
  async until<T>(check: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const { clock } = this.#deps.trying;
    const enough = new AbortController();
    const late = clock.wait(timeoutMs, enough.signal);
    let expired = false;
    void late.then(() => expired = true);
    try {
      while (true) {
        const found = check();
        if (found !== undefined || expired || !this.isRunning) return found;
        let wake = () => {};
        const change = new Promise<void>((resolve) => this.#changed.add(wake = resolve));
        await Promise.race([change, late]);
        this.#changed.delete(wake);
      }
    } finally {
      enough.abort();
    }
  }

  async #keepUp(options: OpenOptions, signal: AbortSignal): Promise<void> {
    let failures = 0;
    let restarts = 0;
    while (!signal.aborted) {
      const began = this.#now();
      const { end, connectedAt } = await this.#live(options, signal);
      this.#qr = undefined;
      this.#touch();
      if (signal.aborted) return;
      if (end.reason === "restart_required" && restarts < MOST_RESTARTS) {
        restarts++;
        continue;
      }
      restarts = 0;
      if (end.final) return this.#tellFinal(end);
      const now = this.#now();
      failures = connectedAt !== undefined && now - connectedAt >= this.#deps.policy.stableAfterMs
        ? 1
        : failures + 1;
      this.#tellLoss(end, connectedAt !== undefined);
      const { trying: { clock, random, log }, policy } = this.#deps;
      const backoff = this.#flapping.unstable ? policy.unstableBackoff : policy.backoff;
      const waitMs = backoffMs(failures, backoff, random());
      log.info("device.lost", { deviceId: this.#device.id, code: end.code, heldMs: now - began, waitMs });
      await clock.wait(waitMs, signal);
      if (!signal.aborted) this.#tell({ status: "connecting" });
    }
  }

  /** One session from its opening to its end. */
  async #live(
    options: OpenOptions,
    signal: AbortSignal,
  ): Promise<{ readonly end: SessionEnd; readonly connectedAt?: number }> {
    const giveBack = await this.#deps.turn();
    let connectedAt: number | undefined;
    try {
      if (signal.aborted) return { end: UNTRIED };
      const end = await new Promise<SessionEnd>((resolve, reject) => {
        const events = this.#events(resolve, () => {
          connectedAt = this.#now();
          giveBack();
        });
        this.#deps.sessions.open(this.#device.id, events, options).then((session) => {
          this.#session = session;
          this.#touch();
          if (signal.aborted) return session.stop(); // it was halted while it opened
        }).catch(reject);
      });
      return { end, connectedAt };
    } catch (error) {
      return { end: { ...UNTRIED, message: `Cannot open the session: ${messageOf(error)}` } };
    } finally {
      this.#session = undefined;
      this.#connected = false;
      giveBack();
    }
  }

  #events(ended: (end: SessionEnd) => void, onConnected: () => void): SessionEvents {
    return {
      connecting: () => {},
      qr: (code, expiresAt) => {
        this.#qr = { code, expiresAt };
        this.#tell({ status: "pairing" }, ["device.qr", { code, expiresAt }]);
        this.#touch();
      },
      paired: () => {
        this.#qr = undefined;
        this.#tell({ status: "connecting" });
        this.#touch();
      },
      authenticated: () => this.#tell({}, ["device.authenticated", {}]),
      connected: (me) => {
        this.#connected = true;
        onConnected();
        this.#tellConnected(me);
        this.#deps.onConnected(this.#device);
        this.#touch();
      },
      ended,
      happened: async (drafts) => {
        await Promise.all(drafts.map((draft) => this.#deps.publish(this.#owned(draft))));
      },
      receipts: (receipts) => this.#deps.receipts(this.#device, receipts),
    };
  }

  #tellConnected(me: Parameters<SessionEvents["connected"]>[0]): void {
    const phoneNumber = phoneOf(me.jid);
    const pushName = me.pushName ?? this.#device.pushName;
    const change: DeviceChange = {
      status: "connected",
      connectedAt: this.#now(),
      lastError: null,
      phoneNumber,
      jid: me.jid,
      lid: me.lid,
      pushName,
    };
    const data: EventData["device.connected"] = {
      phoneNumber,
      jid: me.jid,
      ...(me.lid === null ? {} : { lid: me.lid }),
      ...(pushName === null ? {} : { name: pushName }),
    };
    this.#tell(change, ["device.connected", data], "connected");
  }

  /** It will be tried again. */
  #tellLoss({ reason, message }: SessionEnd, wasConnected: boolean): void {
    const change: DeviceChange = {
      status: "disconnected",
      lastError: message,
      ...(wasConnected ? { disconnectedAt: this.#now() } : {}),
    };
    if (this.#told === "disconnected") this.#tell(change);
    else this.#tell(change, ["device.disconnected", { reason, message, final: false }], "disconnected");
    if (!wasConnected) return;
    const limit = this.#deps.policy.flapping;
    const { flapping, began } = afterLoss(this.#flapping, this.#now(), limit);
    this.#flapping = flapping;
    if (!began) return;
    const { losses: disconnects, withinMs } = limit;
    const sentence =
      `The connection was lost ${disconnects} times within ${Math.round(withinMs / 60_000)} minutes; ` +
      "the gateway now waits longer before it connects again";
    this.#tell({}, ["device.unstable", { disconnects, withinMs, message: sentence }]);
  }

  /** It ended for good: the owner has to act. */
  #tellFinal({ reason, message }: SessionEnd): void {
    const unlinked = reason === "logout" || reason === "pairing_expired";
    const change: DeviceChange = {
      status: unlinked ? "needs_pairing" : "failed",
      wanted: false,
      lastError: message,
      disconnectedAt: this.#now(),
    };
    this.#tell(change, ["device.disconnected", { reason, message, final: true }], "disconnected");
    this.#told = "nothing";
  }

  #tell(
    change: DeviceChange,
    event?: { [T in SessionDraft["type"]]: readonly [T, EventData[T]] }[SessionDraft["type"]],
    told?: Told,
  ): void {
    if (told !== undefined) this.#told = told;
    const { update, publish, trying } = this.#deps;
    this.#telling = this.#telling.then(() =>
      keepTrying("device", async () => {
        if (Object.keys(change).length > 0) this.#device = await update(change) ?? this.#device;
        if (event !== undefined) {
          await publish(this.#owned({ type: event[0], data: event[1] } as SessionDraft));
        }
      }, trying)
    ).catch((error) => {
      trying.log.error("device.not_told", { deviceId: this.#device.id, error: messageOf(error) });
    });
  }

  #owned(draft: SessionDraft): EventDraft {
    const { id, alias, tenantId } = this.#device;
    return { ...draft, tenantId, device: { id, alias } };
  }

  #touch(): void {
    for (const wake of [...this.#changed]) wake();
  }

  #now(): number {
    return this.#deps.trying.clock.now();
  }
}
