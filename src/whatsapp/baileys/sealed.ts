import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { proto, type WAMessage } from "@whiskeysockets/baileys";
import type { Content } from "../../events/content.ts";
import type { Person } from "../../events/person.ts";
import { pollCreationOf } from "./normalise/content.ts";
import { addedOptionIn } from "./poll_fields.ts";
import { unwrap } from "./normalise/unwrap.ts";

/** What a message was sealed for; a part of its key. */
type Purpose =
  | "Poll Vote"
  | "Event Response"
  | "Enc Reaction"
  | "Enc Comment"
  | "Message Edit"
  | "Event Edit"
  | "Poll Edit"
  | "Poll Add Option";

/** A part of a message that only those who have the message that it is about can open. */
export interface Sealed {
  readonly purpose: Purpose;
  readonly target: proto.IMessageKey | null | undefined;
  readonly encPayload?: Uint8Array | null;
  readonly encIv?: Uint8Array | null;
}

/** What was in a sealed message: what it says, or the message that it stands for. */
export type Opened =
  | { readonly content: Extract<Content, { readonly kind: "poll_vote" | "event_response" }> }
  | {
    readonly message: proto.IMessage;
    /** It edits somebody's poll by one more option, which others may do where the poll lets them. */
    readonly addsOption?: true;
  };

/** What a `secretEncryptedMessage` edits, by its type: the schema here does not have the last two yet. */
const EDITS: ReadonlyMap<number, Purpose> = new Map([
  [1, "Event Edit"],
  [2, "Message Edit"],
  [4, "Poll Edit"],
  [5, "Poll Add Option"],
]);

const { EventResponseType } = proto.Message.EventResponseMessage;
const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const IV_BYTES = 12;
/** Only these have their target and author authenticated beside them. */
const AUTHENTICATED: ReadonlySet<Purpose> = new Set(["Poll Vote", "Event Response"]);

export function sealedIn(info: Pick<WAMessage, "key" | "message">): Sealed | undefined {
  const message: proto.IMessage = info.message ? unwrap(info.message).message : {};
  const { pollUpdateMessage: vote, encEventResponseMessage: response } = message;
  const { encReactionMessage: reaction, encCommentMessage: comment, secretEncryptedMessage: edit } = message;
  if (vote) return { ...vote.vote, purpose: "Poll Vote", target: vote.pollCreationMessageKey };
  if (response) return { ...response, purpose: "Event Response", target: response.eventCreationMessageKey };
  if (reaction) return { ...reaction, purpose: "Enc Reaction", target: reaction.targetMessageKey };
  if (comment) return { ...comment, purpose: "Enc Comment", target: comment.targetMessageKey };
  const purpose = EDITS.get(edit?.secretEncType ?? 0);
  return edit && purpose !== undefined ? { ...edit, purpose, target: edit.targetMessageKey } : undefined;
}

/** Whether it is about the options of a poll, which may have changed since it was made. */
export function isAboutOptions(info: WAMessage): boolean {
  const purpose = sealedIn(info)?.purpose;
  return purpose === "Poll Vote" || purpose === "Poll Add Option";
}

/** The id of the message whose secret opens this one; undefined when it is not sealed. */
export function sealedAbout(info: WAMessage): string | undefined {
  return sealedIn(info)?.target?.id ?? undefined;
}

/**
 * Opens a sealed message with the secret of the message that it is about.
 * @param of.author Who wrote the target, `sender` who sealed: either address of each may have gone into the key.
 * @param of.options Those that a poll has now, where they are not those that it was made with.
 * @returns Null when it cannot be opened.
 * @see Baileys lib/Utils/process-message.js `decryptPollVote`; whatsmeow msgsecret.go
 */
export function openSealed(
  info: WAMessage,
  target: WAMessage,
  { author, sender, options }: {
    readonly author: Person;
    readonly sender: Person;
    readonly options?: readonly string[];
  },
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
      const plain = unseal(sealed, secret, { id, by, from });
      if (plain !== undefined) return readingOf(sealed.purpose, plain, target, { about, options });
    }
  }
  return null;
}

/** Of which message a key is made, who wrote that, and who sealed with it: one address of each. */
export interface SealedFor {
  readonly id: string;
  readonly by: string;
  readonly from: string;
}

/** What is in a sealed part; undefined when it was sealed for other addresses, or with another secret. */
export function unseal(
  { purpose, encPayload, encIv }: Sealed,
  secret: Uint8Array,
  pair: SealedFor,
): Buffer | undefined {
  const sealed = Buffer.from(encPayload ?? []);
  try {
    const cipher = createDecipheriv("aes-256-gcm", keyOf(purpose, secret, pair), Buffer.from(encIv ?? []));
    if (AUTHENTICATED.has(purpose)) cipher.setAAD(authenticated(pair));
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), cipher.final()]);
  } catch {
    return undefined;
  }
}

