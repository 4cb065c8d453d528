import { createHash } from "node:crypto";
import type { WAMessageKey } from "@whiskeysockets/baileys";
import { plainJid } from "../jid.ts";

const TAG_LETTERS = 12;
/** Between a message's id and the tag; WhatsApp's ids have letters and digits only. */
const SEPARATOR = ".";

/**
 * The name of a file whose message has the id of an earlier one in another chat. Ids are chosen by who sends: without
 * the tag, which nobody can choose, a stranger could have the file of somebody else handed out as theirs.
 */
export function taggedMediaId(key: WAMessageKey): string {
  return `${key.id}${SEPARATOR}${tagOf(key)}`;
}

/** Of which message a file is, by its name. */
export function parseMediaId(mediaId: string): { readonly messageId: string; readonly tag?: string } {
  const at = mediaId.lastIndexOf(SEPARATOR);
  if (at === -1) return { messageId: mediaId };
  return { messageId: mediaId.slice(0, at), tag: mediaId.slice(at + 1) };
}

/** What tells a message from others with its id: where and by whom it was sent, by the addresses that it came under. */
export function tagOf({ remoteJid, participant, fromMe }: WAMessageKey): string {
  const place = [remoteJid, participant].map((jid) => jid ? plainJid(jid) : "");
  const hash = createHash("sha256").update([...place, Boolean(fromMe)].join("/"));
  return hash.digest("base64url").slice(0, TAG_LETTERS);
}
