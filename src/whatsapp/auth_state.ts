import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from "@whiskeysockets/baileys";
import type { DeviceId } from "../ids.ts";
import type { Credentials, KeyEntry } from "../store/credentials.ts";
import type { Mapping } from "./acquaintances.ts";
import { LID_SERVER, PN_SERVER } from "./jid.ts";
import { keepTrying, type Trying } from "./keep_trying.ts";
import { Lru } from "./lru.ts";

/** Baileys' identity and Signal keys of a device, kept in the store. */
export interface AuthState {
  readonly creds: AuthenticationCreds;
  readonly keys: SignalKeyStore;
  /** Linked to a phone: the next connection logs in instead of showing a QR code. */
  readonly paired: boolean;
  /** Stores the credentials as they are now. Calls that come while one is under way are served by one more write. */
  save(): void;
  /** Resolves when every change so far is stored. */
  flush(): Promise<void>;
}

/** Most entries of one device that are kept in memory; a contact in use needs about five. */
const CACHED_ENTRIES = 1_000;
/** In a cache, what is known not to exist. */
const NOTHING = "";
/** Made by the hundred when a device is linked, and each read once. */
const NEVER_CACHED: ReadonlySet<string> = new Set(["pre-key"]);

/**
 * Opens a device's identity. `onMappings` hears which LIDs have got a phone number, when that is stored. One that was never linked to a phone to the end (a pairing code that nobody typed leaves
 * such) is thrown away: WhatsApp only ever answers 401 to it.
 */
export async function openAuthState(
  deviceId: DeviceId,
  credentials: Credentials,
  trying: Trying,
  onMappings: (mappings: readonly Mapping[]) => void,
): Promise<AuthState> {
  const stored = await credentials.load(deviceId);
  const known: AuthenticationCreds | undefined = stored && JSON.parse(stored, BufferJSON.reviver);
  const paired = known?.me !== undefined && known.account !== undefined;
  if (known !== undefined && !paired) await credentials.clear(deviceId);
  const creds = paired ? known : initAuthCreds();
  const keys = createKeyStore(deviceId, credentials, trying, onMappings);
  const saving = createSaving(() => {
    const text = JSON.stringify(creds, BufferJSON.replacer);
    return keepTrying("credentials", () => credentials.save(deviceId, text), trying);
  });
  return { creds, keys, paired, save: saving.save, flush: saving.flush };
}

/** Coalesces saves: one is under way, at most one more waits, and it takes the newest state. */
function createSaving(write: () => Promise<void>) {
  let dirty = false;
  let working: Promise<void> | undefined;
  async function work() {
    // the state changes in several places of one turn: take it when the turn is over
    await Promise.resolve();
    while (dirty) {
      dirty = false;
      await write();
    }
  }
  function save() {
    dirty = true;
    working ??= work().finally(() => working = undefined);
    working.catch(() => {}); // flush tells
  }
  return { save, flush: async () => await working };
}

/**
 * Baileys' key store on the credentials port. Entries are cached as text: whoever reads one gets objects of their own,
 * so that nobody can change what the cache holds.
 */
function createKeyStore(
  deviceId: DeviceId,
  credentials: Credentials,
  trying: Trying,
  onMappings: (mappings: readonly Mapping[]) => void,
): SignalKeyStore {
  const cache = new Lru<string, string>(CACHED_ENTRIES);
  let writes = 0;

  async function read(type: string, ids: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const missing: string[] = [];
    for (const id of ids) {
      const cached = cache.get(`${type}/${id}`);
      if (cached === undefined) missing.push(id);
      else if (cached !== NOTHING) found.set(id, cached);
    }
    if (missing.length === 0) return found;
    const before = writes;
    const stored = await credentials.keys(deviceId, type, missing);
    for (const id of missing) {
      const text = stored.get(id);
      if (text !== undefined) found.set(id, text);
      // a write in the meantime may have made this old
      if (before === writes && !NEVER_CACHED.has(type)) cache.set(`${type}/${id}`, text ?? NOTHING);
    }
    return found;
  }

  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const values: Record<string, SignalDataTypeMap[T]> = {};
      for (const [id, text] of await read(type, ids)) values[id] = parse(type, text);
      return values;
    },
    async set(data) {
      const entries: KeyEntry[] = [];
      for (const [type, byId] of Object.entries(data)) {
        for (const [id, value] of Object.entries(byId ?? {})) {
          const text = value === null || value === undefined ? null : serialise(type, value);
          entries.push({ type, id, value: text });
        }
      }
      if (entries.length === 0) return;
      writes++;
      for (const { type, id, value } of entries) {
        if (!NEVER_CACHED.has(type)) cache.set(`${type}/${id}`, value ?? NOTHING);
      }
      try {
        await keepTrying("keys", () => credentials.setKeys(deviceId, entries), trying);
      } catch (error) {
        writes++;
        for (const { type, id } of entries) cache.delete(`${type}/${id}`);
        throw error;
      }
      const mappings = mappingsIn(data["lid-mapping"]);
      if (mappings.length > 0) onMappings(mappings);
    },
  };
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
  return PLAIN.has(type) ? JSON.stringify(value) : JSON.stringify(value, BufferJSON.replacer);
}

function parse<T extends keyof SignalDataTypeMap>(type: T, text: string): SignalDataTypeMap[T] {
  if (PLAIN.has(type)) return JSON.parse(text);
  const value = JSON.parse(text, BufferJSON.reviver);
  if (type !== "app-state-sync-key") return value;
  const revived: unknown = proto.Message.AppStateSyncKeyData.fromObject(value);
  return revived as SignalDataTypeMap[T]; // its type is the one that was just looked at
}
