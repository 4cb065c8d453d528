// What becomes of a message, told to its sender.
import { jidOf, parseJid } from "../wire/jids.ts";
import type { GroupChat, Party, ReceiptKind } from "./chat.ts";
import { bigEndian } from "../wire/keys.ts";
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import { bundleContent } from "../wire/prekeys.ts";
import type { SignalPeer } from "../wire/signal_peer.ts";

/**
 * Where a receipt comes from: a chat, with who got the messages in a group; or oneself, with the chat as `recipient`.
 */
export interface ReceiptAddress {
  readonly from: string;
  readonly participant?: string;
  readonly recipient?: string;
}

/** Where a receipt of a contact comes from: the chat, and who it is in a group, on one of their devices. */
export function contactAddress(
  contact: Party,
  chat: string,
  group: GroupChat | undefined,
  deviceId: number,
): ReceiptAddress {
  const { user, server } = parseJid(group === undefined ? chat : group.jidOf(contact));
  const address = jidOf(user, server, deviceId);
  return group === undefined ? { from: address } : { from: chat, participant: address };
}

export function receiptStanza(
  address: ReceiptAddress,
  [first, ...rest]: readonly string[],
  kind: ReceiptKind,
): BinaryNode {
  const type = kind === "delivered" ? undefined : kind;
  const more = rest.length > 0 ? [node("list", {}, rest.map((id) => node("item", { id })))] : undefined;
  return node("receipt", { ...address, id: first, t: unixSeconds(), type }, more);
}

/**
 * What became of one message, told for many members of a group at once.
 * @param readers Who got, read or played it, and when in Unix seconds.
 * @see whatsmeow receipt.go `handleGroupedReceipt`
 */
export function groupedReceiptStanza(
  group: string,
  id: string,
  kind: ReceiptKind,
  readers: readonly { readonly jid: string; readonly t?: number }[],
): BinaryNode {
  const now = unixSeconds();
  const users = readers.map(({ jid, t = now }) => node("user", { jid, t }));
  const type = kind === "delivered" ? undefined : kind;
  return node("receipt", { from: group, id, t: now, type }, [node("participants", { key: id }, users)]);
}

/**
 * The message could not be decrypted: send it again. Whoever asks for the second time takes the sessions for broken,
 * and brings the keys for a new one.
 * @param address `from` is the chat, with the `participant` who asks in a group; for the copy of what another device of
 * the same phone sent, it is the phone, and the `recipient` is the chat.
 * @see Baileys lib/Socket/messages-recv.js `sendRetryRequest`
 */
export function retryStanza(
  address: { readonly from: string; readonly participant?: string; readonly recipient?: string },
  id: string,
  signal: SignalPeer,
  count: number,
): BinaryNode {
  const t = unixSeconds();
  const keys = count > 1 ? [node("keys", {}, bundleContent(signal.bundle()))] : [];
  return node("receipt", { ...address, id, t, type: "retry" }, [
    node("retry", { count, id, t, v: 1 }),
    node("registration", {}, bigEndian(signal.registrationId, 4)),
    ...keys,
  ]);
}
