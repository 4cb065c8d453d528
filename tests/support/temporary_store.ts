import { join } from "node:path";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";

export interface TemporaryStore extends AsyncDisposable {
  readonly store: Store;
  readonly folder: string;
  /** The database file. */
  readonly path: string;
}

/** A store on a file in a folder of its own, removed with it. */
export async function temporaryStore(now: () => number = Date.now): Promise<TemporaryStore> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "logs.db");
  const store = openSqliteStore({ path, now });
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
