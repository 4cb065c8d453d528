import { isGroup } from "../../whatsapp/jid.ts";
import type { SessionDraft } from "../../whatsapp/session.ts";
import { id, type Loose, timeMs } from "../loose.ts";
import { jidOf, personIn } from "./address.ts";
import type { Seen } from "./seen.ts";

/** @see whatsapp-web.js, `Call` */
export function callDraft(call: Loose, { scope, receivedAt }: Seen): SessionDraft | undefined {
  const callId = id(call.id);
  const from = personIn(call.from) ?? personIn(call.peerJid);
  if (callId === undefined || from === undefined) return undefined;
  const group = jidOf(call.groupJid);
  return {
    type: "call.received",
    dedupeKey: `${scope}:call:${callId}`,
    data: {
      callId,
      from,
      kind: call.isVideo === true ? "video" : "voice",
      ...(group !== undefined && isGroup(group) && { group }),
      calledAt: timeMs(call.timestamp) ?? receivedAt,
      offline: false,
    },
  };
}
