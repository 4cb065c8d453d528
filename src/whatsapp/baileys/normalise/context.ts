import { proto } from "@whiskeysockets/baileys";
import { type Association, type MessageContext, type Quoted, wordsOf } from "../../../events/content.ts";
import type { Chat } from "../../../events/person.ts";
import { present } from "../../../events/present.ts";
import { plainJid } from "../../jid.ts";
import { contentOf } from "./content.ts";
import { addressFor, type Known, personIn } from "./people.ts";
import { referralOf } from "./referral.ts";
import { unwrap } from "./unwrap.ts";

type Message = proto.IMessage;

/** Who the people around a message are, and the chat that it stands in. */
export interface ContextFacts extends Known {
  readonly chat: Chat;
}

/** @param whole The message with its envelopes. */
export function contextOf(whole: Message, around: ContextFacts): MessageContext {
  const { message, viewOnce, messageContextInfo } = unwrap(whole);
  const info = contextInfoOf(message);
  const mentioned = (info?.mentionedJid ?? []).map((jid) => personIn(jid, around));
  const lids = mentioned.map(({ lid }) => lid);
  const groups = (info?.groupMentions ?? []).flatMap(({ groupJid, groupSubject }) =>
    groupJid ? [{ group: plainJid(groupJid), subject: groupSubject ?? "" }] : []
  );
  return present({
    quoted: info?.stanzaId ? quotedOf(info, info.stanzaId, around) : undefined,
    mentions: mentioned.length > 0 ? mentioned.map(({ pn, lid }) => pn ?? lid ?? "") : undefined,
    mentionLids: lids.some((lid) => lid !== null) ? lids : undefined,
    mentionsAll: (info?.nonJidMentions ?? 0) > 0 || undefined,
    groupMentions: groups.length > 0 ? groups : undefined,
    forwarded: info?.isForwarded || (info?.forwardingScore ?? 0) > 0 || undefined,
    viewOnce: viewOnce || message.imageMessage?.viewOnce || message.videoMessage?.viewOnce ||
      message.audioMessage?.viewOnce || undefined,
    expiresInSeconds: info?.expiration || undefined,
    referral: info && referralOf(info),
    association: associationOf(messageContextInfo ?? message.messageContextInfo),
  });
}

const { AssociationType } = proto.MessageAssociation;
const ASSOCIATIONS: ReadonlyMap<number, Association["kind"]> = new Map([
  [AssociationType.MEDIA_ALBUM, "album"],
  [AssociationType.HD_VIDEO_DUAL_UPLOAD, "hd"],
  [AssociationType.HD_IMAGE_DUAL_UPLOAD, "hd"],
  [AssociationType.HEVC_VIDEO_DUAL_UPLOAD, "hd"],
  [AssociationType.MOTION_PHOTO, "motion"],
]);

function associationOf(context: proto.IMessageContextInfo | null | undefined): Association | undefined {
  const { associationType, parentMessageKey } = context?.messageAssociation ?? {};
  const kind = ASSOCIATIONS.get(associationType ?? AssociationType.UNKNOWN);
  return kind && parentMessageKey?.id ? { kind, messageId: parentMessageKey.id } : undefined;
}

function quotedOf(info: proto.IContextInfo, messageId: string, around: ContextFacts): Quoted {
  const facts = { mediaId: messageId, addressFor: (jid: string) => addressFor(jid, around) };
  const content = info.quotedMessage && contentOf(unwrap(info.quotedMessage).message, facts);
  const place = info.remoteJid ? addressFor(info.remoteJid, around) : around.chat.jid;
  const { jid, lid } = around.chat;
  return {
    messageId,
    from: info.participant ? personIn(info.participant, around) : null,
    ...present({
      text: content ? wordsOf(content) : undefined,
      kind: content?.kind,
      chatId: place === jid || place === lid ? undefined : place,
    }),
  };
}

export function contextInfoOf(message: Message): proto.IContextInfo | undefined {
  for (const part of Object.values(message)) {
    if (typeof part === "object" && part !== null && "contextInfo" in part && part.contextInfo) {
      return part.contextInfo;
    }
  }
  return undefined;
}
