import type { Jid, Person } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import type { Credentials } from "../store/credentials.ts";
import { Lru } from "./lru.ts";
import type { SessionDraft } from "./session.ts";

/** Kept among the device's keys, under types that Baileys does not have. */
const NAMES = "push-name";
const HIDDEN = "hidden-lid";

const REMEMBERED = 2_000;
/** In memory: it was looked for, and is not there. */
const NONE = "";

/** Which LID turned out to have which phone number. */
export interface Mapping {
  readonly pn: Jid;
  readonly lid: Jid;
}

/** Remembers under which name and address people were told of, to tell when that changes. */
export function createAcquaintances(deviceId: DeviceId, credentials: Pick<Credentials, "keys" | "setKeys">) {
  const names = new Lru<string, string>(REMEMBERED);
  const hidden = new Lru<string, string>(REMEMBERED);

  async function recall(type: string, cache: Lru<string, string>, id: string): Promise<string> {
    const cached = cache.get(id);
    if (cached !== undefined) return cached;
    const stored = (await credentials.keys(deviceId, type, [id])).get(id) ?? NONE;
    cache.set(id, stored);
    return stored;
  }

  async function remember(type: string, cache: Lru<string, string>, id: string, value: string | null) {
    await credentials.setKeys(deviceId, [{ type, id, value }]);
    cache.set(id, value ?? NONE);
  }

  async function renamed(person: Person, messageId: string): Promise<SessionDraft | undefined> {
    const { pushName } = person;
    const jid = person.pn ?? person.lid;
    if (!pushName || jid === null) return undefined;
    const known = await recall(NAMES, names, jid);
    if (known === pushName) return undefined;
    await remember(NAMES, names, jid, pushName);
    if (known === NONE) return undefined; // the first name is no change
    return {
      type: "contact.updated",
      data: { contact: person, name: pushName },
      dedupeKey: `${deviceId}/contact.updated/${jid}/${messageId}`,
    };
  }

  return {
    /**
     * Takes note of a message's author.
     * @returns A `contact.updated` when they go by a new name.
     */
    async meet(person: Person, messageId: string): Promise<SessionDraft | undefined> {
      if (person.pn === null && person.lid !== null && await recall(HIDDEN, hidden, person.lid) === NONE) {
        await remember(HIDDEN, hidden, person.lid, "1");
      }
      return await renamed(person, messageId);
    },
    /**
     * Takes note of phone numbers that have become known.
     * @returns An `identity.resolved` for each person who was told of by LID alone; call `resolved` when it is stored.
     */
    async unveil(mappings: readonly Mapping[]): Promise<SessionDraft[]> {
      const drafts: SessionDraft[] = [];
      for (const { pn, lid } of mappings) {
        if (await recall(HIDDEN, hidden, lid) === NONE) continue;
        const dedupeKey = `${deviceId}/identity.resolved/${lid}`;
        drafts.push({ type: "identity.resolved", data: { pn, lid }, dedupeKey });
      }
      return drafts;
    },
    async resolved(lids: readonly Jid[]): Promise<void> {
      for (const lid of lids) await remember(HIDDEN, hidden, lid, null);
    },
  };
}

export type Acquaintances = ReturnType<typeof createAcquaintances>;
