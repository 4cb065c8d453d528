import { proto, type WAMessage } from "@whiskeysockets/baileys";
import type { DeviceId } from "../ids.ts";
import type { InboxMessage } from "../store/inbox.ts";
import { type AltOf, type Me } from "./normalise/people.ts";
import { saidOf } from "./normalise/message.ts";
import { fromSeconds } from "./normalise/time.ts";

/** A message as a row of the inbox: filed under its conversation, with everything WhatsApp said of it. */
export function toInboxMessage(
  deviceId: DeviceId,
  info: WAMessage,
  around: { readonly me: Me; readonly altOf: AltOf },
): InboxMessage {
  const { chat, from, fromMe } = saidOf(info, around);
  return {
    deviceId,
    messageId: info.key.id ?? "",
    chat: chat.jid,
    sender: fromMe ? null : from.pn ?? from.lid,
    fromMe,
    payload: proto.WebMessageInfo.encode(info).finish(),
    sentAt: fromSeconds(info.messageTimestamp),
  };
}

/** The message in a row of the inbox. */
export function fromInboxMessage({ payload }: Pick<InboxMessage, "payload">): WAMessage {
  const info = proto.WebMessageInfo.decode(payload);
  return { ...info, key: info.key ?? {} };
}
