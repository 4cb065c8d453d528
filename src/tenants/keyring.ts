import type { Clock, Timer } from "../async/clock.ts";
import { InvalidError, messageOf, NotFoundError, RefusedError } from "../errors.ts";
import { type DeviceId, newId, type TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import { API_KEYS, type ApiKey, type ApiKeys, type KeyScope } from "../store/api_keys.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import { ANYTHING, type News } from "../store/news.ts";
import { hashKey, makeKey } from "./keys.ts";
import { MAX_KEY_LENGTH } from "./known_keys.ts";
import { createRights } from "./rights.ts";

/** A use is written at most so often. */
const USE_MS = 60_000;
const MOST_KEYS = 100;
const log = logOf("keys");

/** What a key lets its holder do. `keyId` is null for the tenant's own key, which may do everything. */
export interface KeyAccess {
  readonly keyId: string | null;
  readonly scopes: readonly KeyScope[];
  /** Null: all devices of the tenant. */
  readonly deviceIds: readonly DeviceId[] | null;
  /** The only chats that it may read, and send to; null: all. */
  readonly readChats: ApiKey["readChats"];
  readonly sendChats: ApiKey["sendChats"];
  /** Epoch ms; null: it does not end by itself. */
  readonly expiresAt: ApiKey["expiresAt"];
}

/** The access of a tenant's own key. */
export const FULL_ACCESS: KeyAccess = {
  keyId: null,
  scopes: ["read", "send", "manage"],
  deviceIds: null,
  readChats: null,
  sendChats: null,
  expiresAt: null,
};

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly deviceIds: readonly DeviceId[] | null;
  /** By number where it is known, else by LID; groups by theirs. */
  readonly readChats: ApiKey["readChats"];
  readonly sendChats: ApiKey["sendChats"];
  /** Epoch ms. */
  readonly expiresAt: number | null;
}

export interface KeyringDeps {
  readonly apiKeys: ApiKeys;
  readonly news: Pick<News, "hear" | "hearsOthers">;
  readonly clock: Pick<Clock, "now" | "after" | "every">;
}

/** Named keys: made, listed, revoked, and looked up for every request that carries one. */
export interface Keyring {
  /**
   * Whose key it is; undefined: nobody's, or it has expired. Notes the use.
   * `rights` aborts once the key is revoked or expires, or its tenant is suspended or removed.
   */
  find(key: string): Promise<{ readonly key: ApiKey; readonly rights: AbortSignal } | undefined>;
  /**
   * Makes a key; its text is not kept.
   * @param by Who asks: nobody gives more than they have.
   * @throws {InvalidError} If it would expire in the past, or is for some chats and may manage.
   * @throws {RefusedError} If the tenant has a hundred keys, or `by` has less.
   */
  create(
    tenantId: TenantId,
    wanted: NewApiKey,
    by: KeyAccess,
  ): Promise<{ readonly key: ApiKey; readonly text: string }>;
  list(tenantId: TenantId): Promise<readonly ApiKey[]>;
  /** Ends at once what the key opened. @throws {NotFoundError} */
  revoke(tenantId: TenantId, id: string): Promise<void>;
  /** Ends what all keys of a tenant opened, as it was suspended or removed. */
  endTenant(tenantId: TenantId): void;
  /** Lets go of its timers. */
  stop(): void;
}

