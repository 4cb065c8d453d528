import { isGroup, plainJid } from "../../jid.ts";
import type { SessionDraft } from "../../session.ts";
import { type BinaryNode, childrenOf } from "../stanza.ts";
import { type AltOf, personOf } from "./people.ts";

/**
 * Somebody, or a group, has a new picture or none any more.
 * @see Baileys lib/Socket/messages-recv.js `processNotification`, "picture"
 */
export function draftsOfPicture(
  { attrs, ...stanza }: BinaryNode,
  { deviceId, altOf }: { readonly deviceId: string; readonly altOf: AltOf },
): SessionDraft[] {
  const owner = plainJid(attrs.from);
  const dedupeKey = `${deviceId}/picture/${owner}/${attrs.id}`;
  if (!isGroup(owner)) {
    return [{
      type: "contact.updated",
      data: { contact: personOf(owner, altOf), pictureChanged: true },
      dedupeKey,
    }];
  }
  const author = childrenOf({ attrs, ...stanza }).map((change) => change.attrs.author).find((jid) => jid);
  const by = author ? personOf(author, altOf) : null;
  return [{
    type: "group.updated",
    data: { group: owner, change: { what: "picture", value: null }, by },
    dedupeKey,
  }];
}
