import type { Store } from "../../../src/store/store.ts";

/** Opens an empty store; closing it removes it. */
export type Open = () => Promise<Store>;

/** Declares a test that gets an empty store of its own. */
export function testing(name: string, open: Open) {
  return (behaviour: string, body: (store: Store) => Promise<void>) =>
    Deno.test(`${name} ${behaviour}`, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
}
