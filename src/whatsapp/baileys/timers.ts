import type { Chat } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { Credentials } from "../../store/credentials.ts";
import { Lru } from "../../async/lru.ts";

/** Kept among the device's keys, under a type that Baileys does not have. */
const TYPE = "chat-timer";
const REMEMBERED = 2_000;

/** Remembers after how many seconds the messages of a chat with a person disappear: answers are to do so as well. */
export function createTimers(deviceId: DeviceId, credentials: Pick<Credentials, "keys" | "setKeys">) {
  const known = new Lru<string, number>(REMEMBERED);
  /** A person is known by the LID first, as numbers change. */
  const addressesOf = ({ jid, lid }: Chat) => lid === undefined || lid === jid ? [jid] : [lid, jid];

  async function recall(address: string): Promise<number> {
    const cached = known.get(address);
    if (cached !== undefined) return cached;
    const stored = Number((await credentials.keys(deviceId, TYPE, [address])).get(address)) || 0;
    known.set(address, stored);
    return stored;
  }

  return {
    /** Somebody has set the timer of a chat, or written under it. */
    async note(chat: Chat, seconds: number): Promise<void> {
      for (const id of addressesOf(chat)) {
        if (await recall(id) === seconds) continue;
        known.set(id, seconds);
        await credentials.setKeys(deviceId, [{
          type: TYPE,
          id,
          value: seconds === 0 ? null : String(seconds),
        }]);
      }
    },
    /** Seconds; 0: messages stay. */
    async of(chat: Chat): Promise<number> {
      for (const address of addressesOf(chat)) {
        const seconds = await recall(address);
        if (seconds > 0) return seconds;
      }
      return 0;
    },
  };
}

export type Timers = ReturnType<typeof createTimers>;
