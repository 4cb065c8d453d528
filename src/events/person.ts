/** A WhatsApp address without a device part: `62812…@s.whatsapp.net`, `8123…@lid` or `1203…@g.us`. */
export type Jid = string;

/**
 * A person as WhatsApp knows them: by phone number (`pn`), by hidden identity (`lid`), or by both.
 * Whatever is not known is null; never both at once.
 */
export interface Person {
  readonly pn: Jid | null;
  readonly lid: Jid | null;
  /** The name that the person gave themselves, when they told it. */
  readonly pushName?: string;
}

/** A conversation. `jid` is the phone-number jid whenever the number is known, else the LID or the group. */
export interface Chat {
  readonly kind: "person" | "group" | "broadcast" | "newsletter";
  readonly jid: Jid;
  /** The hidden identity of the other person, where it is known too. */
  readonly lid?: Jid;
}

/** The address by which a subscriber should know a person: the phone number when it is known. */
export function addressOf(person: Person): Jid {
  const jid = person.pn ?? person.lid;
  if (jid === null) throw new TypeError("Cannot address a person: neither phone number nor LID is known");
  return jid;
}

/** The person's hidden identity, in a field of its own beside the phone number. */
export function lidOf(person: Person | null | undefined): Jid | undefined {
  return person?.lid ?? undefined;
}
