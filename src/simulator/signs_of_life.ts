// Stanzas about a person that are no messages: online, typing, calling.
import type { Contact } from "./contact.ts";
import { type BinaryNode, node, unixSeconds } from "./nodes.ts";

export type Typing = "composing" | "recording" | "paused";
/** What happens to a call; "timeout" is one that nobody answered. */
export type CallStep = "offer" | "accept" | "reject" | "terminate" | "timeout";

export interface CallDetails {
  readonly video?: boolean;
  /** A call to a whole group. */
  readonly groupJid?: string;
}

/** @param lastSeen Unix seconds, for somebody who is not online. */
export function presenceStanza(of: Contact, online: boolean, lastSeen?: number): BinaryNode {
  return node("presence", { from: of.jid, type: online ? undefined : "unavailable", last: lastSeen });
}

/** @param groupJid Where they type, if not in the chat with us. */
export function typingStanza(of: Contact, typing: Typing, groupJid?: string): BinaryNode {
  const state = typing === "recording" ? node("composing", { media: "audio" }) : node(typing);
  const from = groupJid === undefined ? { from: of.jid } : { from: groupJid, participant: of.jid };
  return node("chatstate", from, [state]);
}

export function callStanza(
  by: Contact,
  stanzaId: string,
  callId: string,
  step: CallStep,
  { video = false, groupJid }: CallDetails = {},
): BinaryNode {
  const attrs = { "call-id": callId, "call-creator": by.lidJid };
  const media = [
    node("audio", { enc: "opus", rate: 16000 }),
    ...(video ? [node("video", { enc: "vp8" })] : []),
  ];
  const what = step === "offer"
    ? node("offer", { ...attrs, caller_pn: by.pnJid, "group-jid": groupJid }, media)
    : node(step === "timeout" ? "terminate" : step, {
      ...attrs,
      reason: step === "timeout" ? "timeout" : undefined,
    });
  return node("call", { from: by.lidJid, id: stanzaId, t: unixSeconds() }, [what]);
}
