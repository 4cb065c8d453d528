import type { TenantId } from "../../ids.ts";
import { type Database, first, type Work } from "./database.ts";

/** The highest event number that a tenant was given, also when that event is removed; 0 when there was none. */
export function* lastNumber({ build }: Database, tenantId: TenantId): Work<number> {
  // in this order: whoever removes the newest event keeps its number in `last_seq`
  const newest = yield* first(
    build.selectFrom("events").select("tenant_seq").where("tenant_id", "=", tenantId).orderBy(
      "tenant_seq",
      "desc",
    )
      .limit(1).compile(),
  );
  const tenant = yield* first(
    build.selectFrom("tenants").select("last_seq").where("id", "=", tenantId).compile(),
  );
  return Math.max(newest?.tenant_seq ?? 0, tenant?.last_seq ?? 0);
}
