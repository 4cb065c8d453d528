import { systemClock } from "../../async/clock.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import { createStore } from "../sql/store.ts";
import type { Store } from "../store.ts";
import type { ConnectionSettings } from "./connection.ts";
import { PostgresDatabase } from "./database.ts";
import { openVaultOf } from "./encryption.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/all.ts";
import { PostgresNews } from "./news.ts";
import { Timeline } from "./timeline.ts";
import type { Vault } from "../vault.ts";

/** News of other gateways may get lost; what a key opens is known this soon all the same. */
const TENANTS_MAX_AGE_MS = 2_000;

export interface PostgresStoreOptions extends ConnectionSettings {
  readonly now?: () => number;
  /** `ENCRYPTION_KEY`: seals secrets. */
  readonly encryptionKey?: string;
}

/**
 * Opens the store in a Postgres database, which several gateways may do at once. The schema and the default
 * tenant exist from then on.
 * @throws {StoreUnavailableError} If the database cannot be reached or used, was written by a newer program,
 * or was sealed with another key.
 */
export async function openPostgresStore(given: PostgresStoreOptions): Promise<Store> {
  const options = { ...given, timeline: new Timeline() };
  const { now = systemClock.now, encryptionKey } = options;
  let vault: Vault | undefined;
  await migrate(options, MIGRATIONS, async (connection) => {
    await connection.send(
      "INSERT INTO tenants (id, name, status, created_at, updated_at) VALUES ($1, 'Default', 'active', $2, $2) " +
        "ON CONFLICT DO NOTHING",
      [DEFAULT_TENANT, now()],
    );
    vault = await openVaultOf(connection, encryptionKey);
  });
  const news = new PostgresNews(options);
  await news.open();
  const db = new PostgresDatabase(options);
  const store = createStore({ db, now, vault, news, tenantsMaxAgeMs: TENANTS_MAX_AGE_MS });
  return {
    ...store,
    async close() {
      await store.close();
      await news.close();
    },
  };
}
