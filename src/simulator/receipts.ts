// What becomes of a message, told to its sender.
import type { ReceiptKind } from "./chat.ts";
import { bigEndian } from "./keys.ts";
import { type BinaryNode, node, unixSeconds } from "./nodes.ts";

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

/** The message could not be decrypted: send it again. */
export function retryStanza(
  chat: string,
  participant: string | undefined,
  id: string,
  registrationId: number,
  count: number,
): BinaryNode {
  const t = unixSeconds();
  return node("receipt", { from: chat, participant, id, t, type: "retry" }, [
    node("retry", { count, id, t, v: 1 }),
    node("registration", {}, bigEndian(registrationId, 4)),
  ]);
}
