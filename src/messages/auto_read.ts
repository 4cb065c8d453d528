import type { Clock, Timer } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import type { EventDraft } from "../events/event.ts";
import type { Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { Session } from "../whatsapp/session.ts";

const log = logOf("messages");

/** Those that come within this time are marked together. */
const GATHER_MS = 300;
/** Whoever has waited longer than this, while the gateway was away, is not told that it was just read. */
const TOO_OLD_MS = 24 * 3_600_000;

export interface SeenDeps {
  readonly publish: Publish;
  /** The device's session while it is connected to WhatsApp, else undefined. */
  readonly sessionOf: (deviceId: DeviceId) => Pick<Session, "markRead"> | undefined;
  readonly clock: Pick<Clock, "now" | "after">;
}

/** Tells the authors of messages that these were read, as soon as they are stored; what fails is let go. */
export interface Seen {
  /** Publishes; what came in is marked when it is stored. */
  readonly publish: Publish;
  stop(): void;
}

export function createAutoRead({ publish, sessionOf, clock }: SeenDeps): Seen {
  const waiting = new Map<DeviceId, { readonly chat: Jid; readonly messageId: string }[]>();
  const timers = new Set<Timer>();

  function mark(deviceId: DeviceId, chat: Jid, messageId: string): void {
    const gathered = waiting.get(deviceId);
    if (gathered !== undefined) return void gathered.push({ chat, messageId });
    waiting.set(deviceId, [{ chat, messageId }]);
    const timer = clock.after(GATHER_MS, () => {
      timers.delete(timer);
      const byChat = Map.groupBy(waiting.get(deviceId) ?? [], ({ chat }) => chat);
      waiting.delete(deviceId);
      for (const [chat, messages] of byChat) tell(deviceId, chat, messages.map(({ messageId }) => messageId));
    });
    timers.add(timer);
  }

  function tell(deviceId: DeviceId, chat: Jid, messageIds: readonly string[]): void {
    sessionOf(deviceId)?.markRead(messageIds, chat).catch((error) =>
      log.info("messages.not_marked", { deviceId, count: messageIds.length, error: messageOf(error) })
    );
  }

  return {
    async publish(draft) {
      const published = await publish(draft);
      if (!published.duplicate && draft.device !== null && draft.type === "message.received") {
        if (isForUs(draft, clock.now())) mark(draft.device.id, draft.data.chat.jid, draft.data.messageId);
      }
      return published;
    },
    stop() {
      for (const timer of timers) timer.cancel();
    },
  };
}

/** Somebody wrote to us or to our group, and not long ago; status posts and channels are for everybody. */
function isForUs({ data }: Extract<EventDraft, { type: "message.received" }>, now: number): boolean {
  const isChat = data.chat.kind === "person" || data.chat.kind === "group";
  return isChat && !data.fromMe && !data.backfilled && now - data.sentAt <= TOO_OLD_MS;
}
