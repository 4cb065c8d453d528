import type { EventData } from "../../../events/event.ts";
import { isGroup } from "../../jid.ts";
import type { SessionDraft } from "../../session.ts";
import { type BinaryNode, childrenOf } from "../stanza.ts";
import { type AltOf, chatOf, personOf } from "./people.ts";
import { present } from "../../../events/present.ts";
import { fromSeconds } from "./time.ts";

type Presence = EventData["presence.updated"]["presence"];

export function addressesInPresence({ attrs }: BinaryNode): string[] {
  return [attrs.from, attrs.participant].filter((jid) => Boolean(jid));
}

/**
 * Somebody came online, went, types or records. Signs of life are not repeated, so they have no key.
 * @see Baileys lib/Socket/chats.js `handlePresenceUpdate`
 */
export function draftsOfPresence(stanza: BinaryNode, altOf: AltOf): SessionDraft[] {
  const { attrs } = stanza;
  const presence = presenceOf(stanza);
  const who = attrs.participant || attrs.from;
  if (presence === undefined || !who || (isGroup(who) && !attrs.participant)) return [];
  const last = attrs.last && attrs.last !== "deny" ? fromSeconds(attrs.last) : undefined;
  const data: EventData["presence.updated"] = {
    chat: chatOf(attrs.from, altOf),
    person: personOf(who, altOf),
    presence,
    ...present({ lastSeenAt: last || undefined }),
  };
  return [{ type: "presence.updated", data }];
}

function presenceOf(stanza: BinaryNode): Presence | undefined {
  if (stanza.tag === "presence") return stanza.attrs.type === "unavailable" ? "unavailable" : "available";
  const [state] = childrenOf(stanza);
  if (state?.tag === "paused") return "paused";
  if (state?.tag !== "composing") return undefined;
  return state.attrs.media === "audio" ? "recording" : "composing";
}
