import { Lru } from "../../async/lru.ts";
import type { Mappings } from "./mapping_slices.ts";

/** What keeps which LID belongs to which number, and tells it. */
export interface LidLookups extends Mappings {
  getLIDForPN(pn: string): Promise<string | null>;
}

/** Devices of contacts; one that is written to has two or three. */
const REMEMBERED = 2_000;

/**
 * Remembers which LID stands for a phone number's device until a mapping is stored. Baileys asks for it some ten times
 * for each message that goes out, each time through a list of one, sorted and joined, and two promises.
 * @see Baileys lib/Signal/lid-mapping.js `getLIDForPN`; lib/Signal/libsignal.js `resolveLIDSignalAddress`
 */
export function rememberLids(mappings: LidLookups): void {
  const known = new Lru<string, string>(REMEMBERED);
  const look = mappings.getLIDForPN.bind(mappings);
  const store = mappings.storeLIDPNMappings.bind(mappings);
  let stored = 0;
  mappings.getLIDForPN = async (pn) => {
    const remembered = known.get(pn);
    if (remembered !== undefined) return remembered;
    const before = stored;
    const lid = await look(pn);
    if (lid !== null && before === stored) known.set(pn, lid);
    return lid;
  };
  mappings.storeLIDPNMappings = async (pairs) => {
    const forget = () => {
      stored++;
      known.clear();
    };
    forget();
    try {
      await store(pairs);
    } finally {
      forget(); // also what was looked up meanwhile
    }
  };
}
