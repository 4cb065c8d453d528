import { isGroup } from "../../jid.ts";
import type { ChatRead } from "../../../store/chat_reads.ts";
import type { SessionReceipt } from "../../session.ts";
import { type BinaryNode, childOf, childrenOf } from "../stanza.ts";
import { type AltOf, chatOf, isMe, type Me, personOf } from "./people.ts";
import { timeOf } from "./time.ts";

/** What a receipt's type says of the message; no type: it has reached the device. */
const STATUSES: Readonly<Record<string, "delivered" | "read" | "played">> = {
  "": "delivered",
  "inactive": "delivered",
  "read": "read",
  "played": "played",
};

/** What the owner's other devices send of messages that were read on them; `-self`: their authors are not told. */
const READ_BY_OWNER: ReadonlySet<string> = new Set(["read", "read-self", "played", "played-self"]);

/** Whether the owner has read messages on another device. */
export function isReadByOwner({ attrs }: BinaryNode, me: Me): boolean {
  return isMe(attrs.participant || attrs.from, me) && READ_BY_OWNER.has(attrs.type ?? "");
}

/**
 * What was read, of a stanza for which `isReadByOwner` holds; undefined when it names no chat.
 * @see Baileys lib/Socket/messages-recv.js `handleReceipt`, whatsmeow receipt.go `parseReceipt`
 */
export function readByOwner(stanza: BinaryNode, altOf: AltOf): ChatRead | undefined {
  const place = placeOfReading(stanza);
  if (!place) return undefined;
  const { jid: chat, lid } = chatOf(place, altOf);
  return { what: "messages", chat, ...(lid && { lid }), messageIds: idsIn(stanza) };
}

/** The chat that the owner has read in. */
export function placeOfReading({ attrs }: BinaryNode): string | undefined {
  return isGroup(attrs.from) ? attrs.from : attrs.recipient;
}

function idsIn(stanza: BinaryNode): string[] {
  const list = childOf(stanza, "list");
  const others = list === undefined ? [] : childrenOf(list, "item").map(({ attrs }) => attrs.id);
  return [stanza.attrs.id, ...others];
}

/** A receipt for messages that were sent from this number; undefined for all other kinds. */
export function statusOfReceipt({ attrs }: BinaryNode, me: Me): "delivered" | "read" | "played" | undefined {
  // what our own other devices have received or read says nothing of the recipient
  if (isMe(attrs.participant || attrs.from, me)) return undefined;
  return STATUSES[attrs.type ?? ""];
}

/**
 * The receipts in a receipt stanza: one per message, and per member where the server has collected those of a group.
 * @see Baileys lib/Socket/messages-recv.js `handleReceipt`
 */
export function receiptsOf(
  stanza: BinaryNode,
  around: { readonly me: Me; readonly altOf: AltOf },
): SessionReceipt[] {
  const { me, altOf } = around;
  const { attrs } = stanza;
  const status = statusOfReceipt(stanza, me);
  if (status === undefined) return [];
  const chat = chatOf(attrs.from, altOf, attrs.sender_pn ?? attrs.sender_lid);
  const participantIn = (jid: string | undefined, alt?: string) =>
    isGroup(attrs.from) && jid ? { participant: personOf(jid, altOf, alt) } : {};
  const collected = childOf(stanza, "participants");
  if (collected !== undefined) {
    return childrenOf(collected, "user").map(({ attrs: user }) => ({
      waMessageId: collected.attrs.key ?? attrs.id,
      chat,
      status,
      at: timeOf(user.t ?? attrs.t),
      ...participantIn(user.jid),
    }));
  }
  return idsIn(stanza).map((waMessageId) => ({
    waMessageId,
    chat,
    status,
    at: timeOf(attrs.t),
    ...participantIn(attrs.participant, attrs.participant_pn ?? attrs.participant_lid),
  }));
}

export function addressesInReceipt(stanza: BinaryNode): string[] {
  const collected = childOf(stanza, "participants");
  const users = collected === undefined ? [] : childrenOf(collected, "user").map(({ attrs }) => attrs.jid);
  return [stanza.attrs.from, stanza.attrs.participant, ...users].filter((jid) => Boolean(jid));
}
