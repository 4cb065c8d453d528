import type { EventData } from "../../events/event.ts";
import type { Chat, Jid, Person } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { Logger } from "../../log.ts";
import type { Inbox, InboxMessage } from "../../store/inbox.ts";
import { kindOf } from "../jid.ts";
import { pollTakesOptions } from "./poll_fields.ts";
import type { SessionDraft } from "../session.ts";
import type { Directory } from "./directory.ts";
import type { GroupRights } from "./group_cache.ts";
import { fromInboxMessage, rawOf } from "./inbox_message.ts";
import { addressesIn, isAboutAnother, saidOf } from "./normalise/message.ts";
import type { Me } from "./normalise/people.ts";

export interface TargetsDeps {
  readonly deviceId: DeviceId;
  readonly inbox: Pick<Inbox, "named">;
  /** Resolves when every row so far is in the journal. */
  readonly journaled: () => Promise<void> | undefined;
  readonly directory: Directory;
  readonly me: () => Me;
  /** What somebody may do in a group; undefined when that cannot be found out. */
  readonly rightsIn: (group: string, person: Person) => Promise<GroupRights | undefined>;
  readonly log: Logger;
}

/** A message that another one is about, as the inbox knows it. */
export interface Target {
  readonly row: InboxMessage;
  readonly author: Person;
  readonly fromMe: boolean;
}

/** What a draft says of another message. */
interface Claim {
  readonly what: "edit" | "deletion" | "reaction" | "vote" | "answer" | "pin";
  readonly messageId: string;
  readonly chat: Chat;
  readonly from: Person;
  readonly fromMe: boolean;
  /** Whose message it claims to be about. */
  readonly author?: Person;
}

/**
 * Checks what messages say of other messages: people may edit what they wrote themselves, and delete that, or as an
 * admin what somebody wrote in the group; and each within its chat. Who pins in a group needs the right to change what
 * it is called. Servers do not check it, every phone does.
 */
export function createTargets(deps: TargetsDeps) {
  const { deviceId, inbox, journaled, directory, me, rightsIn, log } = deps;

  /** The message of a chat, `elsewhere` when only other chats have one of this id, or undefined. */
  async function find(messageId: string, chat: Chat): Promise<Target | "elsewhere" | undefined> {
    let rows = await inbox.named(deviceId, messageId);
    if (!rows.some((row) => isIn(row, chat))) {
      await journaled(); // one that came just before may still be on its way to the disk
      rows = await inbox.named(deviceId, messageId);
    }
    const row = rows.find((one) => isIn(one, chat));
    if (row === undefined) return rows.length > 0 ? "elsewhere" : undefined;
    const info = fromInboxMessage(row);
    const altOf = await directory(addressesIn(info));
    const { from, fromMe } = saidOf(info, { me: me(), altOf });
    const { pn, lid } = from;
    return { row, author: { pn, lid }, fromMe };
  }

  /** Why nobody would believe it; undefined when there is no reason. */
  async function objection(
    claim: Claim,
    target: Target | "elsewhere" | undefined,
    { addsOption }: { readonly addsOption: boolean },
  ) {
    const { what, fromMe, from, chat } = claim;
    if (fromMe) return undefined; // our own phone has checked it
    if (target === undefined) { // what was said before our time: who may pin does not depend on it
      return what === "pin" && chat.kind === "group" ? await objectionToPin(chat.jid, from) : undefined;
    }
    if (target === "elsewhere") return "the message is in another chat";
    const isAuthor = !target.fromMe && isSame(from, target.author);
    if (what === "edit" && addsOption && !isAuthor) {
      return takesOptions(target.row) ? undefined : "the poll takes no more options";
    }
    if (what === "edit") return isAuthor ? undefined : "somebody else wrote the message";
    if (what === "pin" && chat.kind === "group") return await objectionToPin(chat.jid, from);
    if (what !== "deletion" || isAuthor) return undefined;
    if (chat.kind !== "group") return "somebody else wrote the message";
    if (claim.author !== undefined && !isSame(claim.author, target.author)) {
      return "the message has another author";
    }
    const rights = await rightsIn(chat.jid, from);
    return rights?.isAdmin === false ? "only admins delete what others wrote" : undefined;
  }

  async function objectionToPin(group: Jid, from: Person): Promise<string | undefined> {
    const rights = await rightsIn(group, from);
    return rights?.mayChangeInfo === false ? "only admins pin in the group" : undefined;
  }

  return {
    find,
    /**
     * The draft with the true author of its target; undefined when phones would not believe it.
     * @param how.addsOption It edits a poll by no more than one more option.
     */
    async check(
      draft: SessionDraft,
      how: { readonly addsOption: boolean } = { addsOption: false },
    ): Promise<SessionDraft | undefined> {
      const claim = claimIn(draft);
      if (claim === undefined) return draft;
      const target = await find(claim.messageId, claim.chat);
      const why = await objection(claim, target, how);
      if (why !== undefined) {
        const { what, messageId: waMessageId } = claim;
        log.warn("message.not_believed", { deviceId, what, waMessageId, why });
        return undefined;
      }
      return target === undefined || target === "elsewhere" ? draft : withTruth(draft, target);
    },
  };
}

export type Targets = ReturnType<typeof createTargets>;

function claimIn(draft: SessionDraft): Claim | undefined {
  switch (draft.type) {
    case "message.edited":
      return { what: "edit", ...draft.data };
    case "message.deleted":
      return { what: "deletion", ...draft.data };
    case "message.reaction":
      return { what: "reaction", ...draft.data };
    case "message.received":
      return claimInContent(draft.data);
    default:
      return undefined;
  }
}

function claimInContent(data: EventData["message.received"]): Claim | undefined {
  const { content } = data;
  switch (content.kind) {
    case "poll_vote":
      return { ...data, what: "vote", messageId: content.pollMessageId };
    case "event_response":
      return { ...data, what: "answer", messageId: content.eventMessageId };
    case "pin":
      return { ...data, what: "pin", messageId: content.pinnedMessageId };
    default:
      return undefined;
  }
}

function withTruth(draft: SessionDraft, { author, fromMe: targetFromMe }: Target): SessionDraft {
  const truth = { author, targetFromMe };
  switch (draft.type) {
    case "message.edited":
      return { ...draft, data: { ...draft.data, ...truth } };
    case "message.deleted":
      return { ...draft, data: { ...draft.data, ...truth } };
    case "message.reaction":
      return { ...draft, data: { ...draft.data, ...truth } };
    case "message.received": {
      const { content } = draft.data;
      if (!isAboutAnother(content)) return draft;
      return { ...draft, data: { ...draft.data, content: { ...content, ...truth } } };
    }
    default:
      return draft;
  }
}

function takesOptions(row: InboxMessage): boolean {
  const raw = rawOf(row);
  return raw?.kind === "message" && pollTakesOptions(raw.bytes);
}

/** What we sent to a broadcast list stands in each of its recipients' chats. */
function isIn({ chat, fromMe }: InboxMessage, { jid, lid }: Chat): boolean {
  return chat === jid || chat === lid || (fromMe && kindOf(chat) === "broadcast");
}

function isSame(one: Person, other: Person): boolean {
  return (one.pn !== null && one.pn === other.pn) || (one.lid !== null && one.lid === other.lid);
}
