// Redaction of stanzas: protocol words, ids and times stay; addresses, names and everything else get stand-ins.
import { Buffer } from "node:buffer";
import type { Aliases } from "./aliases.ts";
import type { RecordedNode } from "./fixture.ts";

/** A node of the protocol. */
export interface WireNode {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly content?: readonly WireNode[] | string | Uint8Array;
}

/** Proofs and keys: of no use to anybody else, and not to be passed on. */
const LEFT_OUT = new Set([
  "device-identity",
  "verified_name",
  "tctoken",
  "keys",
  "registration",
  "franking",
  "trace",
]);
const NAMES = new Set(["notify", "subject", "name", "display_name", "username", "participant_username"]);
const TIMES = new Set([
  "t",
  "s_t",
  "ts",
  "creation",
  "timestamp",
  "expiration",
  "expire",
  "last",
  "join_time",
]);
const IDS = /(^|[_-])id$/;
/** What the protocol itself says, such as view_once. */
const PROTOCOL_WORD = /^[a-z][a-z0-9_:./-]{0,39}$/;
const SMALL_NUMBER = /^-?\d{1,6}$/;

/**
 * A stanza for a record.
 * @param encrypted Gives what stands for an encrypted part; undefined leaves it out.
 */
export function redactNode(
  { tag, attrs, content }: WireNode,
  aliases: Aliases,
  encrypted: (part: WireNode) => Pick<RecordedNode, "plain" | "unreadable"> | undefined,
): RecordedNode {
  const redacted = { tag, attrs: redactAttrs(tag, attrs, aliases) };
  if (isNodes(content)) {
    const children = content.filter((child) => !LEFT_OUT.has(child.tag)).flatMap((child) => {
      if (child.tag !== "enc") return [redactNode(child, aliases, encrypted)];
      const inside = encrypted(child);
      return inside === undefined
        ? []
        : [{ tag: child.tag, attrs: redactAttrs(child.tag, child.attrs, aliases), ...inside }];
    });
    return { ...redacted, children };
  }
  if (content === undefined || content.length === 0) return redacted;
  const text = typeof content === "string" ? content : Buffer.from(content).toString("utf8");
  if (tag === "body") return { ...redacted, text: aliases.text(text) };
  if (/^[a-z][a-z_]{0,29}$/.test(text)) return { ...redacted, text };
  if (typeof content === "string") return { ...redacted, text: aliases.text(text) };
  return { ...redacted, base64: aliases.bytes(content).toString("base64") };
}

function redactAttrs(
  tag: string,
  attrs: WireNode["attrs"],
  aliases: Aliases,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, value]) => [name, redactAttr(tag, name, value, aliases)]),
  );
}

function redactAttr(tag: string, name: string, value: string, aliases: Aliases): string {
  if (NAMES.has(name)) return aliases.name(value);
  if (value.includes("@")) return aliases.jid(value);
  if (tag === "group" && name === "id") return aliases.group(value);
  if (TIMES.has(name) && /^\d+$/.test(value)) return value;
  if (/^\d{7,}$/.test(value)) {
    return aliases.user(value) ?? (IDS.test(name) ? value : "0".repeat(value.length));
  }
  const isKnown = IDS.test(name) || SMALL_NUMBER.test(value) || PROTOCOL_WORD.test(value) || value === "";
  return isKnown ? value : "redacted";
}

function isNodes(content: WireNode["content"]): content is readonly WireNode[] {
  return Array.isArray(content);
}
