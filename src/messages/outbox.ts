import type { AddressBook } from "../devices/address_book.ts";
import type { Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { Devices, Pacing } from "../store/devices.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import { isLid } from "../whatsapp/jid.ts";
import type { Session } from "../whatsapp/session.ts";
import { Background } from "../async/background.ts";
import type { Clock } from "../async/clock.ts";
import { createExpiry } from "./expiry.ts";
import { Lane, MOST_WAITING, type Withdrawn } from "./lane.ts";
import { createOutcomes, type Failure, type OutcomeDeps, type Outcomes } from "./outcomes.ts";
import { Paces } from "./paces.ts";
import { createShowTyping } from "./show_typing.ts";
import { createTry, type TryPolicy } from "./send_attempts.ts";
import { OPEN_STATUSES, UNSENT_STATUSES } from "./status.ts";

const STORE_WAIT_MS = 1_000;
const LOOK_FOR_EXPIRED_MS = 60_000;
const REMOVED: Failure = { code: null, message: "The device was removed before the message was sent" };

export interface OutboxDeps extends TryPolicy {
  readonly messages: Pick<Messages, "get" | "change" | "waiting" | "list">;
  readonly devices: Pick<Devices, "get" | "list">;
  readonly publish: Publish;
  readonly messagesOf?: OutcomeDeps["messagesOf"];
  readonly onDecided?: OutcomeDeps["onDecided"];
  readonly addresses?: OutcomeDeps["addresses"] & Pick<AddressBook, "oneOf">;
  /** The device's session while messages may go out through it, else undefined. */
  readonly sessionOf: (deviceId: DeviceId) => Pick<Session, "send" | "setTyping"> | undefined;
  /** The number under which the device is connected, digits; null while it is not. */
  readonly phoneOf: (deviceId: DeviceId) => string | null;
  readonly files: OutcomeDeps["files"] & {
    pathOf(mediaId: string): string;
    fetch?(mediaId: string): Promise<void>;
  };
  readonly clock: Clock;
  /** How old a message may become before it is given up unsent. */
  readonly expireAfterMs?: number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Sends stored messages: in order within each chat, again after a loss of the connection or a restart. */
export interface Outbox extends Outcomes {
  /** Finds what the last run left unsent. */
  start(): Promise<void>;
  /** Starts nothing new and waits for what is on its way, at most `graceMs`. The rest stays stored. */
  stop(graceMs: number): Promise<void>;
  /**
   * Takes a stored message of a device in hand. Ask for its `outcome` before, or it may be missed; and the address book
   * for a LID, or what is sent to the same person's number does not wait for it.
   */
  add(message: OutgoingMessage): void;
  /**
   * When a message that was just added is to leave, epoch ms; undefined: at once, or nobody knows. Ask before `add`.
   */
  plan(message: OutgoingMessage): number | undefined;
  /** The device's owner wants another pace. */
  paced(deviceId: DeviceId, pacing: Pacing | null): void;
  /** Takes a message back that waits in its device's lane; undefined: it is on its way, in the store, or decided. */
  withdraw(message: OutgoingMessage): Withdrawn | undefined;
  /** The store has messages of the device that were not added here. */
  look(deviceId: DeviceId): void;
  /** The device is connected, or may send again. */
  wake(deviceId: DeviceId): void;
  /** The device is about to be removed: what waits for it, and what still comes, is failed. */
  abandon(deviceId: DeviceId): Promise<void>;
}

export function createOutbox(deps: OutboxDeps): Outbox {
  const { messages, devices, addresses, sessionOf, files, clock, storeWaitMs = STORE_WAIT_MS } = deps;
  const background = new Background(logOf("messages"), clock);
  const outcomes = createOutcomes(deps);
  const expiry = createExpiry(clock.now, deps.expireAfterMs);
  const attempt = createTry({
    ...deps,
    outcomes,
    expiry,
    pathOf: files.pathOf,
    fetchFile: files.fetch,
    background,
    pump,
  });
  const lanes = new Map<DeviceId, Lane>();
  const removed = new Set<DeviceId>();
  const showTyping = createShowTyping({ sessionOf, background, clock });
  const paces = new Paces({ now: clock.now, random: deps.random ?? Math.random });
  /** Devices that type a message, and those that rest until their next. */
  const typing = new Set<DeviceId>();
  const resting = new Set<DeviceId>();
  const stopping = new AbortController();

  function laneOf(deviceId: DeviceId): Lane {
    const chatOf = (to: Jid) => addresses?.oneOf(deviceId, to) ?? to;
    const lane = lanes.get(deviceId) ?? new Lane({ more: false, chatOf });
    lanes.set(deviceId, lane);
    return lane;
  }

  function pump(deviceId: DeviceId): void {
    if (background.stopped || removed.has(deviceId)) return;
    const lane = laneOf(deviceId);
    if (sessionOf(deviceId) === undefined) return lane.park();
    if (lane.beginRefill()) background.run("refill", refill(deviceId, lane));
    if (typing.has(deviceId)) return; // nothing passes it
    if (paces.has(deviceId)) return pumpPaced(deviceId, lane);
    for (let next = lane.take(); next !== undefined; next = lane.take()) attempt(deviceId, lane, next);
  }

  /** One message at a time, when the device has rested. */
  function pumpPaced(deviceId: DeviceId, lane: Lane): void {
    const restMs = paces.restMs(deviceId);
    if (restMs > 0) return rest(deviceId, restMs);
    const next = lane.take();
    if (next === undefined) return; // whatever lets one leave pumps again
    const isLast = lane.waiting.length === 0 && !lane.more;
    typing.add(deviceId);
    background.run("type", type(deviceId, lane, next, paces.begin(deviceId, next, isLast) ?? 0));
  }

  function rest(deviceId: DeviceId, restMs: number): void {
    if (resting.has(deviceId)) return;
    resting.add(deviceId);
    background.after(restMs, () => {
      resting.delete(deviceId);
      pump(deviceId);
    });
  }

  async function type(
    deviceId: DeviceId,
    lane: Lane,
    message: OutgoingMessage,
    forMs: number,
  ): Promise<void> {
    await showTyping(deviceId, message, forMs, stopping.signal);
    typing.delete(deviceId);
    if (background.stopped) return; // the next run finds it in the store
    attempt(deviceId, lane, message);
    pump(deviceId);
  }

  function look(deviceId: DeviceId): void {
    laneOf(deviceId).more = true;
    pump(deviceId);
  }

  async function refill(deviceId: DeviceId, lane: Lane): Promise<void> {
    const limit = lane.size + MOST_WAITING;
    try {
      const found = await messages.waiting(deviceId, OPEN_STATUSES, limit);
      for (const to of new Set(found.map((message) => message.to).filter(isLid))) {
        await addresses?.chat(deviceId, to); // the lane asks for what is known without waiting
      }
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
      const oldest = await messages.waiting(deviceId, OPEN_STATUSES, MOST_WAITING);
      for (const message of oldest.filter(expiry.isOver)) await outcomes.failed(message, expiry.error);
    }
  }

  /** The owner may have changed it at another gateway. */
  async function readPace(deviceId: DeviceId): Promise<void> {
    const pacing = (await devices.get(deviceId))?.pacing ?? null;
    if (pacing === null || paces.has(deviceId)) paces.set(deviceId, pacing);
    else paces.set(deviceId, pacing, await lastSentAt(deviceId));
  }

  /** When the device last sent something, so that a restart does not make the gap shorter. */
  async function lastSentAt(deviceId: DeviceId): Promise<number | null> {
    const [last] = await messages.list({ deviceId, status: "sent" }, { limit: 1 });
    return last?.updatedAt ?? null; // `sentAt` is WhatsApp's, in whole seconds
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
      for (const { id, pacing } of await devices.list({ kind: "whatsapp" })) {
        if (pacing !== null) paces.set(id, pacing, await lastSentAt(id));
        look(id);
      }
      expireRegularly();
    },

    stop(graceMs) {
      const stopped = background.stop(graceMs);
      stopping.abort();
      return stopped;
    },

    plan(message) {
      const { deviceId } = message;
      if (deviceId === null || sessionOf(deviceId) === undefined) return undefined;
      return paces.plan(deviceId, message);
    },

    paced(deviceId, pacing) {
      paces.set(deviceId, pacing);
      resting.delete(deviceId);
      pump(deviceId);
    },

    add(message) {
      const { deviceId } = message;
      if (deviceId === null) throw new TypeError("Cannot send a message without a device");
      if (removed.has(deviceId)) return background.run("abandon", outcomes.failed(message, REMOVED));
      // one of a blast is asked of the device when its turn comes
      const asked = message.blastId === null ? message : { ...message, senderPhone: deps.phoneOf(deviceId) };
      laneOf(deviceId).add(asked);
      pump(deviceId);
    },

    look,

    withdraw: ({ id, deviceId }) => deviceId === null ? undefined : lanes.get(deviceId)?.withdraw(id),

    wake(deviceId) {
      removed.delete(deviceId); // it is there after all
      background.run("pace", readPace(deviceId).finally(() => pump(deviceId)));
    },

    async abandon(deviceId) {
      removed.add(deviceId);
      const ofBlasts = lanes.get(deviceId)?.waiting.filter(({ blastId }) => blastId !== null) ?? [];
      lanes.delete(deviceId);
      for (const message of ofBlasts) await outcomes.failed(message, REMOVED);
      let found: readonly OutgoingMessage[];
      do {
        found = await messages.waiting(deviceId, UNSENT_STATUSES, MOST_WAITING);
        await Promise.all(found.map((message) => outcomes.failed(message, REMOVED)));
      } while (found.length > 0);
    },
  };
}
