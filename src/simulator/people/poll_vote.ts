// Votes in polls, and what else is encrypted with a key that only those who saw another message can compute.
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import { sha256 } from "../wire/media.ts";

const TAG_BYTES = 16;

/** What is sealed for; poll votes and answers to events have their author authenticated beside them. */
export type SealPurpose =
  | "Poll Vote"
  | "Event Response"
  | "Enc Reaction"
  | "Enc Comment"
  | "Message Edit"
  | "Event Edit"
  | "Poll Edit"
  | "Poll Add Option";

/** Which poll (or other message), and whose vote (or other answer); jids as the chat addresses them. */
export interface Ballot {
  readonly pollId: string;
  readonly creatorJid: string;
  readonly voterJid: string;
  /** The `messageSecret` of the poll: 32 bytes. */
  readonly secret: Uint8Array;
}

// Baileys lib/Utils/process-message.js decryptPollVote has the same derivation
function keyOf({ pollId, creatorJid, voterJid, secret }: Ballot, purpose: SealPurpose = "Poll Vote"): Buffer {
  const base = createHmac("sha256", Buffer.alloc(32)).update(secret).digest();
  const info = Buffer.from(`${pollId}${creatorJid}${voterJid}${purpose}`);
  return createHmac("sha256", base).update(info).update(Buffer.from([1])).digest();
}

/** A vote for these options; none takes the vote back. */
export function voteContent(
  ballot: Ballot,
  pollKey: proto.IMessageKey,
  options: readonly string[],
): proto.IMessage {
  const selectedOptions = options.map((option) => sha256(Buffer.from(option)));
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish();
  const vote = seal(ballot, "Poll Vote", plain);
  return { pollUpdateMessage: { pollCreationMessageKey: pollKey, vote, senderTimestampMs: Date.now() } };
}

/** Encrypts an answer to a message with the secret of that message. */
export function seal(ballot: Ballot, purpose: SealPurpose, plain: Uint8Array) {
  const encIv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(ballot, purpose), encIv);
  const isAuthenticated = purpose === "Poll Vote" || purpose === "Event Response";
  if (isAuthenticated) cipher.setAAD(Buffer.from(`${ballot.pollId}\0${ballot.voterJid}`));
  const encPayload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { encPayload, encIv };
}

/**
 * Opens a vote.
 * @returns The options of the poll that were chosen.
 * @throws {Error} If the vote is not for this poll, or not of this voter.
 */
export function openVote(
  ballot: Ballot,
  vote: proto.Message.IPollEncValue,
  options: readonly string[],
): string[] {
  const sealed = Buffer.from(vote.encPayload ?? []);
  const cipher = createDecipheriv("aes-256-gcm", keyOf(ballot), Buffer.from(vote.encIv ?? []));
  cipher.setAAD(Buffer.from(`${ballot.pollId}\0${ballot.voterJid}`));
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plain = Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), cipher.final()]);
  const chosen = proto.Message.PollVoteMessage.decode(plain).selectedOptions.map((hash) => Buffer.from(hash));
  return options.filter((option) => chosen.some((hash) => hash.equals(sha256(Buffer.from(option)))));
}
