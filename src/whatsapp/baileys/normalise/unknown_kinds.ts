import { proto } from "@whiskeysockets/baileys";
import { wireField, wireFields } from "../wire_fields.ts";
import { ENVELOPES, VIEW_ONCE } from "./unwrap.ts";

/** Where an envelope has its message: fields of FutureProofMessage and DeviceSentMessage. */
const IN_ENVELOPE = 1;
const IN_DEVICE_SENT = 2;
const ENVELOPE_NAMES: ReadonlySet<string> = new Set([...ENVELOPES, ...VIEW_ONCE]);
const MOST_LAYERS = 8;

/** The names of message fields by their numbers; null for those that the schema here does not have. */
const names = new Map<number, string | null>();

/** The schema does not tell its numbers: whether it knows one is seen by decoding a field of that number. */
function nameOf(number: number): string | null {
  const known = names.get(number);
  if (known !== undefined) return known;
  const [name = null] = decodedNames(number);
  names.set(number, name);
  return name;
}

function decodedNames(number: number): string[] {
  try {
    return Object.keys(proto.Message.decode(wireField(number, new Uint8Array())));
  } catch {
    return [""]; // known, and of another kind
  }
}

/**
 * The kind of a message that this version does not know: WhatsApp adds some every month, and they decode to nothing.
 * @param encoded The message as it was decrypted, envelopes included.
 * @returns Such as `field_115`; undefined when every field is known.
 */
export function unknownKindIn(encoded: Uint8Array, layers = MOST_LAYERS): string | undefined {
  for (const { number, bytes } of wireFields(encoded)) {
    const name = nameOf(number);
    if (name === null) return `field_${number}`;
    if (bytes === undefined || layers === 0) continue;
    const place = name === "deviceSentMessage" ? IN_DEVICE_SENT : IN_ENVELOPE;
    if (name !== "deviceSentMessage" && !ENVELOPE_NAMES.has(name)) continue;
    for (const inner of wireFields(bytes)) {
      if (inner.number !== place || inner.bytes === undefined) continue;
      const found = unknownKindIn(inner.bytes, layers - 1);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
