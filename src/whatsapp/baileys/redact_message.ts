import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import type { Aliases } from "../../recording/aliases.ts";

/** What the protocol itself says: kinds of files, languages, actions. */
const PROTOCOL_TEXTS = new Set(["mimetype", "stanzaId", "id", "entryPointConversionSource", "ctwaSignals"]);
const NAMES = new Set([
  "displayName",
  "pushName",
  "fullName",
  "firstName",
  "verifiedBizName",
  "newsletterName",
]);
const PATHS = new Set([
  "url",
  "directPath",
  "thumbnailDirectPath",
  "matchedText",
  "canonicalUrl",
  "sourceUrl",
]);
const PLACES: Readonly<Record<string, number>> = { degreesLatitude: -6.2, degreesLongitude: 106.8 };
/** Sender keys let whoever has them read a group. */
const LEFT_OUT = new Set(["senderKeyDistributionMessage", "fastRatchetKeySenderKeyDistributionMessage"]);
const LENGTH_DELIMITED = 2;

/** A decrypted message for a record. */
export interface Redacted {
  /** The protobuf, without padding. */
  readonly bytes: Buffer;
  /** False when nothing but keys was in it. */
  readonly saysSomething: boolean;
  /** The answer of the phone to a request for placeholders. */
  readonly isPlaceholderAnswer: boolean;
}

/**
 * Replaces what is personal in a message; its kind, structure, ids and times stay. Fields that the protobuf does not
 * know stay as fields of the same number and length. What is encrypted inside (votes, encrypted reactions) is bytes
 * here: `createResealing` seals it again.
 * @throws {Error} If the bytes are no message.
 */
export function redactMessage(plain: Uint8Array, aliases: Aliases): Redacted {
  const message = proto.Message.decode(plain);
  const object = redactObject(proto.Message.toObject(message, { longs: String }), aliases);
  const known = fieldsIn(proto.Message.encode(message).finish());
  const unknown = [...fieldsIn(plain)].filter(([field]) => !known.has(field))
    .map(([field, length]) =>
      Buffer.concat([varint(field * 8 + LENGTH_DELIMITED), varint(length), Buffer.alloc(length)])
    );
  const bytes = Buffer.concat([proto.Message.encode(proto.Message.fromObject(object)).finish(), ...unknown]);
  const answered =
    message.protocolMessage?.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? [];
  return {
    bytes,
    saysSomething: unknown.length > 0 || Object.keys(object).some((name) => name !== "messageContextInfo"),
    isPlaceholderAnswer: answered.some((result) => result.placeholderMessageResendResponse),
  };
}

export function redactObject(
  object: Readonly<Record<string, unknown>>,
  aliases: Aliases,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => !LEFT_OUT.has(name))
      .map(([name, value]) => [name, redactValue(name, value, aliases)]),
  );
}

function redactValue(name: string, value: unknown, aliases: Aliases): unknown {
  if (name === "webMessageInfoBytes" && value instanceof Uint8Array) return redactKept(value, aliases);
  if (value instanceof Uint8Array) return aliases.bytes(value);
  if (Array.isArray(value)) return value.map((each) => redactValue(name, each, aliases));
  if (typeof value === "object" && value !== null) return redactObject({ ...value }, aliases);
  if (typeof value === "number") return PLACES[name] ?? value;
  return typeof value === "string" ? redactText(name, value, aliases) : value;
}

export function redactText(name: string, value: string, aliases: Aliases): string {
  if (/^[^\p{L}\p{N}]{1,16}$/u.test(value)) return value; // emoji
  if (PROTOCOL_TEXTS.has(name) || /^-?\d{1,13}$/.test(value)) return aliases.user(value) ?? value;
  if (/^\S+@[a-z.]+$/.test(value)) return aliases.jid(value);
  if (NAMES.has(name)) return aliases.name(value);
  if (name === "vcard") return redactCard(value, aliases);
  if (PATHS.has(name) || /^https?:\/\//.test(value)) return aliases.url(value);
  return name.endsWith("Json") ? redactJson(value, aliases) : aliases.text(value);
}

function redactKept(bytes: Uint8Array, aliases: Aliases): Uint8Array {
  try {
    const kept = proto.WebMessageInfo.toObject(proto.WebMessageInfo.decode(bytes), { longs: String });
    return proto.WebMessageInfo.encode(proto.WebMessageInfo.fromObject(redactObject(kept, aliases))).finish();
  } catch {
    return aliases.bytes(bytes); // it is none
  }
}

function redactCard(card: string, aliases: Aliases): string {
  const number = /waid=(\d+)/.exec(card)?.[1];
  const name = aliases.name(/^FN:(.*)$/m.exec(card)?.[1] ?? "");
  const alias = number === undefined ? undefined : aliases.jid(`${number}@s.whatsapp.net`).split("@")[0];
  const phone = alias === undefined ? [] : [`TEL;type=CELL;waid=${alias}:+${alias}`];
  return ["BEGIN:VCARD", "VERSION:3.0", `FN:${name}`, ...phone, "END:VCARD"].join("\n");
}

function redactJson(text: string, aliases: Aliases): string {
  try {
    return JSON.stringify(redactValue("", JSON.parse(text), aliases));
  } catch {
    return aliases.text(text);
  }
}

/** The length-delimited fields at the top of an encoded message: their numbers and lengths. */
function fieldsIn(bytes: Uint8Array): Map<number, number> {
  const fields = new Map<number, number>();
  let at = 0;
  const read = () => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  };
  const skip: Readonly<Record<number, () => number>> = { 0: () => (read(), 0), 1: () => 8, 5: () => 4 };
  while (at < bytes.length) {
    const tag = read();
    const type = tag % 8;
    if (type === LENGTH_DELIMITED) {
      const length = read();
      fields.set(Math.floor(tag / 8), length);
      at += length;
    } else at += skip[type]?.() ?? bytes.length;
  }
  return fields;
}

function varint(value: number): Buffer {
  const out: number[] = [];
  for (let left = value; out.length === 0 || left > 0; left = Math.floor(left / 128)) {
    out.push(left % 128 + (left >= 128 ? 128 : 0));
  }
  return Buffer.from(out);
}