export function createKeyring({ apiKeys, news, clock }: KeyringDeps): Keyring {
  const { now } = clock;
  const rights = createRights();
  /** Keys that were used here since the start: whose, when the last use was noted, and what ends them in time. */
  const used = new Map<
    string,
    { tenantId: TenantId; notedAt: number; timer?: Timer }
  >();

  function end(id: string): void {
    used.get(id)?.timer?.cancel();
    used.delete(id);
    rights.end(id);
  }

  /** Ends the key's rights when it expires, however far away that is. */
  function endInTime(key: ApiKey): Timer | undefined {
    if (key.expiresAt === null) return undefined;
    return clock.after(Math.max(0, key.expiresAt - now()), () => {
      const entry = used.get(key.id);
      if (key.expiresAt !== null && now() >= key.expiresAt) end(key.id);
      else if (entry !== undefined) entry.timer = endInTime(key);
    });
  }

  function noteUse(key: ApiKey): void {
    const at = now();
    const entry = used.get(key.id) ??
      { tenantId: key.tenantId, notedAt: key.lastUsedAt ?? 0, timer: endInTime(key) };
    used.set(key.id, entry);
    if (at - entry.notedAt < USE_MS) return;
    entry.notedAt = at;
    apiKeys.used(key.id, { now: at, unless: at - USE_MS }).catch((error: unknown) =>
      log.warn("key.use_not_noted", { keyId: key.id, error: messageOf(error) })
    );
  }

  async function follow(tenantId: TenantId): Promise<void> {
    const left = new Set((await apiKeys.list(tenantId)).map(({ id }) => id));
    for (const [id, entry] of used) if (entry.tenantId === tenantId && !left.has(id)) end(id);
  }

  const stopHearing = hearOrLook({ news, clock }, API_KEYS, (changed) => {
    const tenants = changed === ANYTHING
      ? new Set([...used.values()].map(({ tenantId }) => tenantId))
      : [changed];
    for (const tenantId of tenants) {
      follow(tenantId).catch((error: unknown) => log.warn("keys.not_followed", { error: messageOf(error) }));
    }
  });

  return {
    async find(text) {
      if (text.length > MAX_KEY_LENGTH) return undefined;
      const hash = hashKey(text);
      const key = await apiKeys.byHash(hash);
      if (key === undefined || (key.expiresAt !== null && key.expiresAt <= now())) return undefined;
      const isKnown = used.has(key.id);
      const signal = rights.of(key.id);
      noteUse(key);
      // It may have been revoked between the reading and the taking of its rights.
      if (!isKnown && await apiKeys.byHash(hash) === undefined) {
        end(key.id);
        return undefined;
      }
      return { key, rights: signal };
    },
    async create(tenantId, wanted, by) {
      const at = now();
      const { name, scopes, deviceIds, readChats, sendChats, expiresAt } = wanted;
      if (expiresAt !== null && expiresAt <= at) {
        throw new InvalidError("expires_at", "Field `expires_at` must be in the future, in Unix seconds", {
          kind: "expiry",
        });
      }
      if (scopes.includes("manage") && (readChats !== null || sendChats !== null)) {
        throw new InvalidError(
          "scopes",
          "Field `scopes` must be without `manage` for a key for some chats: a webhook of its own would show it all",
          { kind: "manage_of_some_chats" },
        );
      }
      const missing = scopes.filter((scope) => !by.scopes.includes(scope));
      if (missing.length > 0) {
        throw new RefusedError(
          "KEY_HAS_LESS",
          `Cannot give what your key does not have: ${missing.join(", ")}`,
        );
      }
      if (by.expiresAt !== null && (expiresAt === null || expiresAt > by.expiresAt)) {
        const message = "Cannot give more time than your key has: `expires_at` must be at most " +
          Math.floor(by.expiresAt / 1000);
        throw new RefusedError("KEY_HAS_LESS", message);
      }
      if ((await apiKeys.list(tenantId)).length >= MOST_KEYS) {
        throw new RefusedError(
          "TOO_MANY_KEYS",
          `Cannot make a key: there are ${MOST_KEYS} already; revoke one first`,
        );
      }
      const text = makeKey();
      const key: ApiKey = {
        id: newId("key"),
        tenantId,
        name,
        scopes,
        deviceIds,
        readChats,
        sendChats,
        createdAt: at,
        expiresAt,
        lastUsedAt: null,
      };
      await apiKeys.create(key, hashKey(text));
      log.info("key.created", { keyId: key.id, tenantId, scopes: scopes.join(), by: by.keyId });
      return { key, text };
    },
    list: (tenantId) => apiKeys.list(tenantId),
    async revoke(tenantId, id) {
      if (!await apiKeys.remove(tenantId, id)) throw new NotFoundError("key", id);
      end(id);
      log.info("key.revoked", { keyId: id, tenantId });
    },
    endTenant(tenantId) {
      for (const [id, entry] of used) if (entry.tenantId === tenantId) end(id);
    },
    stop() {
      stopHearing();
      for (const { timer } of used.values()) timer?.cancel();
    },
  };
}
