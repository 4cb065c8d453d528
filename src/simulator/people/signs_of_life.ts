// Stanzas about a person that are no messages: online, typing.
import type { ContactParty } from "./chat.ts";
import { type BinaryNode, node } from "../wire/nodes.ts";

export type Typing = "composing" | "recording" | "paused";
/** @param lastSeen Unix seconds, for somebody who is not online. */
export function presenceStanza(of: ContactParty, online: boolean, lastSeen?: number): BinaryNode {
  return node("presence", { from: of.jid, type: online ? undefined : "unavailable", last: lastSeen });
}

/** @param groupJid Where they type, if not in the chat with us. */
export function typingStanza(of: ContactParty, typing: Typing, groupJid?: string): BinaryNode {
  const state = typing === "recording" ? node("composing", { media: "audio" }) : node(typing);
  const from = groupJid === undefined ? { from: of.jid } : { from: groupJid, participant: of.jid };
  return node("chatstate", from, [state]);
}
