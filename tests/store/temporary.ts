import type { SqliteStoreOptions } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryStore } from "../support/temporary_store.ts";

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
