import { Lru } from "../async/lru.ts";
import type { Chat, Jid, Person } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import type { Credentials } from "../store/credentials.ts";
import { isLid, isPn, kindOf, LID_SERVER, plainJid, PN_SERVER, userOf } from "../whatsapp/jid.ts";

/** Knows people by both of their addresses, as far as a device has learned them. Never asks WhatsApp. */
export interface AddressBook {
  /** Somebody by one of their addresses. */
  person(deviceId: DeviceId, jid: Jid): Promise<Person>;
  /** Several people, by the address that each was asked for with, without its device. */
  people(deviceId: DeviceId, jids: readonly Jid[]): Promise<ReadonlyMap<Jid, Person>>;
  /** The conversation that an address means: by phone number whenever that is known. */
  chat(deviceId: DeviceId, jid: Jid): Promise<Chat>;
  /** One address for either of somebody's: the number where `person` has found one before, without looking again. */
  oneOf(deviceId: DeviceId, jid: Jid): Jid;
}

const REMEMBERED = 5_000;
/** Numbers change: what was found counts for so long. */
const FRESH_MS = 60_000;

/**
 * An address book on the keys of the devices: sessions keep there which LID belongs to which number, both ways.
 * @see Baileys lib/Signal/lid-mapping.js
 */
export function createAddressBook(
  { credentials, now }: { readonly credentials: Pick<Credentials, "keys">; readonly now: () => number },
): AddressBook {
  const known = new Lru<string, { readonly person: Person; readonly at: number }>(REMEMBERED);

  async function people(deviceId: DeviceId, jids: readonly Jid[]): Promise<ReadonlyMap<Jid, Person>> {
    const found = new Map<Jid, Person>();
    const unknown = new Set<Jid>();
    for (const plain of new Set(jids.map(plainJid))) {
      const before = known.get(`${deviceId}/${plain}`);
      if (before !== undefined && now() - before.at < FRESH_MS) found.set(plain, before.person);
      else unknown.add(plain);
    }
    if (unknown.size === 0) return found;
    const entries = await credentials.keys(deviceId, "lid-mapping", [...unknown].map(entryOf));
    for (const plain of unknown) {
      const other = userIn(entries.get(entryOf(plain)));
      const person = isLid(plain)
        ? { pn: other && `${other}@${PN_SERVER}`, lid: plain }
        : { pn: plain, lid: other && `${other}@${LID_SERVER}` };
      found.set(plain, person);
      if (other !== null) known.set(`${deviceId}/${plain}`, { person, at: now() });
    }
    return found;
  }

  async function person(deviceId: DeviceId, jid: Jid): Promise<Person> {
    return (await people(deviceId, [jid])).get(plainJid(jid)) ?? { pn: null, lid: null };
  }

  return {
    person,
    people,
    oneOf: (deviceId, jid) =>
      isLid(jid) ? known.get(`${deviceId}/${plainJid(jid)}`)?.person.pn ?? plainJid(jid) : plainJid(jid),
    async chat(deviceId, jid) {
      if (!isPn(jid) && !isLid(jid)) return { kind: kindOf(jid), jid: plainJid(jid) };
      const { pn, lid } = await person(deviceId, jid);
      return { kind: "person", jid: pn ?? lid ?? plainJid(jid), ...(lid === null ? {} : { lid }) };
    },
  };
}

function entryOf(jid: Jid): string {
  return isLid(jid) ? `${userOf(jid)}_reverse` : userOf(jid);
}

/** The user that an entry names; null where there is none, or none that can be read. */
function userIn(entry: string | undefined): string | null {
  if (entry === undefined) return null;
  try {
    const user: unknown = JSON.parse(entry);
    return typeof user === "string" && user !== "" ? user : null;
  } catch {
    return null;
  }
}
