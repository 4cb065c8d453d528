import { Buffer } from "node:buffer";

/**
 * One field of an encoded protobuf message: `bytes` of those that have a length (texts, bytes, messages), `value` of
 * whole numbers.
 */
export interface WireField {
  readonly number: number;
  readonly bytes?: Uint8Array;
  readonly value?: number;
}

const VARINT = 0;
const FIXED_64 = 1;
const WITH_LENGTH = 2;
const FIXED_32 = 5;

/**
 * The fields of an encoded protobuf message, known to a schema or not.
 * @throws {RangeError} If the bytes are none.
 * @see Protocol Buffers documentation, "Encoding"
 */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < message.length; shift *= 128) {
      const byte = message[at++];
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    throw new RangeError("Cannot read a protobuf message: it ends within a number");
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    let bytes: Uint8Array | undefined;
    let value: number | undefined;
    switch (tag % 8) {
      case VARINT:
        value = varint();
        break;
      case FIXED_64:
        at += 8;
        break;
      case FIXED_32:
        at += 4;
        break;
      case WITH_LENGTH: {
        const length = varint();
        bytes = message.subarray(at, at + length);
        at += length;
        break;
      }
      default:
        throw new RangeError(`Cannot read a protobuf message: it has a field of kind ${tag % 8}`);
    }
    if (at > message.length) throw new RangeError("Cannot read a protobuf message: it is cut off");
    yield { number, ...(bytes === undefined ? {} : { bytes }), ...(value === undefined ? {} : { value }) };
  }
}

/** A field with a length, as it is encoded: behind a message it becomes a part of that. */
export function wireField(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varintOf(number * 8 + WITH_LENGTH), varintOf(bytes.length), bytes]);
}

function varintOf(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push(left % 128 + 128);
  return Uint8Array.from([...bytes, left]);
}
