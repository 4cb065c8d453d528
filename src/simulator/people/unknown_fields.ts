// Messages with fields that the protobufs here do not know: WhatsApp adds some every month.
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";

const LENGTH_DELIMITED = 2;

/** A field of a protobuf message: its number, and its bytes (a text, or a message that is encoded already). */
export interface RawField {
  readonly field: number;
  readonly bytes: Uint8Array;
}

/** A length-delimited field, as it stands on the wire: tag, length, bytes. */
export function rawField({ field, bytes }: RawField): Buffer {
  return Buffer.concat([varint(field * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

/** The encoded message with more fields behind its own: what to give as the `plaintext` of a message. */
export function withFields(message: proto.IMessage, fields: readonly RawField[]): Buffer {
  return Buffer.concat([proto.Message.encode(message).finish(), ...fields.map(rawField)]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  for (let left = value; out.length === 0 || left > 0; left = Math.floor(left / 128)) {
    out.push(left % 128 + (left >= 128 ? 128 : 0));
  }
  return Buffer.from(out);
}
