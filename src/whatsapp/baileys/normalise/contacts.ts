import type { Person } from "../../../events/person.ts";
import type { SessionDraft } from "../../session.ts";
import { changedDraft } from "../contact_changes.ts";
import { type BinaryNode, childOf } from "../stanza.ts";
import { type AltOf, personOf } from "./people.ts";
import { timeOf } from "./time.ts";

export function addressesInContactChange(stanza: BinaryNode): string[] {
  const { old, new: now, old_lid, new_lid } = childOf(stanza, "modify")?.attrs ?? {};
  return [old, now, old_lid, new_lid].filter((jid) => Boolean(jid));
}

/**
 * Somebody changed the number, as the server tells those who have the person among their contacts.
 * @see WhatsApp Web's parser of `<notification type="contacts">`; Baileys lib/Socket/messages-recv.js
 */
export function draftsOfContactChange(
  stanza: BinaryNode,
  { deviceId, altOf }: { readonly deviceId: string; readonly altOf: AltOf },
): SessionDraft[] {
  const { old, new: now, old_lid, new_lid } = childOf(stanza, "modify")?.attrs ?? {};
  const [before, after] = [old || old_lid, now || new_lid];
  if (!before || !after) return [];
  // the address book knows the LID of the old number, which mostly is that of the new one as well
  const previous = personOf(before, altOf, old_lid);
  const person: Person = personOf(after, altOf, new_lid || previous.lid);
  return [changedDraft(deviceId, person, previous, timeOf(stanza.attrs.t))];
}
