import type { SignalKeyStore } from "@whiskeysockets/baileys";
import type { Jid } from "../../events/person.ts";
import { isLid, isPn, LID_SERVER, plainJid, PN_SERVER, userOf } from "../jid.ts";
import type { AltOf } from "./normalise/people.ts";

/** Looks up which LID belongs to which phone number, for several addresses at once. */
export type Directory = (jids: readonly string[]) => Promise<AltOf>;

/**
 * A directory of what Baileys has learned: it keeps `lid-mapping` entries both ways among the Signal keys.
 * It never asks WhatsApp.
 * @see Baileys lib/Signal/lid-mapping.js
 */
export function createDirectory(keys: Pick<SignalKeyStore, "get">): Directory {
  return async (jids) => {
    const people = new Set(jids.filter((jid) => isLid(jid) || isPn(jid)).map(plainJid));
    if (people.size === 0) return () => undefined;
    const stored = await keys.get("lid-mapping", [...people].map(entryOf));
    const alts = new Map<Jid, Jid>();
    for (const jid of people) {
      const user = stored[entryOf(jid)];
      if (user) alts.set(jid, `${user}@${isLid(jid) ? PN_SERVER : LID_SERVER}`);
    }
    return (jid) => alts.get(plainJid(jid));
  };
}

function entryOf(jid: Jid): string {
  return isLid(jid) ? `${userOf(jid)}_reverse` : userOf(jid);
}
