import { isGroup } from "../../jid.ts";
import type { SessionReceipt } from "../../session.ts";
import { type BinaryNode, childOf, childrenOf } from "../stanza.ts";
import { type AltOf, chatOf, isMe, type Me, personOf } from "./people.ts";
import { fromSeconds } from "./time.ts";

/** What a receipt's type says of the message; no type: it has reached the device. */
const STATUSES: Readonly<Record<string, "delivered" | "read" | "played">> = {
  "": "delivered",
  "inactive": "delivered",
  "read": "read",
  "played": "played",
};

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
      at: fromSeconds(user.t ?? attrs.t),
      ...participantIn(user.jid),
    }));
  }
  const list = childOf(stanza, "list");
  const others = list === undefined ? [] : childrenOf(list, "item").map(({ attrs: item }) => item.id);
  return [attrs.id, ...others].map((waMessageId) => ({
    waMessageId,
    chat,
    status,
    at: fromSeconds(attrs.t),
    ...participantIn(attrs.participant, attrs.participant_pn ?? attrs.participant_lid),
  }));
}

export function addressesInReceipt(stanza: BinaryNode): string[] {
  const collected = childOf(stanza, "participants");
  const users = collected === undefined ? [] : childrenOf(collected, "user").map(({ attrs }) => attrs.jid);
  return [stanza.attrs.from, stanza.attrs.participant, ...users].filter((jid) => Boolean(jid));
}
