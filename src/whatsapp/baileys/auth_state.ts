import { Buffer } from "node:buffer";
import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  type KeyPair,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from "@whiskeysockets/baileys";
import type { DeviceId } from "../../ids.ts";
import type { Credentials } from "../../store/credentials.ts";
import type { Mapping } from "./contact_changes.ts";
import type { Jid } from "../../events/person.ts";
import { LID_SERVER, PN_SERVER, userOf } from "../jid.ts";
import type { Logger } from "../../log.ts";
import type { Ledger, NewKey } from "./ledger.ts";
import { Lru } from "../../async/lru.ts";

/** Baileys' identity and Signal keys of a device, kept in the store. */
export interface AuthState {
  readonly creds: AuthenticationCreds;
  readonly keys: SignalKeyStore;
  /** Linked to a phone: the next connection logs in instead of showing a QR code. */
  readonly paired: boolean;
  /** Has the credentials stored as they are then. */
  save(): void;
}

/** Hears which LIDs have got a phone number, and which number each had before, if any. */
export type OnMappings = (
  mappings: readonly Mapping[],
  before: Promise<ReadonlyMap<Jid, Jid>>,
) => void;

/** Most entries of one device that are kept in memory; a contact in use needs about five. */
const CACHED_ENTRIES = 1_000;
/** Most Signal sessions among them: their keys may hold larger pieces of memory. */
const CACHED_SESSIONS = 250;
/** More than this in one call are the people of a history: they would push those out who are writing. */
const MOST_CACHED_AT_ONCE = 100;
/** In a cache, what is known not to exist. */
const NOTHING = "";
/** Made by the hundred when a device is linked, and each read once. */
const NEVER_CACHED: ReadonlySet<string> = new Set(["pre-key"]);

/**
 * Opens a device's identity. `onMappings` hears which LIDs have got a phone number. One that was never linked to a
 * phone to the end (a pairing code that nobody typed leaves such) is thrown away: WhatsApp only ever answers 401 to it.
 */
export async function openAuthState(
  deviceId: DeviceId,
  credentials: Pick<Credentials, "load" | "keys" | "clear">,
  ledger: Pick<Ledger, "keys" | "creds" | "pendingKey">,
  onMappings: OnMappings,
  log: Pick<Logger, "warn">,
): Promise<AuthState> {
  const stored = await credentials.load(deviceId);
  const known: AuthenticationCreds | undefined = stored && JSON.parse(stored, BufferJSON.reviver);
  const paired = known?.me !== undefined && known.account !== undefined;
  if (known !== undefined && !paired) await credentials.clear(deviceId);
  const creds = paired ? known : initAuthCreds();
  const keys = createKeyStore(deviceId, { credentials, ledger, onMappings, log });
  return { creds, keys, paired, save: () => ledger.creds(() => JSON.stringify(creds, BufferJSON.replacer)) };
}

/**
 * Baileys' key store on the credentials port. What nobody changes is cached as it is, the rest as text: whoever reads
 * that gets objects of their own, so that nobody can change what the cache holds.
 */
function createKeyStore(
  deviceId: DeviceId,
  { credentials, ledger, onMappings, log }: {
    readonly credentials: Pick<Credentials, "keys">;
    readonly ledger: Pick<Ledger, "keys" | "pendingKey">;
    readonly onMappings: OnMappings;
    readonly log: Pick<Logger, "warn">;
  },
): SignalKeyStore {
  const sessions = new Lru<string, unknown>(CACHED_SESSIONS);
  const others = new Lru<string, unknown>(CACHED_ENTRIES);
  const cacheOf = (type: string) => type === "session" ? sessions : others;
  let writes = 0;

  /** The entries as they are cached. */
  async function read(type: string, ids: readonly string[]): Promise<Map<string, unknown>> {
    const found = new Map<string, unknown>();
    const missing: string[] = [];
    const cache = cacheOf(type);
    for (const id of ids) {
      // what is on its way to the store is not in it yet, and may be out of the cache already
      const known = cache.get(`${type}/${id}`) ?? pendingOf(type, id);
      if (known === undefined) missing.push(id);
      else if (known !== NOTHING) found.set(id, known);
    }
    if (missing.length === 0) return found;
    const before = writes;
    const stored = await credentials.keys(deviceId, type, missing);
    for (const id of missing) {
      const held = heldFromStore(type, id, stored.get(id));
      if (held !== NOTHING) found.set(id, held);
      // a write in the meantime may have made this old
      const isKept = before === writes && missing.length <= MOST_CACHED_AT_ONCE && !NEVER_CACHED.has(type);
      if (isKept) cache.set(`${type}/${id}`, held);
    }
    return found;
  }

  /** A stored entry as it is cached. */
  function heldFromStore(type: string, id: string, text: string | undefined): unknown {
    if (text === undefined) return NOTHING;
    return UNCHANGING.has(type) ? parse(type as keyof SignalDataTypeMap, id, text) ?? NOTHING : text;
  }

  /** A row that cannot be read is none: Baileys makes what is missing anew, or asks for it again. */
  function parse<T extends keyof SignalDataTypeMap>(
    type: T,
    id: string,
    text: string,
  ): SignalDataTypeMap[T] | undefined {
    try {
      return parsed(type, text);
    } catch {
      log.warn("session.key_unreadable", { deviceId, type, id });
      return undefined;
    }
  }

  function pendingOf(type: string, id: string): unknown {
    const pending = ledger.pendingKey(type, id);
    return pending && held(pending);
  }

  /** The numbers that these LIDs have so far. */
  async function numbersOf(mappings: readonly Mapping[]): Promise<ReadonlyMap<Jid, Jid>> {
    if (mappings.length === 0) return new Map();
    const stored = await read("lid-mapping", mappings.map(({ lid }) => `${userOf(lid)}${REVERSE}`));
    return new Map(mappings.flatMap(({ lid }): [Jid, Jid][] => {
      const number = stored.get(`${userOf(lid)}${REVERSE}`);
      return number ? [[lid, `${number}@${PN_SERVER}`]] : [];
    }));
  }

  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const values: Record<string, SignalDataTypeMap[T]> = {};
      for (const [id, found] of await read(type, ids)) {
        const value = UNCHANGING.has(type) ? found as SignalDataTypeMap[T] : parse(type, id, String(found));
        if (value !== undefined) values[id] = value;
      }
      return values;
    },
    set(data) {
      const mappings = mappingsIn(data["lid-mapping"]);
      const before = numbersOf(mappings); // begun before the store is asked to write what follows
      const entries: NewKey[] = [];
      for (const [type, byId] of Object.entries(data)) {
        const given = Object.entries(byId ?? {});
        const areKept = given.length <= MOST_CACHED_AT_ONCE && !NEVER_CACHED.has(type);
        const cache = cacheOf(type);
        for (const [id, value] of given) {
          const entry = newKey(type, id, value ?? null);
          entries.push(entry);
          const key = `${type}/${id}`;
          if (areKept || cache.has(key)) cache.set(key, held(entry));
        }
      }
      if (entries.length === 0) return;
      writes++;
      ledger.keys(entries);
      if (mappings.length > 0) onMappings(mappings, before);
    },
  };
}

