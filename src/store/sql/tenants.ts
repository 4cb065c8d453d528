import type { Selectable } from "kysely";
import { ConflictError } from "../../errors.ts";
import { type Database, first, run, send } from "./database.ts";
import type { Tenant, Tenants, TenantStatus } from "../tenants.ts";
import { hot } from "./hot.ts";
import { removeTenant } from "./removal.ts";
import { mentioned } from "./rows.ts";
import type { TenantRow } from "./tables.ts";

function toTenant(row: Selectable<TenantRow>): Tenant {
  return {
    id: row.id,
    name: row.name,
    status: row.status as TenantStatus,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function createTenants(db: Database): Tenants {
  const { build } = db;
  const tenants = () => build.selectFrom("tenants").selectAll();
  const byKeyHash = hot((p: { keyHash: string }) => tenants().where("key_hash", "=", p.keyHash));

  return {
    create(tenant, keyHash) {
      const { id, name, status, createdAt, updatedAt } = tenant;
      const query = build.insertInto("tenants").values({
        id,
        name,
        status,
        key_hash: keyHash,
        created_at: createdAt,
        updated_at: updatedAt,
      }).compile();
      return db.write(function* () {
        const known = yield* first(build.selectFrom("tenants").select("id").where("id", "=", id).compile());
        if (known !== undefined) throw new ConflictError(`Cannot create tenant "${id}": it exists already`);
        yield* send(query);
      });
    },
    get: (id) =>
      db.read(function* () {
        const row = yield* first(tenants().where("id", "=", id).compile());
        return row && toTenant(row);
      }),
    list: ({ limit, offset, except = [] }) =>
      db.read(function* () {
        let query = tenants().orderBy("number").limit(limit).offset(offset);
        if (except.length > 0) query = query.where("id", "not in", except);
        const rows = yield* run(query.compile());
        return rows.map(toTenant);
      }),
    count: () =>
      db.read(function* () {
        const row = yield* first(
          build.selectFrom("tenants").select((eb) => eb.fn.countAll<number>().as("count")).compile(),
        );
        return row?.count ?? 0;
      }),
    update: (id, { name, status }, now) =>
      db.write(function* () {
        const row = yield* first(
          build.updateTable("tenants").set(mentioned({ name, status, updated_at: now })).where("id", "=", id)
            .returningAll().compile(),
        );
        return row && toTenant(row);
      }),
    remove: (id) => removeTenant(db, id),
    setKeyHash: (id, keyHash, now) =>
      db.write(function* () {
        const row = yield* first(
          build.updateTable("tenants").set({ key_hash: keyHash, updated_at: now }).where("id", "=", id)
            .returning("id").compile(),
        );
        return row !== undefined;
      }),
    keyHashOf: (id) =>
      db.read(function* () {
        const row = yield* first(
          build.selectFrom("tenants").select("key_hash").where("id", "=", id).compile(),
        );
        return row?.key_hash ?? undefined;
      }),
    byKeyHash: (keyHash) =>
      db.read(function* () {
        const row = yield* first(byKeyHash({ keyHash }));
        return row && toTenant(row);
      }),
  };
}
