import { messageOf } from "../errors.ts";
import type { EventDevice, EventDraft } from "../events/event.ts";
import type { DeviceId, MessageId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { Devices } from "../store/devices.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { SendOutcome, Session } from "../whatsapp/session.ts";
import { sentDraft, statusDraft } from "./drafts.ts";
import { Lane, MOST_WAITING } from "./lane.ts";
import { mediaIdOf, outgoingOf } from "./outgoing_of.ts";
import { advance, begin, type StatusStep } from "./status.ts";

const log = logOf("messages");

const SEND_TIMEOUT_MS = 20_000;
/** A message on its way for so long is shown as `processing`. */
const SLOW_MS = 100;
/** Waits before the second and the third try. */
const RETRY_WAITS_MS: readonly number[] = [2_000, 4_000];
const STORE_WAIT_MS = 1_000;
const EXPIRE_AFTER_MS = 24 * 3_600_000;
const LOOK_FOR_EXPIRED_MS = 60_000;

type Failure = NonNullable<OutgoingMessage["error"]>;

export interface OutboxDeps {
  readonly messages: Pick<Messages, "get" | "change" | "waiting">;
  readonly devices: Pick<Devices, "get" | "list">;
  readonly publish: Publish;
  /** The device's session while it is connected to WhatsApp, else undefined. */
  readonly sessionOf: (deviceId: DeviceId) => Pick<Session, "send"> | undefined;
  readonly files: {
    pathOf(mediaId: string): string;
    /** The file is not needed any more. */
    discard(mediaId: string): Promise<void>;
  };
  readonly now: () => number;
  readonly retryWaitsMs?: readonly number[];
  readonly sendTimeoutMs?: number;
  /** How long the store gets to recover when it refuses. */
  readonly storeWaitMs?: number;
  /** How old a message may become before it is given up unsent. */
  readonly expireAfterMs?: number;
}

/** Sends stored messages: in order within each chat, again after a loss of the connection or a restart. */
export interface Outbox {
  /** Finds what the last run left unsent. */
  start(): Promise<void>;
  /** Starts nothing new and waits for what is on its way, at most `graceMs`. The rest stays stored. */
  stop(graceMs: number): Promise<void>;
  /** Takes a stored message of a device in hand. */
  add(message: OutgoingMessage): void;
  /** The message once it is sent or failed; undefined after `timeoutMs`. Ask before `add`, or it may be missed. */
  outcome(id: MessageId, timeoutMs: number): Promise<OutgoingMessage | undefined>;
  /** The device is connected. */
  wake(deviceId: DeviceId): void;
  /** WhatsApp has the message: publishes that, writes it down, and ends what waits for it. Safe to repeat. */
  accepted(message: OutgoingMessage, at: number): Promise<OutgoingMessage>;
  /** The message will never arrive. Safe to repeat. */
  failed(message: OutgoingMessage, error: Failure): Promise<OutgoingMessage>;
}

export function createOutbox(deps: OutboxDeps): Outbox {
  const { messages, devices, publish, sessionOf, files, now } = deps;
  const retryWaitsMs = deps.retryWaitsMs ?? RETRY_WAITS_MS;
  const sendTimeoutMs = deps.sendTimeoutMs ?? SEND_TIMEOUT_MS;
  const storeWaitMs = deps.storeWaitMs ?? STORE_WAIT_MS;
  const expireAfterMs = deps.expireAfterMs ?? EXPIRE_AFTER_MS;
  const lanes = new Map<DeviceId, Lane>();
  const waiters = new Map<MessageId, Set<(message: OutgoingMessage) => void>>();
  const accepting = new Map<MessageId, Promise<OutgoingMessage>>();
  const running = new Set<Promise<void>>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let stopped = false;

  const laneOf = (deviceId: DeviceId): Lane => {
    const lane = lanes.get(deviceId) ?? new Lane({ more: false });
    lanes.set(deviceId, lane);
    return lane;
  };

  const inBackground = (what: string, work: Promise<unknown>): void => {
    const settled = work.then(
      () => {},
      (error) => log.error("outbox.failed", { what, error: messageOf(error) }),
    );
    running.add(settled);
    settled.finally(() => running.delete(settled));
  };

  const after = (ms: number, act: () => void): void => {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };

  function pump(deviceId: DeviceId): void {
    const lane = laneOf(deviceId);
    if (stopped) return;
    if (sessionOf(deviceId) === undefined) return lane.park();
    if (lane.beginRefill()) inBackground("refill", refill(deviceId, lane));
    for (let next = lane.take(); next !== undefined; next = lane.take()) {
      inBackground("send", attempt(deviceId, lane, next, next.attempts));
    }
  }

  async function refill(deviceId: DeviceId, lane: Lane): Promise<void> {
    const limit = lane.size + MOST_WAITING;
    try {
      const found = await messages.waiting(deviceId, ["queued", "processing"], limit);
      lane.refilled(found, found.length < limit);
    } catch (error) {
      lane.notRefilled();
      after(storeWaitMs, () => pump(deviceId));
      throw error;
    }
    pump(deviceId);
  }

  /**
   * Tries once, and sees to what follows. `before`: how often it was tried already. `known`: what WhatsApp answered to
   * the latest try, when only the store could not take that yet; then nothing is sent again.
   */
  async function attempt(
    deviceId: DeviceId,
    lane: Lane,
    message: OutgoingMessage,
    before: number,
    known?: SendOutcome,
  ): Promise<void> {
    const attempts = before + 1;
    let outcome = known;
    try {
      if (outcome === undefined) {
        const session = sessionOf(deviceId);
        if (session === undefined) return lane.putBack(message);
        if (isExpired(message)) {
          await failed(message, expiredError());
          return lane.decided(message);
        }
        outcome = await sendOnce(session, message, attempts);
      }
      if (outcome?.ok) await accepted({ ...message, attempts }, outcome.acceptedAt);
      // A receipt may have come before the answer, or instead of it.
      if (outcome === undefined || outcome.ok || !(await isStillOpen(message))) return lane.decided(message);
      if (outcome.retryable && sessionOf(deviceId) === undefined) {
        await messages.change(message.id, (current) => begin(current, before), now());
        return lane.putBack(message);
      }
      const waitMs = outcome.retryable ? retryWaitsMs[attempts - 1] : undefined;
      if (waitMs === undefined) {
        await failed({ ...message, attempts }, { code: outcome.code, message: outcome.message });
        return lane.decided(message);
      }
      await messages.change(message.id, (current) => begin(current, attempts), now());
      again(deviceId, lane, message, { before: attempts, waitMs });
    } catch (error) {
      again(deviceId, lane, message, { before, waitMs: storeWaitMs, known: outcome });
      throw error;
    } finally {
      pump(deviceId);
    }
  }

  function again(
    deviceId: DeviceId,
    lane: Lane,
    message: OutgoingMessage,
    { before, waitMs, known }: {
      readonly before: number;
      readonly waitMs: number;
      readonly known?: SendOutcome;
    },
  ): void {
    lane.hold(message);
    after(waitMs, () => {
      lane.resume();
      inBackground("send", attempt(deviceId, lane, message, before, known));
    });
  }

  /** Undefined when it was decided before. A first try that is answered at once is not worth writing down: its id is. */
  async function sendOnce(
    session: Pick<Session, "send">,
    message: OutgoingMessage,
    attempts: number,
  ): Promise<SendOutcome | undefined> {
    const write = () => messages.change(message.id, (current) => begin(current, attempts), now());
    if (attempts > 1) {
      const begun = await write();
      if (begun === undefined || !isOpen(begun.message)) return undefined;
      return await send(session, message);
    }
    const timer = setTimeout(() => inBackground("begin", write()), SLOW_MS);
    const outcome = await send(session, message);
    clearTimeout(timer);
    return outcome;
  }

  async function isStillOpen(message: OutgoingMessage): Promise<boolean> {
    const found = await messages.get(message.id);
    return found !== undefined && isOpen(found);
  }

  async function send(session: Pick<Session, "send">, message: OutgoingMessage): Promise<SendOutcome> {
    const { waMessageId, to, context } = message;
    if (waMessageId === null) {
      return { ok: false, code: null, message: "It has no WhatsApp id", retryable: false };
    }
    try {
      return await session.send({
        waMessageId,
        to,
        content: outgoingOf(message, files.pathOf),
        ...(context.quoted === undefined ? {} : { quotedId: context.quoted.messageId }),
        ...(context.mentions === undefined ? {} : { mentions: context.mentions }),
      }, { timeoutMs: sendTimeoutMs });
    } catch (error) {
      return { ok: false, code: null, message: messageOf(error), retryable: true };
    }
  }

  function accepted(message: OutgoingMessage, at: number): Promise<OutgoingMessage> {
    const begun = accepting.get(message.id);
    if (begun !== undefined) return begun;
    const work = accept(message, at).finally(() => accepting.delete(message.id));
    accepting.set(message.id, work);
    return work;
  }

  async function accept(message: OutgoingMessage, at: number): Promise<OutgoingMessage> {
    const device = await deviceOf(message);
    return await decide(
      message,
      [sentDraft(message, device, at), statusDraft(message, device, { status: "sent", at })],
      { status: "sent", at },
    );
  }

  async function failed(message: OutgoingMessage, error: Failure): Promise<OutgoingMessage> {
    const device = await deviceOf(message);
    const at = now();
    const { attempts } = message;
    log.info("message.failed", { messageId: message.id, code: error.code, reason: error.message, attempts });
    const draft = statusDraft(message, device, { status: "failed", at, reason: error, attempts });
    return await decide(message, [draft], { status: "failed", at, reason: error });
  }

  /**
   * Publishes what became of a message and writes it down. The store commits in the order in which it is asked: the row
   * never says more than the events, and after a crash in between it asks for them again.
   */
  async function decide(
    message: OutgoingMessage,
    drafts: readonly EventDraft[],
    step: StatusStep,
  ): Promise<OutgoingMessage> {
    const { attempts } = message;
    const published = drafts.map((draft) => publish(draft));
    const writing = messages.change(message.id, (current) => {
      const change = advance(current, step, now());
      return change && { ...change, attempts: Math.max(attempts, current.attempts) };
    }, now());
    const [written] = await Promise.all([writing, ...published]);
    const result = written?.message ?? message;
    for (const tell of waiters.get(message.id) ?? []) tell(result);
    waiters.delete(message.id);
    const mediaId = mediaIdOf(message.content);
    if (mediaId !== undefined) await files.discard(mediaId);
    return result;
  }

  async function deviceOf({ deviceId }: OutgoingMessage): Promise<EventDevice | null> {
    if (deviceId === null) return null;
    const device = await devices.get(deviceId);
    return { id: deviceId, alias: device?.alias ?? null };
  }

  const isExpired = (message: OutgoingMessage) => now() - message.createdAt > expireAfterMs;
  const expiredError = (): Failure => ({
    code: null,
    message: `The device was not connected for ${
      Math.round(expireAfterMs / 3_600_000)
    } h after it was queued`,
  });

  /** Gives up what waited too long for devices that are not connected. */
  async function expire(): Promise<void> {
    for (const [deviceId, lane] of lanes) {
      if (!lane.more || sessionOf(deviceId) !== undefined) continue;
      const oldest = await messages.waiting(deviceId, ["queued", "processing"], MOST_WAITING);
      for (const message of oldest.filter(isExpired)) await failed(message, expiredError());
    }
  }

  function expireRegularly(): void {
    after(LOOK_FOR_EXPIRED_MS, () => {
      inBackground("expire", expire());
      expireRegularly();
    });
  }

  return {
    async start() {
      for (const device of await devices.list({ kind: "whatsapp" })) {
        if (!lanes.has(device.id)) lanes.set(device.id, new Lane({ more: true }));
        else laneOf(device.id).more = true;
        pump(device.id);
      }
      expireRegularly();
    },
    async stop(graceMs) {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, graceMs);
      await Promise.race([Promise.all(running), grace.promise]);
      clearTimeout(timer);
    },
    add(message) {
      if (message.deviceId === null) throw new TypeError("Cannot send a message without a device");
      laneOf(message.deviceId).add(message);
      pump(message.deviceId);
    },
    outcome(id, timeoutMs) {
      const told = Promise.withResolvers<OutgoingMessage | undefined>();
      const tell = (message: OutgoingMessage | undefined) => {
        clearTimeout(timer);
        told.resolve(message);
      };
      const timer = setTimeout(() => {
        const others = waiters.get(id);
        others?.delete(tell);
        if (others?.size === 0) waiters.delete(id);
        tell(undefined);
      }, timeoutMs);
      const waiting = waiters.get(id) ?? new Set();
      waiters.set(id, waiting.add(tell));
      return told.promise;
    },
    wake: pump,
    accepted,
    failed,
  };
}

function isOpen({ status }: OutgoingMessage): boolean {
  return status === "queued" || status === "processing";
}
