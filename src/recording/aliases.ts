// Stand-ins for what must not leave a record: the same for the same original, and nothing leads back.
import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";

/** Consistent stand-ins for one record. */
export interface Aliases {
  /** An address; its server and device stay. Texts that are none stay as they are. */
  jid(jid: string): string;
  /** The user part of an address, if it is known from one. */
  user(digits: string): string | undefined;
  /** The bare id of a group. */
  group(id: string): string;
  name(name: string): string;
  text(text: string): string;
  url(url: string): string;
  /** Bytes of the same length. */
  bytes(bytes: Uint8Array): Buffer;
}

/** An address: user, agent and device, server. */
const JID = /^([^@\s:_]+)((?:_\d+)?(?::\d+)?)@([a-z.]+)$/;
const NUMBER_SERVERS = new Set(["s.whatsapp.net", "c.us", "hosted"]);
const LID_SERVERS = new Set(["lid", "hosted.lid"]);
/** So many letters stand for a text. */
const LETTERS = 8;
const FIRST_LETTER = "a".charCodeAt(0);
const MENTION = /@\d{6,}/g;
const LONG_DIGITS = /\d{6,}/g;

/** @param keepTexts Keeps what people wrote, but for the numbers in it. */
export function createAliases({ keepTexts }: { readonly keepTexts: boolean }): Aliases {
  const key = randomBytes(32);
  const users = new Map<string, string>(); // by user part: numbers, lids and groups have different ones
  const given = { number: 0, lid: 0, group: 0, list: 0 };
  const names = new Map<string, string>();

  /** Letters that stand for a text: nothing is kept of the many that a record has. */
  function letters(original: string): string {
    const hash = createHmac("sha256", key).update(original).digest().subarray(0, LETTERS);
    return String.fromCharCode(...[...hash].map((byte) => FIRST_LETTER + byte % 26));
  }

  function userAlias(user: string, kind: keyof typeof given): string {
    const known = users.get(user);
    if (known !== undefined) return known;
    const index = String(++given[kind]);
    const alias = {
      number: `62811${index.padStart(7, "0")}`,
      lid: `1000${index.padStart(10, "0")}`,
      group: `120363${index.padStart(12, "0")}`,
      list: `17${index.padStart(8, "0")}`,
    }[kind];
    users.set(user, alias);
    return alias;
  }

  const aliases: Aliases = {
    jid(jid) {
      const [, user, device, server] = JID.exec(jid) ?? [];
      if (user === undefined || server === "bot" || jid === "status@broadcast") return jid;
      const kind = NUMBER_SERVERS.has(server)
        ? "number"
        : LID_SERVERS.has(server)
        ? "lid"
        : server === "g.us"
        ? "group"
        : "list";
      return `${userAlias(user, kind)}${device}@${server}`;
    },
    user: (digits) => users.get(digits),
    group: (id) => userAlias(id, "group"),
    name(name) {
      const alias = names.get(name) ?? `Name ${names.size + 1}`;
      names.set(name, alias);
      return alias;
    },
    text(text) {
      if (text === "") return text;
      const aliasOf = (digits: string) =>
        users.get(digits) ?? createHmac("sha256", key).update(digits).digest("hex")
          .replace(/\D/g, "").padEnd(digits.length, "0").slice(0, digits.length);
      if (keepTexts) return text.replace(LONG_DIGITS, aliasOf);
      const mentions = (text.match(MENTION) ?? []).map((mention) => `@${aliasOf(mention.slice(1))}`);
      return [`Text ${letters(text)}`, ...mentions].join(" ");
    },
    url: (url) => `https://example.org/${letters(url)}`,
    bytes(bytes) {
      const parts: Buffer[] = [];
      for (let size = 0; size < bytes.length; size += 32) {
        parts.push(createHmac("sha256", key).update(bytes).update(String(size)).digest());
      }
      return Buffer.concat(parts).subarray(0, bytes.length);
    },
  };
  return aliases;
}
