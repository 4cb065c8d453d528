import type { GroupMetadata } from "@whiskeysockets/baileys";
import type { Jid } from "../../events/person.ts";
import { isGroup, isPn, userOf } from "../jid.ts";
import type { OutgoingContent } from "../outgoing.ts";
import type { Directory } from "./directory.ts";
import { membersOf } from "./learning.ts";
import { chatOf } from "./normalise/people.ts";
import type { Timers } from "./timers.ts";

export interface SurroundingsDeps {
  readonly directory: Directory;
  readonly timers: Pick<Timers, "of">;
  /** Who is in a group, and what is set in it. */
  readonly groupMetadata: (jid: string) => Promise<GroupMetadata>;
}

/** What a message that goes out is like because of its chat. */
export interface Surroundings {
  readonly content: OutgoingContent;
  readonly mentions?: readonly Jid[];
  /** Seconds after which it disappears; 0: it stays. */
  readonly expiration: number;
}

/**
 * Fits a message to its chat: it disappears as the others do, and names people as the chat addresses them. Phones find
 * a mention by the digits in the text, which in a group of LIDs are those of the LID.
 */
export function createSurroundings({ directory, timers, groupMetadata }: SurroundingsDeps) {
  async function inGroup(
    group: Jid,
    content: OutgoingContent,
    mentions: readonly Jid[] | undefined,
  ): Promise<Surroundings> {
    const metadata = await groupMetadata(group).catch(() => undefined); // sending finds out what is wrong
    const expiration = metadata?.ephemeralDuration ?? 0;
    if (mentions === undefined || metadata?.addressingMode !== "lid") {
      return { content, expiration, ...(mentions === undefined ? {} : { mentions }) };
    }
    const altOf = await directory(mentions);
    const members = membersOf(metadata);
    const lidOf = (jid: Jid) =>
      isPn(jid) ? members.find(({ pn }) => pn === jid)?.lid ?? altOf(jid) ?? jid : jid;
    const names = new Map(mentions.map((jid) => [userOf(jid), userOf(lidOf(jid))]));
    return { content: renamed(content, names), mentions: mentions.map(lidOf), expiration };
  }

  return async (
    to: Jid,
    content: OutgoingContent,
    mentions: readonly Jid[] | undefined,
  ): Promise<Surroundings> => {
    if ("target" in content && content.kind !== "edit") return { content, expiration: 0 };
    if (isGroup(to)) return await inGroup(to, content, mentions);
    const altOf = await directory([to]);
    const expiration = await timers.of(chatOf(to, altOf));
    return { content, expiration, ...(mentions === undefined ? {} : { mentions }) };
  };
}

/** The same words with other digits behind each @. */
function renamed(content: OutgoingContent, names: ReadonlyMap<string, string>): OutgoingContent {
  const rename = (text: string) =>
    text.replace(/@(\d{5,20})\b/g, (all, user) => `@${names.get(user) ?? all.slice(1)}`);
  if ("text" in content) return { ...content, text: rename(content.text) };
  if ("caption" in content && content.caption !== undefined) {
    return { ...content, caption: rename(content.caption) };
  }
  return content;
}
