import type { GroupMetadata } from "@whiskeysockets/baileys";
import type { Person } from "../../events/person.ts";
import type { Clock } from "../../async/clock.ts";
import { Lru } from "../../async/lru.ts";
import { within } from "../../async/within.ts";
import { membersOf } from "./learning.ts";

const GROUPS = 200;
/** Changes are told by notifications; this is for those that were missed. */
const FRESH_MS = 300_000;

/** Remembers who is in which group, so that a message to a group needs no question first. */
export function createGroupCache(fetch: (jid: string) => Promise<GroupMetadata>, clock: Clock) {
  const cache = new Lru<string, { readonly metadata: GroupMetadata; readonly at: number }>(GROUPS);
  let changes = 0;
  return {
    async get(jid: string): Promise<GroupMetadata> {
      const known = cache.get(jid);
      if (known !== undefined && clock.now() - known.at < FRESH_MS) return known.metadata;
      const before = changes;
      const metadata = await fetch(jid);
      // what was told meanwhile may not be in this answer
      if (before === changes) cache.set(jid, { metadata, at: clock.now() });
      return metadata;
    },
    forget(jid: string): void {
      changes++;
      cache.delete(jid);
    },
  };
}

/** How long WhatsApp may take to tell who is in a group, when other messages wait for that. */
const ASKED_MS = 3_000;

/** What somebody may do in a group. */
export interface GroupRights {
  readonly isAdmin: boolean;
  /** Changes what the group is called, pins and the like: every member unless that is kept to admins. */
  readonly mayChangeInfo: boolean;
}

/** What somebody may do in a group; undefined when WhatsApp does not tell in time. */
export async function rightsIn(
  asked: Promise<GroupMetadata>,
  { pn, lid }: Person,
  clock: Clock,
): Promise<GroupRights | undefined> {
  let metadata: GroupMetadata | undefined;
  const told = asked.then((found) => void (metadata = found), () => {}); // not a member any more, or no answer
  await within(ASKED_MS, told, clock);
  if (metadata === undefined) return undefined;
  const { participants } = metadata;
  const people = membersOf(metadata);
  const place = people.findIndex((one) =>
    (pn !== null && one.pn === pn) || (lid !== null && one.lid === lid)
  );
  const isAdmin = Boolean(participants[place]?.admin);
  return { isAdmin, mayChangeInfo: isAdmin || !metadata.restrict };
}
