// What becomes of a message, told to its sender.
import type { ReceiptKind } from "./chat.ts";
import { bigEndian } from "./keys.ts";
import { type BinaryNode, node, unixSeconds } from "./nodes.ts";
import { bundleContent } from "./prekeys.ts";
import type { SignalPeer } from "./signal_peer.ts";

/** @param chat The address that the messages were sent to; in a group, `participant` is who got them. */
export function receiptStanza(
  chat: string,
  participant: string | undefined,
  [first, ...rest]: readonly string[],
  kind: ReceiptKind,
): BinaryNode {
  const type = kind === "delivered" ? undefined : kind;
  const more = rest.length > 0 ? [node("list", {}, rest.map((id) => node("item", { id })))] : undefined;
  return node("receipt", { from: chat, participant, id: first, t: unixSeconds(), type }, more);
}

/**
 * The message could not be decrypted: send it again. Whoever asks for the second time takes the sessions for broken, and
 * brings the keys for a new one.
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
