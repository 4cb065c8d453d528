import { messageOf } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { SendOutcome, Session } from "../whatsapp/session.ts";
import type { Background } from "../async/background.ts";
import type { Clock } from "../async/clock.ts";
import type { Expiry } from "./expiry.ts";
import type { Lane } from "./lane.ts";
import type { Failure, MessagesOf, Outcomes } from "./outcomes.ts";
import { mediaIdOf, outgoingOf } from "./to_outgoing.ts";
import { begin, errorOf, isOpen } from "./status.ts";

const SEND_TIMEOUT_MS = 20_000;
/** A message on its way for so long is shown as `processing`. */
const SLOW_MS = 100;
/** Waits before the second and the third try. */
const RETRY_WAITS_MS: readonly number[] = [2_000, 4_000];
const STORE_WAIT_MS = 1_000;
const OTHER_NUMBER: Failure = {
  code: null,
  message: "The device was linked with another number before the message was sent",
};

/** How sending is tried. */
export interface TryPolicy {
  readonly retryWaitsMs?: readonly number[];
  readonly sendTimeoutMs?: number;
  /** How long the store gets to recover when it refuses. */
  readonly storeWaitMs?: number;
}

export interface TryDeps extends TryPolicy {
  readonly messages: Pick<Messages, "get" | "change">;
  readonly messagesOf?: MessagesOf;
  readonly outcomes: Pick<Outcomes, "accepted" | "failed">;
  readonly expiry: Expiry;
  /** The device's session while it is connected to WhatsApp, else undefined. */
  readonly sessionOf: (deviceId: DeviceId) => Pick<Session, "send"> | undefined;
  /** The number under which the device is connected, digits; null while it is not. */
  readonly phoneOf: (deviceId: DeviceId) => string | null;
  readonly pathOf: (mediaId: string) => string;
  /** Makes sure that a file is at its path; left out: it is. */
  readonly fetchFile?: (mediaId: string) => Promise<void>;
  readonly background: Background;
  /** A place in the device's lane may be free. */
  readonly pump: (deviceId: DeviceId) => void;
  readonly clock: Pick<Clock, "now" | "after">;
}

/** Sends a message that a lane gave out, as often as it takes, and tells the lane what became of it. */
export type Try = (deviceId: DeviceId, lane: Lane, message: OutgoingMessage) => void;

/** What came of one try. */
interface Tried {
  /** Undefined when the message was decided before. */
  readonly outcome: SendOutcome | undefined;
  /** The message as the store is believed to have it. */
  readonly stored: OutgoingMessage;
}

/** What is known of a message between two tries. */
interface Course {
  /** How often it was tried already. */
  readonly before: number;
  /** What WhatsApp answered to the latest try, when only the store could not take that yet: nothing is sent again. */
  readonly known?: SendOutcome;
}

export function createTry(deps: TryDeps): Try {
  const { messages, outcomes, expiry, sessionOf, pathOf, background, pump, clock } = deps;
  const { now } = clock;
  const retryWaitsMs = deps.retryWaitsMs ?? RETRY_WAITS_MS;
  const sendTimeoutMs = deps.sendTimeoutMs ?? SEND_TIMEOUT_MS;
  const storeWaitMs = deps.storeWaitMs ?? STORE_WAIT_MS;

  const changing = (deviceId: DeviceId) => deps.messagesOf?.(deviceId) ?? messages;

  /** Tries once, and sees to what follows. */
  async function attempt(
    deviceId: DeviceId,
    lane: Lane,
    message: OutgoingMessage,
    { before, known }: Course,
  ): Promise<void> {
    const attempts = before + 1;
    let outcome = known;
    let stored = message;
    try {
      if (outcome === undefined) {
        const session = sessionOf(deviceId);
        if (session === undefined) return lane.putBack(message, before > 0);
        const over = overFor(message, deps.phoneOf(deviceId));
        if (over !== undefined) {
          await outcomes.failed(message, over);
          return lane.decided(message);
        }
        ({ outcome, stored } = await sendOnce(deviceId, session, message, attempts));
      }
      if (outcome?.ok) {
        const sent = { ...message, attempts, to: outcome.to ?? message.to };
        await outcomes.accepted(sent, outcome.acceptedAt, stored);
      }
      // A receipt may have come before the answer, or instead of it.
      if (outcome === undefined || outcome.ok || !(await isStillOpen(message))) return lane.decided(message);
      if (outcome.retryable && sessionOf(deviceId) === undefined) {
        await changing(deviceId).change(message.id, (current) => begin(current, before), now());
        return lane.putBack(message, true);
      }
      const waitMs = outcome.retryable ? retryWaitsMs[attempts - 1] : undefined;
      if (waitMs === undefined) {
        await outcomes.failed({ ...message, attempts }, errorOf(outcome));
        return lane.decided(message);
      }
      await changing(deviceId).change(message.id, (current) => begin(current, attempts), now());
      again(deviceId, lane, message, { before: attempts }, waitMs);
    } catch (error) {
      again(deviceId, lane, message, { before, known: outcome }, storeWaitMs);
      throw error;
    } finally {
      pump(deviceId);
    }
  }

  /** Why a message may not leave any more. */
  function overFor(message: OutgoingMessage, phone: string | null): Failure | undefined {
    if (expiry.isOver(message)) return expiry.error;
    const { senderPhone } = message;
    return senderPhone === null || phone === null || phone === senderPhone ? undefined : OTHER_NUMBER;
  }

  function again(
    deviceId: DeviceId,
    lane: Lane,
    message: OutgoingMessage,
    course: Course,
    waitMs: number,
  ): void {
    lane.hold(message);
    background.after(waitMs, () => {
      lane.resume();
      background.run("send", attempt(deviceId, lane, message, course));
    });
  }

  /** A first try that is answered at once is not worth writing down: its id is. */
  async function sendOnce(
    deviceId: DeviceId,
    session: Pick<Session, "send">,
    message: OutgoingMessage,
    attempts: number,
  ): Promise<Tried> {
    const write = (at: number, believed?: OutgoingMessage) =>
      changing(deviceId).change(message.id, (current) => begin(current, attempts), at, believed);
    if (attempts > 1) {
      const begun = await write(now());
      if (begun === undefined || !isOpen(begun.message)) return { outcome: undefined, stored: message };
      return { outcome: await send(session, message), stored: begun.message };
    }
    let stored = message;
    const timer = clock.after(SLOW_MS, () => {
      const at = now();
      stored = { ...message, ...begin(message, attempts), updatedAt: at };
      background.run("begin", write(at, message));
    });
    const outcome = await send(session, message);
    timer.cancel();
    return { outcome, stored };
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
      const mediaId = mediaIdOf(message);
      if (mediaId !== undefined) await deps.fetchFile?.(mediaId);
      return await session.send({
        waMessageId,
        to,
        content: outgoingOf(message, pathOf),
        ...(context.quoted === undefined ? {} : { quotedId: context.quoted.messageId }),
        ...(context.mentions === undefined ? {} : { mentions: context.mentions }),
        ...(context.mentionsAll ? { mentionsAll: true } : {}),
      }, { timeoutMs: sendTimeoutMs });
    } catch (error) {
      return { ok: false, code: null, message: messageOf(error), retryable: true };
    }
  }

  return (deviceId, lane, message) =>
    background.run("send", attempt(deviceId, lane, message, { before: message.attempts }));
}
