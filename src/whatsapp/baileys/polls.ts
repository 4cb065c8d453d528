import type { Chat } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import { Lru } from "../../async/lru.ts";
import type { Credentials } from "../../store/credentials.ts";

/** Kept among the device's keys, under a type that Baileys does not have. */
const TYPE = "poll-options";
const REMEMBERED = 500;
/** Polls have a dozen options; nobody makes a list grow without end. */
const MOST_OPTIONS = 100;

/** Remembers what the options of polls are now: votes name them by hash, and options are added and edited later. */
export function createPolls(deviceId: DeviceId, credentials: Pick<Credentials, "keys" | "setKeys">) {
  const known = new Lru<string, string>(REMEMBERED);
  const idOf = ({ jid, lid }: Chat, messageId: string) => `${lid ?? jid}/${messageId}`;

  return {
    /** The options of a poll that has changed; undefined when it is as it was made. */
    async options(chat: Chat, messageId: string): Promise<readonly string[] | undefined> {
      const id = idOf(chat, messageId);
      const stored = known.get(id) ?? (await credentials.keys(deviceId, TYPE, [id])).get(id) ?? "";
      known.set(id, stored);
      return stored === "" ? undefined : JSON.parse(stored);
    },
    async changed(chat: Chat, messageId: string, options: readonly string[]): Promise<void> {
      const id = idOf(chat, messageId);
      const value = JSON.stringify(options.slice(0, MOST_OPTIONS));
      await credentials.setKeys(deviceId, [{ type: TYPE, id, value }]);
      known.set(id, value);
    },
  };
}

export type Polls = ReturnType<typeof createPolls>;
