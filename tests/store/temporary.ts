import { openPostgresStore } from "../../src/store/postgres/open.ts";
import type { SqliteStoreOptions } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryDatabase } from "../support/postgres.ts";
import { temporaryStore } from "../support/temporary_store.ts";
import { T0 } from "./contracts/samples.ts";

/** Opens a store in a new folder, which is removed when the store is closed. */
export async function openTemporary(
  { now, ...options }: Omit<SqliteStoreOptions, "path"> = {},
): Promise<Store> {
  const kept = await temporaryStore(now, options);
  return { ...kept.store, close: () => Promise.resolve(kept[Symbol.asyncDispose]()) };
}

/** Runs something with a new folder. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs something with a store on a new Postgres database, whose clock stands at `T0`. */
export async function withPostgresStore(body: (store: Store, url: string) => Promise<void>): Promise<void> {
  await using database = await temporaryDatabase();
  const store = await openPostgresStore({ url: database.url, now: () => T0 });
  try {
    await body(store, database.url);
  } finally {
    await store.close();
  }
}
