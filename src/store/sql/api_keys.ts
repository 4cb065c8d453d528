import type { Selectable } from "kysely";
import type { ApiKey, ApiKeys } from "../api_keys.ts";
import { API_KEYS } from "../api_keys.ts";
import type { News } from "../news.ts";
import { type Database, first, run, send } from "./database.ts";
import { hot } from "./hot.ts";
import { fromJson, jsonOf } from "./rows.ts";
import type { ApiKeyRow } from "./tables.ts";

function toApiKey(row: Selectable<ApiKeyRow>): ApiKey {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    scopes: fromJson(row.scopes),
    deviceIds: row.device_ids === null ? null : fromJson(row.device_ids),
    readChats: row.read_chats === null ? null : fromJson(row.read_chats),
    sendChats: row.send_chats === null ? null : fromJson(row.send_chats),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Named keys on a database of any engine; `news` hears of each one that is removed. */
export function createApiKeys(db: Database, news: News): ApiKeys {
  const { build } = db;
  const rows = () => build.selectFrom("api_keys").selectAll();
  const byHash = hot((p: { keyHash: string }) => rows().where("key_hash", "=", p.keyHash));

  return {
    create: (key, keyHash) =>
      db.write(function* () {
        yield* send(
          build.insertInto("api_keys").values({
            id: key.id,
            tenant_id: key.tenantId,
            name: key.name,
            key_hash: keyHash,
            scopes: jsonOf(key.scopes),
            device_ids: jsonOf(key.deviceIds),
            read_chats: jsonOf(key.readChats),
            send_chats: jsonOf(key.sendChats),
            created_at: key.createdAt,
            expires_at: key.expiresAt,
            last_used_at: key.lastUsedAt,
          }).compile(),
        );
      }),
    byHash: (keyHash) =>
      db.read(function* () {
        const row = yield* first(byHash({ keyHash }));
        return row && toApiKey(row);
      }),
    list: (tenantId) =>
      db.read(function* () {
        const query = rows().where("tenant_id", "=", tenantId).orderBy("id", "desc");
        return (yield* run(query.compile())).map(toApiKey);
      }),
    used: (id, { now, unless }) =>
      db.write(function* () {
        yield* send(
          build.updateTable("api_keys").set({ last_used_at: now }).where("id", "=", id)
            .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<=", unless)]))
            .compile(),
        );
      }),
    async remove(tenantId, id) {
      const removed = await db.write(function* () {
        const query = build.deleteFrom("api_keys").where("id", "=", id).where("tenant_id", "=", tenantId);
        return (yield* first(query.returning("id").compile())) !== undefined;
      });
      if (removed) news.tell(API_KEYS, tenantId);
      return removed;
    },
  };
}
