import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { Devices } from "../store/devices.ts";
import type { Messages, MessageStatus, OutgoingMessage } from "../store/messages.ts";
import type { Session } from "../whatsapp/session.ts";
import { Background } from "./background.ts";
import { createExpiry } from "./expiry.ts";
import { Lane, MOST_WAITING } from "./lane.ts";
import { createOutcomes, type Failure, type OutcomeDeps, type Outcomes } from "./outcomes.ts";
import { createTry, type TryPolicy } from "./tries.ts";

const STORE_WAIT_MS = 1_000;
const LOOK_FOR_EXPIRED_MS = 60_000;
const OPEN: readonly MessageStatus[] = ["queued", "processing"];
const REMOVED: Failure = { code: null, message: "The device was removed before the message was sent" };

export interface OutboxDeps extends TryPolicy {
  readonly messages: Pick<Messages, "get" | "change" | "waiting">;
  readonly devices: Pick<Devices, "get" | "list">;
  readonly publish: Publish;
  /** The device's session while messages may go out through it, else undefined. */
  readonly sessionOf: (deviceId: DeviceId) => Pick<Session, "send"> | undefined;
  /** The number under which the device is connected, digits; null while it is not. */
  readonly phoneOf: (deviceId: DeviceId) => string | null;
  readonly files: OutcomeDeps["files"] & { pathOf(mediaId: string): string };
  readonly now: () => number;
  /** How old a message may become before it is given up unsent. */
  readonly expireAfterMs?: number;
}

/** Sends stored messages: in order within each chat, again after a loss of the connection or a restart. */
export interface Outbox extends Outcomes {
  /** Finds what the last run left unsent. */
  start(): Promise<void>;
  /** Starts nothing new and waits for what is on its way, at most `graceMs`. The rest stays stored. */
  stop(graceMs: number): Promise<void>;
  /** Takes a stored message of a device in hand. Ask for its `outcome` before, or it may be missed. */
  add(message: OutgoingMessage): void;
  /** The device is connected. */
  wake(deviceId: DeviceId): void;
  /** The device is about to be removed: what waits for it, and what still comes, is failed. */
  abandon(deviceId: DeviceId): Promise<void>;
}

export function createOutbox(deps: OutboxDeps): Outbox {
  const { messages, devices, sessionOf, files, now, storeWaitMs = STORE_WAIT_MS } = deps;
  const background = new Background(logOf("messages"));
  const outcomes = createOutcomes(deps);
  const expiry = createExpiry(now, deps.expireAfterMs);
  const attempt = createTry({ ...deps, outcomes, expiry, pathOf: files.pathOf, background, pump });
  const lanes = new Map<DeviceId, Lane>();
  const removed = new Set<DeviceId>();

  function laneOf(deviceId: DeviceId): Lane {
    const lane = lanes.get(deviceId) ?? new Lane({ more: false });
    lanes.set(deviceId, lane);
    return lane;
  }

  function pump(deviceId: DeviceId): void {
    if (background.stopped || removed.has(deviceId)) return;
    const lane = laneOf(deviceId);
    if (sessionOf(deviceId) === undefined) return lane.park();
    if (lane.beginRefill()) background.run("refill", refill(deviceId, lane));
    for (let next = lane.take(); next !== undefined; next = lane.take()) attempt(deviceId, lane, next);
  }

  async function refill(deviceId: DeviceId, lane: Lane): Promise<void> {
    const limit = lane.size + MOST_WAITING;
    try {
      const found = await messages.waiting(deviceId, OPEN, limit);
      lane.refilled(found, found.length < limit);
    } catch (error) {
      lane.notRefilled();
      background.after(storeWaitMs, () => pump(deviceId));
      throw error;
    }
    pump(deviceId);
  }

  /** Gives up what waited too long for devices that are not connected. */
  async function expire(): Promise<void> {
    for (const [deviceId, lane] of lanes) {
      if (!lane.more || sessionOf(deviceId) !== undefined) continue;
      const oldest = await messages.waiting(deviceId, OPEN, MOST_WAITING);
      for (const message of oldest.filter(expiry.isOver)) await outcomes.failed(message, expiry.error);
    }
  }

  function expireRegularly(): void {
    background.after(LOOK_FOR_EXPIRED_MS, () => {
      background.run("expire", expire());
      expireRegularly();
    });
  }

  return {
    ...outcomes,

    async start() {
      for (const device of await devices.list({ kind: "whatsapp" })) {
        laneOf(device.id).more = true;
        pump(device.id);
      }
      expireRegularly();
    },

    stop: (graceMs) => background.stop(graceMs),

    add(message) {
      const { deviceId } = message;
      if (deviceId === null) throw new TypeError("Cannot send a message without a device");
      if (removed.has(deviceId)) return background.run("abandon", outcomes.failed(message, REMOVED));
      // one of a blast is asked of the device when its turn comes
      const asked = message.blastId === null ? message : { ...message, senderPhone: deps.phoneOf(deviceId) };
      laneOf(deviceId).add(asked);
      pump(deviceId);
    },

    wake(deviceId) {
      removed.delete(deviceId); // it is there after all
      pump(deviceId);
    },

    async abandon(deviceId) {
      removed.add(deviceId);
      const ofBlasts = lanes.get(deviceId)?.waiting.filter(({ blastId }) => blastId !== null) ?? [];
      lanes.delete(deviceId);
      for (const message of ofBlasts) await outcomes.failed(message, REMOVED);
      let found: readonly OutgoingMessage[];
      do {
        found = await messages.waiting(deviceId, OPEN, MOST_WAITING);
        await Promise.all(found.map((message) => outcomes.failed(message, REMOVED)));
      } while (found.length > 0);
    },
  };
}
