import type { Jid, Person } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { Credentials } from "../../store/credentials.ts";
import { Lru } from "../../async/lru.ts";
import type { SessionDraft } from "../session.ts";

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
export function createContactChanges(deviceId: DeviceId, credentials: Pick<Credentials, "keys" | "setKeys">) {
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

  async function hide(lid: Jid): Promise<void> {
    if (await recall(HIDDEN, hidden, lid) === NONE) await remember(HIDDEN, hidden, lid, "1");
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
    /** Takes note that somebody is known by LID alone. */
    hide,
    /**
     * Takes note of a message's author.
     * @returns A `contact.updated` when they go by a new name.
     */
    async meet(person: Person, messageId: string): Promise<SessionDraft | undefined> {
      if (person.pn === null && person.lid !== null) await hide(person.lid);
      return await renamed(person, messageId);
    },
    /**
     * Takes note of phone numbers that have become known, or are others now.
     * @param before The numbers that the LIDs had.
     * @returns An `identity.resolved` for each person who was told of by LID alone, an `identity.changed` for each who
     * has another number; call `resolved` when they are stored.
     */
    async unveil(
      mappings: readonly Mapping[],
      before: ReadonlyMap<Jid, Jid>,
      at: number,
    ): Promise<SessionDraft[]> {
      const unknown = mappings.map(({ lid }) => lid).filter((lid) => !hidden.has(lid));
      const stored = unknown.length > 1 ? await credentials.keys(deviceId, HIDDEN, unknown) : undefined;
      const isHidden = async (lid: Jid) =>
        (stored === undefined || hidden.has(lid)
          ? await recall(HIDDEN, hidden, lid)
          : stored.get(lid) ?? NONE) !==
          NONE;
      const drafts: SessionDraft[] = [];
      for (const { pn, lid } of mappings) {
        const former = before.get(lid);
        if (former !== undefined && former !== pn) {
          drafts.push(changedDraft(deviceId, { pn, lid }, { pn: former, lid }, at));
        } else if (await isHidden(lid)) {
          const dedupeKey = `${deviceId}/identity.resolved/${lid}`;
          drafts.push({ type: "identity.resolved", data: { pn, lid }, dedupeKey });
        }
      }
      return drafts;
    },
    async resolved(lids: readonly Jid[]): Promise<void> {
      for (const lid of lids) {
        if (await recall(HIDDEN, hidden, lid) !== NONE) await remember(HIDDEN, hidden, lid, null);
      }
    },
  };
}

export type ContactChanges = ReturnType<typeof createContactChanges>;

/** Somebody has another number, or another LID, than before; told once, whichever way it is found out. */
export function changedDraft(
  deviceId: DeviceId,
  person: Person,
  previous: Person,
  changedAt: number,
  group?: Jid,
): SessionDraft {
  const [from, to] = [previous, person].map(({ pn, lid }) => pn ?? lid);
  return {
    type: "identity.changed",
    data: { person, previous, changedAt, ...(group === undefined ? {} : { group }) },
    dedupeKey: `${deviceId}/identity.changed/${from}/${to}`,
  };
}
