import type { Clock } from "../async/clock.ts";
import { createShared } from "../async/shared.ts";
import type { DraftDevice, EventDraft } from "../events/event.ts";
import { draftDeviceOf } from "../events/origin.ts";
import type { Chat } from "../events/person.ts";
import type { DeviceId, MessageId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { Devices } from "../store/devices.ts";
import type { MessageError, Messages, OutgoingMessage } from "../store/messages.ts";
import { chatOf, sentDraft, statusDraft } from "./drafts.ts";
import { mediaIdOf } from "./to_outgoing.ts";
import type { AddressBook } from "../devices/address_book.ts";
import { advance, type StatusStep } from "./status.ts";

const log = logOf("messages");

export type Failure = MessageError;

export interface OutcomeDeps {
  readonly messages: Pick<Messages, "change">;
  /** Where a message of a device is changed instead, when that is held under a lease. */
  readonly messagesOf?: MessagesOf;
  /** Hears of each message that is decided here. */
  readonly onDecided?: (id: MessageId) => void;
  readonly devices: Pick<Devices, "get">;
  readonly publish: Publish;
  /** Knows both addresses of a recipient; left out: the one that the message was sent to. */
  readonly addresses?: Pick<AddressBook, "chat">;
  readonly files: {
    /** The file is not needed any more. */
    discard(mediaId: string): Promise<void>;
  };
  readonly clock: Pick<Clock, "now" | "after">;
}

/** The messages as the holder of a device may change them; undefined: as anybody may. */
export type MessagesOf = (deviceId: DeviceId) => Pick<Messages, "change"> | undefined;

/** What becomes of messages, for those who wait for it. */
export interface Outcomes {
  /**
   * WhatsApp has the message: publishes that, writes it down, and ends what waits for it. Safe to repeat.
   * @param stored As the store had it when it was last read.
   */
  accepted(message: OutgoingMessage, at: number, stored?: OutgoingMessage): Promise<OutgoingMessage>;
  /** The message will never arrive. Safe to repeat. */
  failed(message: OutgoingMessage, error: Failure): Promise<OutgoingMessage>;
  /** The message once it is sent or failed; undefined after `timeoutMs`. */
  outcome(id: MessageId, timeoutMs: number): Promise<OutgoingMessage | undefined>;
}

export function createOutcomes(deps: OutcomeDeps): Outcomes {
  const { messages, devices, publish, addresses, files, clock } = deps;
  const { now } = clock;
  const waiters = new Map<MessageId, Set<(message: OutgoingMessage) => void>>();
  const accepting = createShared<OutgoingMessage>();

  async function accept(
    message: OutgoingMessage,
    at: number,
    stored: OutgoingMessage | undefined,
  ): Promise<OutgoingMessage> {
    const [device, chat] = await Promise.all([deviceOf(message), chatFor(message)]);
    return await decide(
      message,
      [sentDraft(message, device, at, chat), statusDraft(message, device, { status: "sent", at }, chat)],
      { status: "sent", at },
      stored,
    );
  }

  /**
   * Publishes what became of a message and writes it down. The store commits in the order in which it is asked: the row
   * never says more than the events, and after a crash in between it asks for them again.
   */
  async function decide(
    message: OutgoingMessage,
    drafts: readonly EventDraft[],
    step: StatusStep,
    stored?: OutgoingMessage,
  ): Promise<OutgoingMessage> {
    const { attempts } = message;
    const published = drafts.map((draft) => publish(draft));
    const own = message.deviceId === null ? undefined : deps.messagesOf?.(message.deviceId);
    const writing = (own ?? messages).change(
      message.id,
      (current) => {
        const change = advance(current, step, now());
        return change && { ...change, attempts: Math.max(attempts, current.attempts) };
      },
      now(),
      stored,
    );
    const [written] = await Promise.all([writing, ...published]);
    const result = written?.message ?? message;
    for (const tell of waiters.get(message.id) ?? []) tell(result);
    waiters.delete(message.id);
    deps.onDecided?.(message.id);
    const mediaId = mediaIdOf(message);
    if (mediaId !== undefined) await files.discard(mediaId);
    return result;
  }

  async function deviceOf({ deviceId }: OutgoingMessage): Promise<DraftDevice | null> {
    if (deviceId === null) return null;
    const device = await devices.get(deviceId);
    return device === undefined ? { id: deviceId, alias: null } : draftDeviceOf(device);
  }

  async function chatFor({ deviceId, to }: OutgoingMessage): Promise<Chat> {
    return deviceId === null || addresses === undefined ? chatOf(to) : await addresses.chat(deviceId, to);
  }

  return {
    accepted: (message, at, stored) => accepting(message.id, () => accept(message, at, stored)),

    async failed(message, error) {
      const [device, chat] = await Promise.all([deviceOf(message), chatFor(message)]);
      const at = now();
      const { attempts } = message;
      log.info("message.failed", {
        messageId: message.id,
        code: error.code,
        reason: error.message,
        attempts,
      });
      const draft = statusDraft(message, device, { status: "failed", at, reason: error, attempts }, chat);
      return await decide(message, [draft], { status: "failed", at, reason: error });
    },

    outcome(id, timeoutMs) {
      const told = Promise.withResolvers<OutgoingMessage | undefined>();
      const tell = (message: OutgoingMessage | undefined) => {
        timer.cancel();
        told.resolve(message);
      };
      const timer = clock.after(timeoutMs, () => {
        const others = waiters.get(id);
        others?.delete(tell);
        if (others?.size === 0) waiters.delete(id);
        tell(undefined);
      });
      const waiting = waiters.get(id) ?? new Set();
      waiters.set(id, waiting.add(tell));
      return told.promise;
    },
  };
}