/**
 * What nobody changes who reads it; `device-list` is not among these: Baileys adds to the list that it reads.
 * @see libsignal src/session_record.js `deserialize`; Baileys lib/Signal/libsignal.js `migrateSession`
 */
const UNCHANGING: ReadonlySet<string> = new Set(["session", "lid-mapping"]);

function newKey(type: string, id: string, value: unknown): NewKey {
  if (value === null) return { type, id, value, text: () => null };
  // of a session that is written again before its page is, only the last state is ever turned into text
  if (UNCHANGING.has(type)) return { type, id, value, text: () => serialise(type, value) };
  const text = serialise(type, value);
  return { type, id, value, text: () => text };
}

/** A new entry as it is cached. */
function held({ type, value, text }: NewKey): unknown {
  return value === null ? NOTHING : UNCHANGING.has(type) ? value : text();
}

const REVERSE = "_reverse";

/** Which LIDs have got a phone number, by the entries that Baileys writes for it: `<lid>_reverse` → number. */
function mappingsIn(entries: SignalDataSet["lid-mapping"]): Mapping[] {
  return Object.entries(entries ?? {}).flatMap(([id, number]) => {
    if (!id.endsWith(REVERSE) || !number) return [];
    return [{ pn: `${number}@${PN_SERVER}`, lid: `${id.slice(0, -REVERSE.length)}@${LID_SERVER}` }];
  });
}

/** Signal sessions and mappings hold no binary values: plain JSON is several times faster than Baileys' own. */
const PLAIN: ReadonlySet<string> = new Set(["session", "lid-mapping", "device-list", "sender-key-memory"]);

function serialise(type: string, value: unknown): string {
  if (PLAIN.has(type)) return JSON.stringify(value);
  return type === "pre-key" && isKeyPair(value)
    ? JSON.stringify({ private: asText(value.private), public: asText(value.public) })
    : JSON.stringify(value, BufferJSON.replacer);
}

/** Hundreds of these come at once, and the replacer goes through each of their bytes three times. */
function isKeyPair(value: unknown): value is KeyPair {
  return typeof value === "object" && value !== null && Object.keys(value).length === 2 &&
    "private" in value && value.private instanceof Uint8Array &&
    "public" in value && value.public instanceof Uint8Array;
}

/** As `BufferJSON` has it. */
function asText(bytes: Uint8Array): { readonly type: "Buffer"; readonly data: string } {
  return { type: "Buffer", data: Buffer.from(bytes).toString("base64") };
}

function parsed<T extends keyof SignalDataTypeMap>(type: T, text: string): SignalDataTypeMap[T] {
  if (PLAIN.has(type)) {
    const value = JSON.parse(text);
    if (type === "lid-mapping" && typeof value !== "string") throw new TypeError("Not an address");
    return value;
  }
  const value = JSON.parse(text, BufferJSON.reviver);
  if (type !== "app-state-sync-key") return value;
  const revived: unknown = proto.Message.AppStateSyncKeyData.fromObject(value);
  return revived as SignalDataTypeMap[T]; // its type is the one that was just looked at
}
