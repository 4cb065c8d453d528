// Who and what a record is about: the people and groups in it, made on the simulated network.
import type { Fixture, RecordedNode } from "../../recording/fixture.ts";
import type { Contact } from "../people/contact.ts";
import type { VirtualPhone } from "../people/phone.ts";
import type { WhatsAppSimulator } from "../server/server.ts";
import { parseJid } from "../wire/jids.ts";

/** Everybody in a record. */
export interface Cast {
  readonly phone: VirtualPhone;
  /** @returns Whoever has this address in the record; undefined for the server itself. */
  find(jid: string): Contact | VirtualPhone | undefined;
}

/** Pairs of attributes that name one person: the address, and the other one beside it. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["from", "sender_pn"],
  ["from", "sender_lid"],
  ["participant", "participant_pn"],
  ["participant", "participant_lid"],
  ["recipient", "peer_recipient_pn"],
  ["recipient", "peer_recipient_lid"],
  ["jid", "phone_number"],
  ["jid", "lid"],
  ["call-creator", "caller_pn"],
];
const NUMBERS = new Set(["s.whatsapp.net", "c.us", "hosted"]);
const LIDS = new Set(["lid", "hosted.lid"]);

/** What a record says of somebody. */
interface Known {
  number?: string;
  lid?: string;
  name?: string;
}

/** Makes everybody in a record: people with the addresses they have in it, and groups with who was seen there. */
export function castOf(fixture: Fixture, simulator: WhatsAppSimulator): Cast {
  const { me } = fixture.header;
  const phone = simulator.network.phone(me.number, "Replay", me.lid);
  const people = new Map<string, Known>(); // by number and by lid
  const groups = new Map<string, { subject?: string; readonly users: Set<string> }>();

  for (const { stanza } of fixture.stanzas) walk(stanza, undefined);
  let made = 0;
  for (const known of new Set(people.values())) {
    if ([known.number, known.lid].some((user) => user === me.number || user === me.lid)) continue;
    const number = known.number ?? `62899${String(++made).padStart(7, "0")}`;
    const isNumberHidden = known.number === undefined;
    simulator.contact(number, known.name, { lid: known.lid ?? `8${number}`, isNumberHidden });
  }
  for (const [jid, { subject = "Group", users }] of groups) {
    const members = [...users].map((user) => simulator.network.find(user)).filter((person) =>
      person !== undefined
    );
    simulator.group(subject, [...new Set([...members, phone])], { jid });
  }
  return { phone, find: (jid) => jid.includes("@") ? simulator.network.find(jid) : undefined };

  function walk(node: RecordedNode, group: string | undefined): void {
    const { attrs } = node;
    const inside = [attrs.from, attrs.to].find((jid) => jid?.endsWith("@g.us")) ??
      (node.tag === "group" && attrs.id ? `${parseJid(`${attrs.id}@`).user}@g.us` : group);
    for (const [first, second] of PAIRS) if (attrs[first] && attrs[second]) same(attrs[first], attrs[second]);
    for (const value of Object.values(attrs)) person(value);
    const writer = attrs.participant ?? attrs.from;
    const named = writer === undefined ? undefined : person(writer);
    if (named && attrs.notify) named.name = attrs.notify;
    if (inside !== undefined) {
      const seen = groups.get(inside) ?? { users: new Set() };
      groups.set(inside, seen);
      seen.subject = attrs.subject ?? seen.subject;
      for (const jid of [attrs.participant, attrs.jid]) {
        if (jid && person(jid)) seen.users.add(parseJid(jid).user);
      }
    }
    for (const child of node.children ?? []) walk(child, inside);
  }

  function person(jid: string): Known | undefined {
    const { user, server } = jid.includes("@") ? parseJid(jid) : { user: "", server: "" };
    const kind = NUMBERS.has(server) ? "number" : LIDS.has(server) ? "lid" : undefined;
    if (kind === undefined || user === "") return undefined;
    const known: Known = people.get(user) ?? { [kind]: user };
    people.set(user, known);
    return known;
  }

  function same(first: string, second: string): void {
    const [one, other] = [person(first), person(second)];
    if (!one || !other || one === other) return;
    Object.assign(one, { ...other, ...one });
    for (const user of [one.number, one.lid]) if (user) people.set(user, one);
  }
}
