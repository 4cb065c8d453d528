import { wireFields } from "./wire_fields.ts";

/**
 * Fields that the schema here does not have yet: `Message.pollAddOptionMessage`, its option and that one's name, and
 * whether a poll lets everybody add options.
 */
const ADD_OPTION_FIELD = 121;
const OPTION_FIELD = 2;
const NAME_FIELD = 1;
const ALLOW_ADD_FIELD = 11;
/** `Message`: the versions of a poll, and the envelope of version 4. */
const POLL_FIELDS: ReadonlySet<number> = new Set([49, 60, 64, 111, 119]);
const ENVELOPE_FIELDS: ReadonlySet<number> = new Set([40, 93]); // ephemeral; version 4
const IN_ENVELOPE = 1;

/**
 * The option that an encoded message adds to a poll; undefined when it adds none.
 * @throws {RangeError} If the bytes are no message.
 */
export function addedOptionIn(message: Uint8Array): string | undefined {
  const option = partOf(partOf(message, ADD_OPTION_FIELD), OPTION_FIELD);
  const name = partOf(option, NAME_FIELD);
  return name && new TextDecoder().decode(name);
}

/** Whether whoever made the poll in an encoded message lets others add options to it. */
export function pollTakesOptions(message: Uint8Array): boolean {
  for (const { number, bytes } of wireFields(message)) {
    if (bytes === undefined) continue;
    if (POLL_FIELDS.has(number)) {
      return [...wireFields(bytes)].some((field) => field.number === ALLOW_ADD_FIELD && field.value === 1);
    }
    const inner = ENVELOPE_FIELDS.has(number) ? partOf(bytes, IN_ENVELOPE) : undefined;
    if (inner !== undefined) return pollTakesOptions(inner);
  }
  return false;
}

function partOf(message: Uint8Array | undefined, part: number): Uint8Array | undefined {
  if (message === undefined) return undefined;
  for (const { number, bytes } of wireFields(message)) if (number === part) return bytes;
  return undefined;
}
