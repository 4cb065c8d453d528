import type { DeviceId, MessageId } from "../ids.ts";
import type { Pacing } from "../store/devices.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import { typingMs } from "./typing.ts";

/** Messages of a device whose turn was told; what waits behind them in the store draws its own. */
const MOST_PLANNED = 1_000;

/** What comes before a message leaves, and after it. */
interface Turn {
  readonly typingMs: number;
  readonly gapMs: number;
}

interface Pace {
  readonly pacing: Pacing;
  /** When the next message may begin, epoch ms. */
  freeAt: number;
  /** When one that comes now could begin, behind all that were planned. */
  plannedAt: number;
  readonly planned: Map<MessageId, Turn>;
}

/** How fast devices send whose owners want them to send as people do. The others have no pace. */
export class Paces {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #paces = new Map<DeviceId, Pace>();

  /** @param random From 0 to 1. */
  constructor({ now, random }: { readonly now: () => number; readonly random: () => number }) {
    this.#now = now;
    this.#random = random;
  }

  /** @param lastSentAt When the device last sent a message, epoch ms, where that is known: the gap begins there. */
  set(deviceId: DeviceId, pacing: Pacing | null, lastSentAt: number | null = null): void {
    if (pacing === null) return void this.#paces.delete(deviceId);
    const known = this.#paces.get(deviceId);
    const after = lastSentAt === null ? 0 : lastSentAt + this.#gapMs(pacing);
    // what the old pace has promised holds, but not for longer than the new one would
    const freeAt = known === undefined ? after : Math.min(known.freeAt, this.#now() + pacing.maxGapMs);
    this.#paces.set(deviceId, { pacing, freeAt, plannedAt: freeAt, planned: known?.planned ?? new Map() });
  }

  has(deviceId: DeviceId): boolean {
    return this.#paces.has(deviceId);
  }

  /** How long the device rests before its next message begins, ms; 0: it may begin now. */
  restMs(deviceId: DeviceId): number {
    const pace = this.#paces.get(deviceId);
    return pace === undefined ? 0 : Math.max(0, pace.freeAt - this.#now());
  }

  /** Plans a message behind the others. When it is to leave, epoch ms; undefined: the device has no pace. */
  plan(deviceId: DeviceId, message: OutgoingMessage): number | undefined {
    const pace = this.#paces.get(deviceId);
    if (pace === undefined) return undefined;
    const turn = this.#turnOf(pace.pacing, message);
    const leavesAt = Math.max(pace.plannedAt, this.#now()) + turn.typingMs;
    pace.plannedAt = leavesAt + turn.gapMs;
    if (pace.planned.size < MOST_PLANNED) pace.planned.set(message.id, turn);
    return leavesAt;
  }

  /**
   * A message begins. How long it is typed, ms; undefined: the device has no pace.
   * @param isLast No other waits: what was planned is over.
   */
  begin(deviceId: DeviceId, message: OutgoingMessage, isLast: boolean): number | undefined {
    const pace = this.#paces.get(deviceId);
    if (pace === undefined) return undefined;
    const turn = pace.planned.get(message.id) ?? this.#turnOf(pace.pacing, message);
    pace.planned.delete(message.id);
    pace.freeAt = this.#now() + turn.typingMs + turn.gapMs;
    if (isLast) pace.planned.clear();
    pace.plannedAt = isLast ? pace.freeAt : Math.max(pace.plannedAt, pace.freeAt);
    return turn.typingMs;
  }

  #turnOf(pacing: Pacing, { content }: OutgoingMessage): Turn {
    return {
      typingMs: pacing.typing ? typingMs(content, this.#random()) : 0,
      gapMs: this.#gapMs(pacing),
    };
  }

  #gapMs({ minGapMs, maxGapMs }: Pacing): number {
    return Math.round(minGapMs + this.#random() * (maxGapMs - minGapMs));
  }
}
