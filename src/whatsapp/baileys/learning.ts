import type { GroupMetadata, WASocket } from "@whiskeysockets/baileys";
import type { Person } from "../../events/person.ts";
import type { Mapping } from "./contact_changes.ts";
import type { Directory } from "./directory.ts";
import { personOf } from "./normalise/people.ts";
import type { SessionDraft } from "../session.ts";

/** Everybody in a draft about a group or a call. */
export function peopleIn(draft: SessionDraft): Person[] {
  switch (draft.type) {
    case "call.received":
    case "call.ended":
      return [draft.data.from];
    case "group.created":
    case "group.join":
    case "group.leave":
    case "group.promote":
    case "group.demote":
      return [...draft.data.participants, ...(draft.data.by === null ? [] : [draft.data.by])];
    case "group.join_request":
      return [...draft.data.participants, ...(draft.data.by === null ? [] : [draft.data.by])];
    case "identity.changed":
      return [draft.data.person];
    case "group.deleted":
    case "group.updated":
      return draft.data.by === null ? [] : [draft.data.by];
    default:
      return [];
  }
}

export function membersOf({ participants }: GroupMetadata): Person[] {
  return participants.map(({ id, phoneNumber, lid }) => personOf(id, () => undefined, phoneNumber ?? lid));
}

/**
 * Teaches Baileys which LID belongs to which number where it does not learn by itself: calls, groups and their members.
 * @see Baileys lib/Socket/messages-recv.js, "TODO: Store LID MAPPINGS"
 */
export function createLearning(socket: () => WASocket, directory: Directory) {
  return async (people: readonly Person[]): Promise<void> => {
    const pairs = people.flatMap(({ pn, lid }): Mapping[] =>
      pn !== null && lid !== null ? [{ pn, lid }] : []
    );
    if (pairs.length === 0) return;
    const altOf = await directory(pairs.map(({ lid }) => lid));
    const news = pairs.filter(({ pn, lid }) => altOf(lid) !== pn);
    if (news.length === 0) return;
    const { signalRepository } = socket();
    await signalRepository.lidMapping.storeLIDPNMappings(news);
    // what was agreed with the number goes on under the LID
    for (const { pn, lid } of news) await signalRepository.migrateSession(pn, lid);
  };
}
