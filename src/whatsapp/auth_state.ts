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
import type { Ledger } from "./ledger.ts";
import { Lru } from "./lru.ts";

/** Baileys' identity and Signal keys of a device, kept in the store. */
export interface AuthState {
  readonly creds: AuthenticationCreds;
  readonly keys: SignalKeyStore;
  /** Linked to a phone: the next connection logs in instead of showing a QR code. */
  readonly paired: boolean;
  /** Has the credentials stored as they are then. */
  save(): void;
}

/** Most entries of one device that are kept in memory; a contact in use needs about five. */
const CACHED_ENTRIES = 1_000;
/** In a cache, what is known not to exist. */
const NOTHING = "";
/** Made by the hundred when a device is linked, and each read once. */
const NEVER_CACHED: ReadonlySet<string> = new Set(["pre-key"]);

/**
 * Opens a device's identity. `onMappings` hears which LIDs have got a phone number. One that was never linked to a phone to the end (a pairing code that nobody typed leaves
 * such) is thrown away: WhatsApp only ever answers 401 to it.
 */
export async function openAuthState(
  deviceId: DeviceId,
  credentials: Pick<Credentials, "load" | "keys" | "clear">,
  ledger: Pick<Ledger, "keys" | "creds" | "pendingKey">,
  onMappings: (mappings: readonly Mapping[]) => void,
): Promise<AuthState> {
  const stored = await credentials.load(deviceId);
  const known: AuthenticationCreds | undefined = stored && JSON.parse(stored, BufferJSON.reviver);
  const paired = known?.me !== undefined && known.account !== undefined;
  if (known !== undefined && !paired) await credentials.clear(deviceId);
  const creds = paired ? known : initAuthCreds();
  const keys = createKeyStore(deviceId, { credentials, ledger, onMappings });
  return { creds, keys, paired, save: () => ledger.creds(() => JSON.stringify(creds, BufferJSON.replacer)) };
}

/**
 * Baileys' key store on the credentials port. Entries are cached as text: whoever reads one gets objects of their own,
 * so that nobody can change what the cache holds.
 */
function createKeyStore(
  deviceId: DeviceId,
  { credentials, ledger, onMappings }: {
    readonly credentials: Pick<Credentials, "keys">;
    readonly ledger: Pick<Ledger, "keys" | "pendingKey">;
    readonly onMappings: (mappings: readonly Mapping[]) => void;
  },
): SignalKeyStore {
  const cache = new Lru<string, string>(CACHED_ENTRIES);
  let writes = 0;

  async function read(type: string, ids: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const missing: string[] = [];
    for (const id of ids) {
      const known = cache.get(`${type}/${id}`) ?? pendingText(type, id);
      if (known === undefined) missing.push(id);
      else if (known !== NOTHING) found.set(id, known);
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

  /** What is on its way to the store is not in it yet, and may be out of the cache already. */
  function pendingText(type: string, id: string): string | undefined {
    const pending = ledger.pendingKey(type, id);
    return pending === null ? NOTHING : pending;
  }

  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const values: Record<string, SignalDataTypeMap[T]> = {};
      for (const [id, text] of await read(type, ids)) values[id] = parse(type, text);
      return values;
    },
    set(data) {
      const entries: KeyEntry[] = [];
      for (const [type, byId] of Object.entries(data)) {
        for (const [id, value] of Object.entries(byId ?? {})) {
          const text = value === null || value === undefined ? null : serialise(type, value);
          entries.push({ type, id, value: text });
          if (!NEVER_CACHED.has(type)) cache.set(`${type}/${id}`, text ?? NOTHING);
        }
      }
      if (entries.length === 0) return;
      writes++;
      ledger.keys(entries);
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
