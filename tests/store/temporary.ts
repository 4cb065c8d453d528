import type { Store } from "../../src/store/store.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../src/store/sqlite/open.ts";

/** Opens a store in a new folder, which is removed when the store is closed. */
export async function openTemporary(options: Omit<SqliteStoreOptions, "path"> = {}): Promise<Store> {
  const folder = await Deno.makeTempDir();
  const store = openSqliteStore({ path: `${folder}/logs.db`, ...options });
  return {
    ...store,
    async close() {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
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
