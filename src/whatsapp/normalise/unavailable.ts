import { decodeMessageNode } from "@whiskeysockets/baileys";
import { plainJid } from "../jid.ts";
import type { SessionDraft } from "../session.ts";
import { type BinaryNode, childOf, isOffline } from "../stanza.ts";
import { saidOf } from "./message.ts";
import type { AltOf, Me } from "./people.ts";
import { fromSeconds } from "./time.ts";

/** What WhatsApp keeps from linked devices: they hear that it came, and the phone alone can open it. */
const KEPT_FROM_US = "view_once_unavailable_fanout";

/** Whether somebody sent something to be viewed once, which only the phone gets. */
export function isKeptFromUs(stanza: BinaryNode): boolean {
  return childOf(stanza, "unavailable")?.attrs.type === KEPT_FROM_US;
}

/**
 * Such a message, without its content.
 * @see Baileys lib/Socket/messages-recv.js `handleMessage`, "skipping placeholder resend"
 */
export function draftsOfKept(
  stanza: BinaryNode,
  { deviceId, me, altOf }: { readonly deviceId: string; readonly me: Me; readonly altOf: AltOf },
): SessionDraft[] {
  const { fullMessage: info } = decodeMessageNode(stanza, me.pn, me.lid ?? "");
  const { remoteJid, id } = info.key;
  if (!remoteJid || !id) return [];
  const data = {
    messageId: id,
    ...saidOf(info, { me, altOf }),
    sentAt: fromSeconds(info.messageTimestamp),
    offline: isOffline(stanza),
    content: { kind: "unknown" as const, rawType: "viewOnceMessage" },
    viewOnce: true,
  };
  const dedupeKey = `${deviceId}/message.received/${plainJid(remoteJid)}/${id}`;
  return [{ type: "message.received", data, dedupeKey }];
}

export function addressesInKept({ attrs }: BinaryNode): string[] {
  return [attrs.from, attrs.participant].filter((jid) => Boolean(jid));
}
