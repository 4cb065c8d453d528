import { Buffer } from "node:buffer";
import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { proto, type WAMessage } from "@whiskeysockets/baileys";
import type { Content } from "../events/content.ts";
import type { Person } from "../events/person.ts";
import { pollCreationOf } from "./normalise/content.ts";
import { unwrap } from "./normalise/unwrap.ts";

/** What a message was sealed for; a part of its key. */
type Purpose =
  | "Poll Vote"
  | "Event Response"
  | "Enc Reaction"
  | "Enc Comment"
  | "Message Edit"
  | "Event Edit";

/** A part of a message that only those who have the message that it is about can open. */
interface Sealed {
  readonly purpose: Purpose;
  readonly target: proto.IMessageKey | null | undefined;
  readonly encPayload?: Uint8Array | null;
  readonly encIv?: Uint8Array | null;
}

/** What was in a sealed message: what it says, or the message that it stands for. */
export type Opened =
  | { readonly content: Extract<Content, { readonly kind: "poll_vote" | "event_response" }> }
  | { readonly message: proto.IMessage };

const { EventResponseType } = proto.Message.EventResponseMessage;
const { SecretEncType } = proto.Message.SecretEncryptedMessage;
const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** Only these have their target and author authenticated beside them. */
const AUTHENTICATED: ReadonlySet<Purpose> = new Set(["Poll Vote", "Event Response"]);

function sealedIn(info: WAMessage): Sealed | undefined {
  const message: proto.IMessage = info.message ? unwrap(info.message).message : {};
  const { pollUpdateMessage: vote, encEventResponseMessage: response } = message;
  const { encReactionMessage: reaction, encCommentMessage: comment, secretEncryptedMessage: edit } = message;
  if (vote) return { ...vote.vote, purpose: "Poll Vote", target: vote.pollCreationMessageKey };
  if (response) return { ...response, purpose: "Event Response", target: response.eventCreationMessageKey };
  if (reaction) return { ...reaction, purpose: "Enc Reaction", target: reaction.targetMessageKey };
  if (comment) return { ...comment, purpose: "Enc Comment", target: comment.targetMessageKey };
  if (!edit) return undefined;
  const isEvent = edit.secretEncType === SecretEncType.EVENT_EDIT;
  return { ...edit, purpose: isEvent ? "Event Edit" : "Message Edit", target: edit.targetMessageKey };
}

/** The id of the message whose secret opens this one; undefined when it is not sealed. */
export function sealedAbout(info: WAMessage): string | undefined {
  return sealedIn(info)?.target?.id ?? undefined;
}

/**
 * Opens a sealed message with the secret of the message that it is about.
 * @param author Who wrote the target, `sender` who sealed: either address of each may have gone into the key.
 * @returns Null when it cannot be opened.
 * @see Baileys lib/Utils/process-message.js `decryptPollVote`; whatsmeow msgsecret.go
 */
export function openSealed(
  info: WAMessage,
  target: WAMessage,
  { author, sender }: { readonly author: Person; readonly sender: Person },
): Opened | null {
  const sealed = sealedIn(info);
  const about = target.message && unwrap(target.message).message;
  const secret = target.message?.messageContextInfo?.messageSecret ??
    about?.messageContextInfo?.messageSecret;
  const id = target.key.id;
  if (!sealed?.encPayload || !sealed.encIv || !secret || !id || !about) return null;
  for (const by of [author.pn, author.lid]) {
    for (const from of [sender.pn, sender.lid]) {
      if (by === null || from === null) continue;
      const plain = decrypt(sealed, secret, { id, by, from });
      if (plain !== undefined) return readingOf(sealed.purpose, plain, target, about);
    }
  }
  return null;
}

function decrypt(
  { purpose, encPayload, encIv }: Sealed,
  secret: Uint8Array,
  { id, by, from }: { readonly id: string; readonly by: string; readonly from: string },
): Buffer | undefined {
  const key = hkdfSync("sha256", secret, new Uint8Array(), `${id}${by}${from}${purpose}`, KEY_BYTES);
  const sealed = Buffer.from(encPayload ?? []);
  try {
    const cipher = createDecipheriv("aes-256-gcm", new Uint8Array(key), Buffer.from(encIv ?? []));
    if (AUTHENTICATED.has(purpose)) cipher.setAAD(Buffer.from(`${id}\0${from}`));
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), cipher.final()]);
  } catch {
    return undefined; // sealed for another pair of addresses
  }
}

function readingOf(
  purpose: Purpose,
  plain: Uint8Array,
  { key, message: target }: WAMessage,
  about: proto.IMessage,
): Opened | null {
  switch (purpose) {
    case "Poll Vote":
      return voteOf(proto.Message.PollVoteMessage.decode(plain), key.id ?? "", about);
    case "Event Response":
      return responseOf(proto.Message.EventResponseMessage.decode(plain), key.id ?? "");
    case "Enc Reaction":
      return { message: { reactionMessage: { ...proto.Message.ReactionMessage.decode(plain), key } } };
    case "Enc Comment": {
      const { conversation, extendedTextMessage: text, ...rest } = proto.Message.decode(plain);
      const contextInfo = { stanzaId: key.id, participant: key.participant, quotedMessage: target };
      const words = text?.text ?? conversation;
      return { message: words ? { ...rest, extendedTextMessage: { text: words, contextInfo } } : rest };
    }
    case "Message Edit":
    case "Event Edit": {
      const edited = proto.Message.decode(plain);
      if (edited.protocolMessage) return { message: edited };
      return { message: { protocolMessage: { type: MESSAGE_EDIT, key, editedMessage: edited } } };
    }
  }
}

function voteOf(
  { selectedOptions }: proto.Message.IPollVoteMessage,
  pollMessageId: string,
  about: proto.IMessage,
): Opened | null {
  const poll = pollCreationOf(about);
  if (!poll) return null;
  const names = new Map(
    (poll.options ?? []).map(({ optionName }) => [sha256(optionName ?? ""), optionName ?? ""]),
  );
  const options = (selectedOptions ?? []).flatMap((hash) =>
    names.get(Buffer.from(hash).toString("hex")) ?? []
  );
  return { content: { kind: "poll_vote", pollMessageId, options } };
}

function responseOf(
  { response, extraGuestCount }: proto.Message.IEventResponseMessage,
  eventMessageId: string,
): Opened | null {
  const words = new Map([
    [EventResponseType.GOING, "going" as const],
    [EventResponseType.NOT_GOING, "not_going" as const],
    [EventResponseType.MAYBE, "maybe" as const],
  ]);
  const said = words.get(response ?? EventResponseType.UNKNOWN);
  if (said === undefined) return null;
  const guests = extraGuestCount ? { extraGuests: extraGuestCount } : {};
  return { content: { kind: "event_response", eventMessageId, response: said, ...guests } };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
