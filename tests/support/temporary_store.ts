import { join } from "node:path";
import { openSqliteStore, type SqliteStoreOptions } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";

export interface TemporaryStore extends AsyncDisposable {
  readonly store: Store;
  readonly folder: string;
  /** The database file. */
  readonly path: string;
}

/** A store on a file in a folder of its own, removed with it. */
export async function temporaryStore(
  now: () => number = Date.now,
  options: Omit<SqliteStoreOptions, "path" | "now"> = {},
): Promise<TemporaryStore> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "logs.db");
  const store = openSqliteStore({ path, now, ...options });
  return {
    store,
    folder,
    path,
    async [Symbol.asyncDispose]() {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The same for tests that have no end at which to remove it: it goes with the process. */
export function fileStore(now: () => number = Date.now): { readonly store: Store; readonly path: string } {
  const folder = Deno.makeTempDirSync();
  const path = join(folder, "logs.db");
  const store = openSqliteStore({ path, now });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return { store, path };
}
