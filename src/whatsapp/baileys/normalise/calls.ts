import type { EventData } from "../../../events/event.ts";
import type { SessionDraft } from "../../session.ts";
import { type BinaryNode, childOf, childrenOf, isOffline } from "../stanza.ts";
import { type AltOf, personOf } from "./people.ts";
import { timeOf } from "./time.ts";

type Outcome = EventData["call.ended"]["outcome"];

/** What ends a call, by the stanza and by the reason that a termination gives. */
const BY_TAG: Readonly<Record<string, Outcome>> = {
  accept: "accepted",
  reject: "rejected",
  terminate: "terminated",
};
const BY_REASON: Readonly<Record<string, Outcome>> = {
  timeout: "missed",
  accepted_elsewhere: "accepted",
  rejected_elsewhere: "rejected",
};

export function addressesInCall(stanza: BinaryNode): string[] {
  return [callerOf(stanza)].filter((jid) => Boolean(jid));
}

function callerOf(stanza: BinaryNode): string {
  const [about] = childrenOf(stanza);
  return about?.attrs["call-creator"] || about?.attrs.from || stanza.attrs.from || "";
}

/** Which call a stanza is about, who calls by it, and whether it rings from now on or does not any more. */
export function ringingIn(
  stanza: BinaryNode,
): { readonly callId: string; readonly caller: string; readonly rings: boolean } | undefined {
  const [about] = childrenOf(stanza);
  const callId = about?.attrs["call-id"];
  const caller = callerOf(stanza);
  if (!callId || !caller) return undefined;
  if (about.tag === "offer" || about.tag === "offer_notice") return { callId, caller, rings: true };
  return Object.hasOwn(BY_TAG, about.tag) ? { callId, caller, rings: false } : undefined;
}

/**
 * A call that rings, or that ended; nothing for what two phones negotiate in between. A call ends once: later ends have
 * the same key.
 * @see Baileys lib/Socket/messages-recv.js `handleCall`
 */
export function draftsOfCall(
  stanza: BinaryNode,
  { deviceId, altOf }: { readonly deviceId: string; readonly altOf: AltOf },
): SessionDraft[] {
  const [about] = childrenOf(stanza);
  const callId = about?.attrs["call-id"];
  const caller = callerOf(stanza);
  if (!callId || !caller) return [];
  const from = personOf(caller, altOf, about.attrs.caller_pn);
  const at = timeOf(stanza.attrs.t);
  if (about.tag === "offer" || about.tag === "offer_notice") {
    const video = about.attrs.media === "video" || childOf(about, "video") !== undefined;
    const group = about.attrs["group-jid"];
    const data: EventData["call.received"] = {
      callId,
      from,
      kind: video ? "video" : "voice",
      ...(group ? { group } : {}),
      calledAt: at,
      offline: isOffline(stanza),
    };
    return [{ type: "call.received", data, dedupeKey: `${deviceId}/call.received/${callId}` }];
  }
  const outcome = BY_REASON[about.attrs.reason ?? ""] ?? BY_TAG[about.tag];
  if (outcome === undefined) return [];
  const data = { callId, from, outcome, endedAt: at };
  return [{ type: "call.ended", data, dedupeKey: `${deviceId}/call.ended/${callId}` }];
}
