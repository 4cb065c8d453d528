import { plainName } from "../../events/plain_text.ts";
import type { GroupMetadata } from "@whiskeysockets/baileys";
import type { GroupInfo, GroupMember } from "../actions.ts";
import { plainJid } from "../jid.ts";
import { type AltOf, personOf } from "./normalise/people.ts";

const UNKNOWN: AltOf = () => undefined;

/** Baileys' group metadata as plain data. */
export function toGroupInfo(metadata: GroupMetadata): GroupInfo {
  const { owner, ownerPn, creation, desc } = metadata;
  return {
    jid: plainJid(metadata.id),
    subject: plainName(metadata.subject ?? ""),
    description: desc ?? null,
    owner: owner ? personOf(owner, UNKNOWN, ownerPn) : null,
    createdAt: creation ? creation * 1_000 : null,
    participants: metadata.participants.map((participant): GroupMember => ({
      person: personOf(participant.id, UNKNOWN, participant.phoneNumber ?? participant.lid),
      role: participant.admin ?? "member",
    })),
    announce: Boolean(metadata.announce),
    locked: Boolean(metadata.restrict),
    joinApproval: Boolean(metadata.joinApprovalMode),
    disappearingSeconds: metadata.ephemeralDuration ?? 0,
  };
}
