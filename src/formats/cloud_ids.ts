import { createHash } from "node:crypto";
import { addressOf, type Jid, type Person } from "../events/person.ts";

/** The country of user ids: ISO 3166 leaves it to users, so that no id of Meta's is ever equal to one of ours. */
const COUNTRY = "ZZ";

/** The digits of an address: a phone number's, or a LID's. */
export function digitsOf(jid: Jid): string {
  return /^\d+/.exec(jid)?.[0] ?? "";
}

/** Digits of the phone number, when it is known. */
export function numberOf({ pn }: Person): string | undefined {
  return pn === null ? undefined : digitsOf(pn);
}

/** What stands for Meta's business-scoped user id: made of the LID, which stays when a number becomes known. */
export function userIdOf(person: Person): string {
  return `${COUNTRY}.${digitsOf(person.lid ?? addressOf(person))}`;
}

/** A message's id for the Cloud API, in both directions. */
export function wamidOf(waMessageId: string): string {
  return `wamid.${waMessageId}`;
}

const accounts = new Map<string, string>();

/** Digits that stand for a tenant's WhatsApp business account: the same at every start. */
export function businessAccountIdOf(tenantId: string): string {
  const known = accounts.get(tenantId);
  if (known !== undefined) return known;
  const made = String(1e14 + createHash("sha256").update(tenantId).digest().readUIntBE(0, 5));
  if (accounts.size >= 10_000) accounts.clear();
  accounts.set(tenantId, made);
  return made;
}
