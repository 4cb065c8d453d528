import type { Association, ContentKind, MessageContext, Quoted, Referral } from "../../events/content.ts";
import { present } from "../../events/present.ts";
import { isGroup, isLid } from "../../whatsapp/jid.ts";
import { firstText, id, isRecord, type Loose, number, record, records, text } from "../loose.ts";
import { jidOf, personIn } from "./address.ts";
import { kindOfType } from "./content_types.ts";

/** What surrounds the content of a message. */
export function contextOf(message: Loose): MessageContext {
  const data = record(message._data);
  const mentions = jidsIn(message.mentionedIds);
  const groups = groupMentionsOf(message);
  const seconds = number(data.ephemeralDuration);
  return present({
    quoted: quotedOf(data),
    mentions: mentions.length > 0 ? mentions : undefined,
    mentionLids: mentionLidsOf(data, mentions.length),
    mentionsAll: data.nonJidMentions === 1 || data.nonJidMentions === true || undefined,
    groupMentions: groups.length > 0 ? groups : undefined,
    forwarded: message.isForwarded === true || undefined,
    viewOnce: data.isViewOnce === true || message.isViewOnce === true || undefined,
    expiresInSeconds: seconds !== undefined && seconds > 0 ? Math.trunc(seconds) : undefined,
    referral: referralOf(record(data.ctwaContext ?? message.ctwaContext)),
    association: associationOf(data),
  });
}

function jidsIn(value: unknown) {
  return (Array.isArray(value) ? value : []).map(jidOf).filter((jid) => jid !== undefined);
}

/** They stand beside the mentions, one for each; else nobody knows which is whose. */
function mentionLidsOf(data: Loose, mentions: number): MessageContext["mentionLids"] {
  const given = data.mentionedLids;
  if (!Array.isArray(given) || given.length !== mentions || mentions === 0) return undefined;
  return given.map((each) => {
    const lid = jidOf(each);
    return lid !== undefined && isLid(lid) ? lid : null;
  });
}

function groupMentionsOf(message: Loose) {
  return records(message.groupMentions).flatMap(({ groupJid, groupSubject }) => {
    const group = jidOf(groupJid);
    return group !== undefined && isGroup(group) ? [{ group, subject: text(groupSubject) ?? "" }] : [];
  });
}

function quotedOf(data: Loose): Quoted | undefined {
  const messageId = id(data.quotedStanzaID);
  if (messageId === undefined) return undefined;
  const quoted = record(data.quotedMsg);
  const type = text(quoted.type);
  const kind: ContentKind | undefined = type === undefined ? undefined : kindOfType(type);
  return {
    messageId,
    from: personIn(data.quotedParticipant) ?? null,
    ...present({
      text: firstText(quoted.body, quoted.caption),
      kind: kind === "unknown" ? undefined : kind,
      chatId: jidOf(data.quotedRemoteJid),
    }),
  };
}

function referralOf(advertisement: Loose): Referral | undefined {
  const referral: Referral = present({
    sourceUrl: text(advertisement.sourceUrl),
    sourceId: id(advertisement.sourceId),
    sourceType: text(advertisement.sourceType),
    headline: firstText(advertisement.headline, advertisement.title),
    body: firstText(advertisement.body, advertisement.description),
    mediaUrl: firstText(advertisement.mediaUrl, advertisement.mediaUri),
    thumbnailUrl: firstText(advertisement.thumbnailUrl, advertisement.thumbnail),
    ctwaClid: text(advertisement.ctwaClid),
  });
  return Object.keys(referral).length === 0 ? undefined : referral;
}

const ASSOCIATIONS: readonly Association["kind"][] = ["hd", "motion", "album"];

function associationOf(data: Loose): Association | undefined {
  if (!isRecord(data.association)) return undefined;
  const { kind, messageId } = data.association;
  const known = ASSOCIATIONS.find((each) => each === kind);
  const target = id(messageId);
  return known === undefined || target === undefined ? undefined : { kind: known, messageId: target };
}
