import type { LIDMapping } from "@whiskeysockets/baileys";

/** What keeps which LID belongs to which number. */
export interface Mappings {
  storeLIDPNMappings(pairs: LIDMapping[]): Promise<void>;
}

/** As many are taken without a pause. */
const SLICE = 200;

/**
 * Lets others have their turn while thousands of people become known at once, as with the history of a big account: all
 * of it would be one chain of microtasks, as the store answers at once.
 */
export function storeInSlices(mappings: Mappings): void {
  const store = mappings.storeLIDPNMappings.bind(mappings);
  mappings.storeLIDPNMappings = async (pairs) => {
    for (let start = 0; start < pairs.length; start += SLICE) {
      if (start > 0) await new Promise<void>((resolve) => setImmediate(resolve));
      await store(pairs.slice(start, start + SLICE));
    }
  };
}
