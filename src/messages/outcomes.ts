import type { EventDevice, EventDraft } from "../events/event.ts";
import type { MessageId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { Devices } from "../store/devices.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import { sentDraft, statusDraft } from "./drafts.ts";
import { mediaIdOf } from "./outgoing_of.ts";
import { advance, type StatusStep } from "./status.ts";

const log = logOf("messages");

export type Failure = NonNullable<OutgoingMessage["error"]>;

export interface OutcomeDeps {
  readonly messages: Pick<Messages, "change">;
  readonly devices: Pick<Devices, "get">;
  readonly publish: Publish;
  readonly files: {
    /** The file is not needed any more. */
    discard(mediaId: string): Promise<void>;
  };
  readonly now: () => number;
}

/** What becomes of messages, for those who wait for it. */
export interface Outcomes {
  /** WhatsApp has the message: publishes that, writes it down, and ends what waits for it. Safe to repeat. */
  accepted(message: OutgoingMessage, at: number): Promise<OutgoingMessage>;
  /** The message will never arrive. Safe to repeat. */
  failed(message: OutgoingMessage, error: Failure): Promise<OutgoingMessage>;
  /** The message once it is sent or failed; undefined after `timeoutMs`. */
  outcome(id: MessageId, timeoutMs: number): Promise<OutgoingMessage | undefined>;
}

export function createOutcomes({ messages, devices, publish, files, now }: OutcomeDeps): Outcomes {
  const waiters = new Map<MessageId, Set<(message: OutgoingMessage) => void>>();
  const accepting = new Map<MessageId, Promise<OutgoingMessage>>();

  async function accept(message: OutgoingMessage, at: number): Promise<OutgoingMessage> {
    const device = await deviceOf(message);
    return await decide(
      message,
      [sentDraft(message, device, at), statusDraft(message, device, { status: "sent", at })],
      { status: "sent", at },
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

  return {
    accepted(message, at) {
      const begun = accepting.get(message.id);
      if (begun !== undefined) return begun;
      const work = accept(message, at).finally(() => accepting.delete(message.id));
      accepting.set(message.id, work);
      return work;
    },

    async failed(message, error) {
      const device = await deviceOf(message);
      const at = now();
      const { attempts } = message;
      log.info("message.failed", {
        messageId: message.id,
        code: error.code,
        reason: error.message,
        attempts,
      });
      const draft = statusDraft(message, device, { status: "failed", at, reason: error, attempts });
      return await decide(message, [draft], { status: "failed", at, reason: error });
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
  };
}
