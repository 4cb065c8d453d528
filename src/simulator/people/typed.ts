// What the owner of a phone types on it, as linked devices get it: a copy that says where it went.
import { Buffer } from "node:buffer";
import type { proto } from "@whiskeysockets/baileys";
import type { Addresses, Attrs, ContactParty, GroupChat, SendOptions } from "./chat.ts";
import { stanzaType } from "./reading.ts";
import { rawField } from "./unknown_fields.ts";

/** How the owner types a message; the fields as of what contacts send. */
export type TypeOptions = Pick<
  SendOptions,
  "id" | "t" | "attrs" | "enc" | "nodes" | "unavailable" | "plaintext"
>;

/** Fields of `Message` and of `DeviceSentMessage`. */
const DEVICE_SENT = { message: 31, destination: 1, content: 2 };

/** How the copy names its writer and its chat. */
export function typedAttrs(
  owner: Addresses & { readonly name: string },
  to: ContactParty | GroupChat,
  message: proto.IMessage,
): Attrs {
  const lid = to.addressing === "lid";
  const own = lid ? owner.lidJid : owner.pnJid;
  const chat = to.kind === "group" ? { from: to.jid, participant: own } : {
    from: own,
    recipient: to.jid,
    peer_recipient_pn: lid && !to.isNumberHidden ? to.pnJid : undefined,
    peer_recipient_lid: lid ? undefined : to.lidJid,
  };
  return { ...chat, addressing_mode: to.addressing, type: stanzaType(message), notify: owner.name };
}

/** What is encrypted for a linked device. */
export function typedCopy(
  destinationJid: string,
  message: proto.IMessage,
  plaintext: Uint8Array | undefined,
): proto.IMessage | Uint8Array {
  if (plaintext === undefined) return { deviceSentMessage: { destinationJid, message } };
  const bytes = Buffer.concat([
    rawField({ field: DEVICE_SENT.destination, bytes: Buffer.from(destinationJid) }),
    rawField({ field: DEVICE_SENT.content, bytes: plaintext }),
  ]);
  return rawField({ field: DEVICE_SENT.message, bytes });
}
