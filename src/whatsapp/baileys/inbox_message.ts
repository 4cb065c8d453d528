import { Buffer } from "node:buffer";
import { proto, type WAMessage } from "@whiskeysockets/baileys";
import type { DeviceId } from "../../ids.ts";
import type { InboxMessage } from "../../store/inbox.ts";
import { tagOf } from "./media_id.ts";
import { type AltOf, type Me } from "./normalise/people.ts";
import { saidOf } from "./normalise/message.ts";
import { timeOf } from "./normalise/time.ts";
import { isQuiet } from "./normalise/unwrap.ts";
import { wireField, wireFields } from "./wire_fields.ts";

/** WAProto, `WebMessageInfo.message`. */
const MESSAGE_FIELD = 2;
/** Fields of ours behind those of WhatsApp, whose decoders skip them. */
const RAW_FIELD = 1_000_001;
const STANZA_FIELD = 1_000_002;
const SAME_ID_FIELD = 1_000_003;

/** What WhatsApp sent, byte by byte. */
export type Raw =
  /** The decrypted message; `asIs`: its decoded form was not changed afterwards. */
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly asIs: boolean }
  /** JSON of the stanza, for what came without content. */
  | { readonly kind: "stanza"; readonly bytes: Uint8Array };

/** A message as a row of the inbox: filed under its conversation, with everything WhatsApp said of it. */
export function toInboxMessage(
  deviceId: DeviceId,
  info: WAMessage,
  around: { readonly me: Me; readonly altOf: AltOf; readonly raw?: Raw; readonly sameId?: boolean },
): InboxMessage {
  const encoded = encode(info, around.raw);
  const { chat, from, fromMe } = saidOf(info, around);
  return {
    deviceId,
    messageId: info.key.id ?? "",
    chat: chat.jid,
    sender: fromMe ? null : from.pn ?? from.lid,
    fromMe,
    payload: around.sameId ? Buffer.concat([encoded, wireField(SAME_ID_FIELD, new Uint8Array())]) : encoded,
    sentAt: timeOf(info.messageTimestamp),
    ...(!fromMe && info.message && isQuiet(info.message) ? { quiet: true as const } : {}),
  };
}

/**
 * Decoding drops fields that the schema here does not know: so the very bytes are put into the encoding, as the message
 * itself where nothing of it was changed, else behind it.
 */
function encode(info: WAMessage, raw: Raw | undefined): Uint8Array {
  if (raw === undefined) return proto.WebMessageInfo.encode(info).finish();
  if (raw.kind === "message" && raw.asIs && info.message) {
    const frame = proto.WebMessageInfo.encode({ ...info, message: undefined }).finish();
    return Buffer.concat([frame, wireField(MESSAGE_FIELD, raw.bytes)]);
  }
  const field = raw.kind === "message" ? RAW_FIELD : STANZA_FIELD;
  return Buffer.concat([proto.WebMessageInfo.encode(info).finish(), wireField(field, raw.bytes)]);
}

/** The message in a row of the inbox. */
export function fromInboxMessage({ payload }: Pick<InboxMessage, "payload">): WAMessage {
  const info = proto.WebMessageInfo.decode(payload);
  return { ...info, key: info.key ?? {} };
}

/** What WhatsApp sent for a row of the inbox; undefined when nothing is left of it. */
export function rawOf({ payload }: Pick<InboxMessage, "payload">): Omit<Raw, "asIs"> | undefined {
  let message: Uint8Array | undefined;
  for (const { number, bytes } of wireFields(payload)) {
    if (bytes === undefined) continue;
    if (number === RAW_FIELD) return { kind: "message", bytes };
    if (number === STANZA_FIELD) return { kind: "stanza", bytes };
    if (number === MESSAGE_FIELD) message = bytes;
  }
  return message && { kind: "message", bytes: message };
}

/** Whether another message came before this one under the same id, in another chat. */
export function sharesId({ payload }: Pick<InboxMessage, "payload">): boolean {
  for (const { number } of wireFields(payload)) if (number === SAME_ID_FIELD) return true;
  return false;
}

/** Of several messages with one id, the one whose file has this name; without a tag, the first. */
export function rowOfMedia(rows: readonly InboxMessage[], tag: string | undefined): InboxMessage | undefined {
  return tag === undefined ? rows[0] : rows.find((row) => tagOf(fromInboxMessage(row).key) === tag);
}
