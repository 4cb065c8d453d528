const TOKEN = "[A-Za-z0-9!#$&^_.+-]{1,127}";
const TYPE = new RegExp(`^\\s*(${TOKEN}/${TOKEN})\\s*(;[\\x20-\\x7e]*)?$`);
const LONGEST = 255;

/** What a file is called of which nobody knows what it is. */
export const UNKNOWN_TYPE = "application/octet-stream";

/**
 * The MIME type that a stranger gave a file, as it may stand in a header: type, subtype and printable parameters, at
 * most 255 characters; parameters that make it anything else are left out.
 * @see RFC 6838, section 4.2
 */
export function cleanMimeType(told: string): string {
  const [, type, parameters = ""] = TYPE.exec(told) ?? [];
  if (type === undefined) return UNKNOWN_TYPE;
  const whole = `${type}${parameters.trimEnd()}`;
  return whole.length <= LONGEST ? whole : type;
}
