import { InvalidError } from "../errors.ts";
import type { InvalidKind } from "../invalid.ts";
import { isOwnHeader } from "../formats/mod.ts";
import { isForwardingHeader } from "../net/forwarding_headers.ts";

/** What a header's value is shown as: it may be a credential. Given back, it means "as it was". */
export const MASK = "***";

const MAX_HEADERS = 20;
const MAX_VALUE_LENGTH = 4096;
/** The connection's own, and those that describe the body. */
const RESERVED: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/**
 * Those by which a receiver believes somebody: whom a proxy speaks for, the operator of a gateway, a page's origin.
 * `X-API-Key` and `Authorization` are not among them: receivers need them.
 */
function isDeputys(name: string): boolean {
  return isForwardingHeader(name) || name === "x-master-key" || name === "origin" || name.startsWith("sec-");
}

const PROXY = /^proxy-/;

type Headers = Readonly<Record<string, string>>;

/**
 * Headers that a user wants on every request, when they can be sent.
 * @param known What the webhook has; a value of `***` stands for what is there.
 * @throws {InvalidError} If there are too many, or one of them is not the user's to set or cannot be sent.
 */
export function checkHeaders(given: Headers, known: Headers): Headers {
  const entries = Object.entries(given);
  if (entries.length > MAX_HEADERS) {
    throw new InvalidError(
      "headers",
      `Field \`headers\` must have at most ${MAX_HEADERS} fields, got ${entries.length}`,
      { kind: "headers_many", most: MAX_HEADERS },
    );
  }
  const seen = new Set<string>();
  return Object.fromEntries(entries.map(([name, value]) => {
    const field = `headers.${name.slice(0, 60)}`;
    const refuse = (says: string, kind: Extract<InvalidKind, `header_${string}`>) =>
      new InvalidError(field, `Field \`${field}\` ${says}`, {
        kind,
        name: name.slice(0, 60),
        most: MAX_VALUE_LENGTH,
      });
    const lower = name.toLowerCase();
    if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name)) {
      throw refuse("is not the name of an HTTP header", "header_name");
    }
    if (isDeputys(lower)) {
      throw refuse("is a header that webhooks cannot set: it says who speaks for whom", "header_reserved");
    }
    if (RESERVED.has(lower) || PROXY.test(lower) || isOwnHeader(lower)) {
      throw refuse("is a header that Kabar sets itself", "header_reserved");
    }
    if (seen.has(lower)) throw refuse("is given twice: case does not count in header names", "header_twice");
    seen.add(lower);
    if (value === MASK) {
      const kept = Object.entries(known).find(([old]) => old.toLowerCase() === lower);
      if (kept === undefined) throw refuse(`is new, so its value cannot be \`${MASK}\``, "header_masked");
      return [name, kept[1]];
    }
    if (value.length > MAX_VALUE_LENGTH || !/^[\t\x20-\x7e]*$/.test(value)) {
      throw refuse(`must be at most ${MAX_VALUE_LENGTH} printable ASCII characters`, "header_value");
    }
    return [name, value.trim()];
  }));
}

const sendable = new WeakMap<Headers, Headers>();

/** The headers that may be sent: a webhook of before may have one that none can set any more. */
export function sendableHeaders(headers: Headers): Headers {
  const known = sendable.get(headers);
  if (known !== undefined) return known;
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !isDeputys(name.toLowerCase())));
  sendable.set(headers, kept);
  return kept;
}

/** The headers with their values hidden. */
export function maskedHeaders(headers: Headers): Headers {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
}
