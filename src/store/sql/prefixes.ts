import { sql } from "kysely";
import type { TenantId } from "../../ids.ts";
import { type Database, run, type Work } from "./database.ts";

/** What follows all names that begin so: names hold nothing above `~`. */
export function afterAll(prefix: string): string {
  return `${prefix}~`;
}

/** So many ids that begin alike are looked at, of all tenants: the index knows no tenants. */
const MOST_BEGINNING = 500;

/** The ids of a tenant's rows that begin so, those made last first. */
export function* idsBeginning(
  { build }: Database,
  { table, column }: {
    readonly table: "blasts" | "events" | "message_logs";
    readonly column: "id" | "job_id";
  },
  { tenantId, prefix, limit }: {
    readonly tenantId: TenantId;
    readonly prefix: string;
    readonly limit: number;
  },
): Work<readonly string[]> {
  const id = sql.ref(column);
  const query = sql<{ id: string; tenant_id: string }>`
    SELECT ${id} AS id, tenant_id FROM ${sql.table(table)}
    WHERE ${id} >= ${prefix} AND ${id} < ${afterAll(prefix)} ORDER BY ${id} DESC LIMIT ${MOST_BEGINNING}`;
  const looked = yield* run(query.compile(build));
  return looked.filter((row) => row.tenant_id === tenantId).slice(0, limit).map((row) => row.id);
}
