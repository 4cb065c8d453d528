import type { LIDMapping } from "@whiskeysockets/baileys";
import { Lru } from "../../async/lru.ts";
import { nextTurn } from "../../async/next_turn.ts";

/** What keeps which LID belongs to which number. */
export interface Mappings {
  storeLIDPNMappings(pairs: LIDMapping[]): Promise<void>;
}

/** As many are taken without a pause; a power of two, for which the store has its statements. */
const SLICE = 64;
/** Entries that stay in memory, two for each person. */
const CACHED = 2_000;

/**
 * Lets others have their turn while thousands of people become known at once, as with the history of a big account: all
 * of it would be one chain of microtasks, as the store answers at once.
 */
export function storeInSlices(mappings: Mappings): void {
  const store = mappings.storeLIDPNMappings.bind(mappings);
  mappings.storeLIDPNMappings = async (pairs) => {
    for (let start = 0; start < pairs.length; start += SLICE) {
      if (start > 0) await nextTurn();
      await store(pairs.slice(start, start + SLICE));
    }
  };
}

/**
 * Gives Baileys another cache of mappings: its own keeps all of them, and sets a timer for each, a new one whenever it
 * is read.
 * @see Baileys lib/Signal/lid-mapping.js; lru-cache, `ttlAutopurge`
 */
export function cacheWithoutTimers(mappings: object): void {
  if (!("mappingCache" in mappings)) throw new TypeError("Cannot mend Baileys: it works otherwise by now");
  Object.assign(mappings, { mappingCache: new Lru<string, string>(CACHED) });
}