/** The other way round. */
export function seal(purpose: Purpose, plain: Uint8Array, secret: Uint8Array, pair: SealedFor) {
  const encIv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyOf(purpose, secret, pair), encIv);
  if (AUTHENTICATED.has(purpose)) cipher.setAAD(authenticated(pair));
  return { encPayload: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]), encIv };
}

function keyOf(purpose: Purpose, secret: Uint8Array, { id, by, from }: SealedFor): Uint8Array {
  return new Uint8Array(
    hkdfSync("sha256", secret, new Uint8Array(), `${id}${by}${from}${purpose}`, KEY_BYTES),
  );
}

function authenticated({ id, from }: SealedFor): Buffer {
  return Buffer.from(`${id}\0${from}`);
}

function readingOf(
  purpose: Purpose,
  plain: Uint8Array,
  { key, message: target }: WAMessage,
  { about, options }: { readonly about: proto.IMessage; readonly options?: readonly string[] },
): Opened | null {
  switch (purpose) {
    case "Poll Vote":
      return voteOf(
        proto.Message.PollVoteMessage.decode(plain),
        key.id ?? "",
        options ?? optionsOf(about),
      );
    case "Poll Add Option":
      return addedTo(about, options ?? optionsOf(about), plain, key);
    case "Event Response":
      return responseOf(proto.Message.EventResponseMessage.decode(plain), key.id ?? "");
    case "Enc Reaction":
      return { message: { reactionMessage: { ...proto.Message.ReactionMessage.decode(plain), key } } };
    case "Enc Comment": {
      const { conversation, extendedTextMessage: text, ...rest } = proto.Message.decode(plain);
      const contextInfo = { stanzaId: key.id, participant: key.participant, quotedMessage: target };
      const words = text?.text ?? conversation;
      return {
        message: words
          ? { extendedTextMessage: { text: words, contextInfo } }
          : withContext(rest, contextInfo),
      };
    }
    case "Message Edit":
    case "Poll Edit":
    case "Event Edit": {
      const edited = proto.Message.decode(plain);
      if (edited.protocolMessage) return { message: edited };
      return { message: { protocolMessage: { type: MESSAGE_EDIT, key, editedMessage: edited } } };
    }
  }
}

/** A comment that is a file, as an answer to the message. */
function withContext(message: proto.IMessage, contextInfo: proto.IContextInfo): proto.IMessage {
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } = message;
  if (imageMessage) return { imageMessage: { ...imageMessage, contextInfo } };
  if (videoMessage) return { videoMessage: { ...videoMessage, contextInfo } };
  if (audioMessage) return { audioMessage: { ...audioMessage, contextInfo } };
  if (documentMessage) return { documentMessage: { ...documentMessage, contextInfo } };
  if (stickerMessage) return { stickerMessage: { ...stickerMessage, contextInfo } };
  return message;
}

function voteOf(
  { selectedOptions }: proto.Message.IPollVoteMessage,
  pollMessageId: string,
  all: readonly string[] | undefined,
): Opened | null {
  if (all === undefined) return null;
  const hashes = all.map(sha256);
  const places = (selectedOptions ?? []).map((hash) => hashes.indexOf(Buffer.from(hash).toString("hex")));
  const optionIndexes = places.filter((place) => place !== -1);
  const options = optionIndexes.map((place) => all[place]);
  const unknownOptions = places.length - optionIndexes.length;
  return {
    content: {
      kind: "poll_vote",
      pollMessageId,
      options,
      ...(optionIndexes.length > 0 ? { optionIndexes } : {}),
      ...(unknownOptions > 0 ? { unknownOptions } : {}),
    },
  };
}

function optionsOf(about: proto.IMessage): readonly string[] | undefined {
  return pollCreationOf(about)?.options?.map(({ optionName }) => optionName ?? "");
}

/** The poll as it is with one more option. */
function addedTo(
  about: proto.IMessage,
  options: readonly string[] | undefined,
  plain: Uint8Array,
  key: proto.IMessageKey,
): Opened | null {
  const added = addedOptionIn(plain);
  const poll = pollCreationOf(about);
  if (!poll || options === undefined || added === undefined || options.includes(added)) return null;
  const pollCreationMessage = { ...poll, options: [...options, added].map((optionName) => ({ optionName })) };
  const protocolMessage = { type: MESSAGE_EDIT, key, editedMessage: { pollCreationMessage } };
  return { message: { protocolMessage }, addsOption: true };
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
