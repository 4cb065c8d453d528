import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { decryptPollVote, type proto, type WAMessage } from "@whiskeysockets/baileys";
import type { Person } from "../events/person.ts";
import { pollCreationOf } from "./normalise/content.ts";
import { unwrap } from "./normalise/unwrap.ts";

/** The id of the poll that a message votes in; undefined when it is no vote. */
export function pollIdOf(info: WAMessage): string | undefined {
  const vote = info.message && unwrap(info.message).message.pollUpdateMessage;
  return vote?.pollCreationMessageKey?.id ?? undefined;
}

/**
 * Opens a vote with the secret of its poll.
 * @param creator Who made the poll, `voter` who voted: either address of each may have gone into the key.
 * @returns The chosen options' names (empty: the vote was taken back); null when the vote cannot be opened.
 */
export function openVote(
  vote: WAMessage,
  poll: WAMessage,
  { creator, voter }: { readonly creator: Person; readonly voter: Person },
): readonly string[] | null {
  const sealed = vote.message && unwrap(vote.message).message.pollUpdateMessage?.vote;
  const asked = poll.message && unwrap(poll.message).message;
  const pollEncKey = poll.message?.messageContextInfo?.messageSecret ??
    asked?.messageContextInfo?.messageSecret;
  const pollMsgId = poll.key.id;
  const creation = asked && pollCreationOf(asked);
  if (!sealed?.encPayload || !sealed.encIv || !creation || !pollEncKey || !pollMsgId) return null;
  for (const pollCreatorJid of [creator.pn, creator.lid]) {
    for (const voterJid of [voter.pn, voter.lid]) {
      if (pollCreatorJid === null || voterJid === null) continue;
      const opened = tryToOpen(sealed, { pollCreatorJid, pollMsgId, pollEncKey, voterJid });
      if (opened !== undefined) return namesOf(opened, creation);
    }
  }
  return null;
}

function tryToOpen(
  sealed: proto.Message.IPollEncValue,
  context: Parameters<typeof decryptPollVote>[1],
): proto.Message.PollVoteMessage | undefined {
  try {
    return decryptPollVote(sealed, context);
  } catch {
    return undefined; // sealed for another pair of addresses
  }
}

function namesOf(
  { selectedOptions }: proto.Message.IPollVoteMessage,
  { options }: proto.Message.IPollCreationMessage,
): string[] {
  const names = new Map(
    (options ?? []).map(({ optionName }) => [sha256(optionName ?? ""), optionName ?? ""]),
  );
  return (selectedOptions ?? []).flatMap((hash) => names.get(Buffer.from(hash).toString("hex")) ?? []);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
