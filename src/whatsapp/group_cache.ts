import type { GroupMetadata } from "@whiskeysockets/baileys";
import type { Clock } from "./clock.ts";
import { Lru } from "./lru.ts";

const GROUPS = 200;
/** Changes are told by notifications; this is for those that were missed. */
const FRESH_MS = 300_000;

/** Remembers who is in which group, so that a message to a group needs no question first. */
export function createGroupCache(fetch: (jid: string) => Promise<GroupMetadata>, clock: Clock) {
  const cache = new Lru<string, { readonly metadata: GroupMetadata; readonly at: number }>(GROUPS);
  return {
    async get(jid: string): Promise<GroupMetadata> {
      const known = cache.get(jid);
      if (known !== undefined && clock.now() - known.at < FRESH_MS) return known.metadata;
      const metadata = await fetch(jid);
      cache.set(jid, { metadata, at: clock.now() });
      return metadata;
    },
    forget: (jid: string) => cache.delete(jid),
  };
}
