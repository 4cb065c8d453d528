// What people do besides writing during the soak of the WhatsApp side, and what has to be told of it.
import { type Contact, content } from "../../src/simulator/mod.ts";
import { anyOf, between, type Cast, pause } from "./line_cast.ts";
import type { LoggedEvent } from "./line_accounts.ts";

const MEAN_GAP_MS = 4_000;
const EMOJI = ["👍", "❤️", "😂", "😮"];
/** Texts of the group that may be reacted to, edited and the like. */
const REMEMBERED = 50;

/** Something that somebody did, and the events that it must come to. */
export interface Deed {
  readonly what: string;
  readonly deviceId: string;
  /** Whether an event tells of it. */
  readonly isTold: (event: LoggedEvent) => boolean;
  /** 0: nobody believes it. */
  readonly times: 0 | 1;
}

/** A text of the group. */
interface Text {
  readonly id: string;
  readonly by: Contact;
}

/** Reacts, edits, deletes, votes, calls, renames the group, and forges, until `signal` aborts. */
export async function doThings(
  { simulator, group, members }: Cast,
  signal: AbortSignal,
): Promise<readonly Deed[]> {
  const deeds: Deed[] = [];
  const texts: Text[] = [];
  const [{ id: deviceId, phone }] = members;
  let count = 0;

  const say = async (): Promise<Text> => {
    const by = anyOf(simulatorContacts());
    const words = `deed text ${++count}`;
    const id = await by.sendText(group, words);
    texts.push({ id, by });
    if (texts.length > REMEMBERED) texts.shift();
    told("message.received", id, "a text", ({ text }) => text === words);
    return { id, by };
  };
  const simulatorContacts = (): readonly Contact[] =>
    simulator.network.contacts.filter((contact) => group.has(contact));
  const anyText = async (): Promise<Text> => texts.length === 0 ? await say() : anyOf(texts);
  const other = (by: Contact): Contact => anyOf(simulatorContacts().filter((contact) => contact !== by));

  function told(
    event: string,
    messageId: string,
    what: string,
    says: (data: LoggedEvent["data"]) => boolean,
    times: 0 | 1 = 1,
  ): void {
    const isTold = (one: LoggedEvent) =>
      one.event === event && one.data.message_id === messageId && says(one.data);
    deeds.push({ what: `${what} (${messageId})`, deviceId, isTold, times });
  }

  const things: Readonly<Record<string, () => Promise<void>>> = {
    async "says something"() {
      await say();
    },
    async "reacts"() {
      const { id, by } = await anyText();
      const who = anyOf(simulatorContacts());
      const emoji = anyOf(EMOJI);
      // the same reaction of the same person may come again: every one is an event
      const before = deeds.filter(({ what }) => what === `${who.number} ${emoji} (${id})`).length;
      if (before > 0) return;
      await who.react(group, { id, by }, emoji);
      told(
        "message.reaction",
        id,
        `${who.number} ${emoji}`,
        (data) => (data.emoji ?? data.reaction) === emoji && data.from === who.pnJid,
      );
    },
    async "edits"() {
      const { id, by } = await anyText();
      const words = `edited ${++count}`;
      await by.edit(group, id, words);
      told("message.edited", id, words, ({ text }) => text === words);
    },
    async "forges an edit"() {
      const { id, by } = await anyText();
      const words = `forged ${++count}`;
      await other(by).edit(group, id, words, by);
      told("message.edited", id, words, ({ text }) => text === words, 0);
    },
    async "deletes"() {
      const { id, by } = await say();
      await by.revoke(group, id);
      told("message.deleted", id, "a deletion", () => true);
    },
    async "forges a deletion"() {
      const { id, by } = await say();
      const admin = simulatorContacts().find((contact) => group.isAdmin(contact));
      const stranger = simulatorContacts().find((contact) => contact !== by && contact !== admin);
      await stranger?.revoke(group, id, by);
      told("message.deleted", id, "a forged deletion", () => true, 0);
    },
    async "votes"() {
      const by = anyOf(simulatorContacts());
      const poll = await by.send(group, content.pollContent(`poll ${++count}`, ["A", "B", "C"]));
      told("message.received", poll, "a poll", ({ type }) => type === "poll");
      const vote = await other(by).vote(group, poll, ["B"]);
      told("message.received", vote, "a vote", (data) => JSON.stringify(data).includes('"B"'));
    },
    async "shows something once"() {
      const by = anyOf(simulatorContacts());
      const id = await by.send(group, content.textContent("never seen"), {
        unavailable: { type: "view_once" },
      });
      told("message.received", id, "something shown once", ({ type }) => type === "unknown");
    },
    "calls": () => {
      const callId = `CALL${++count}${Date.now()}`;
      const by = anyOf(simulator.network.contacts);
      by.call(phone, callId, "offer");
      by.call(phone, callId, "terminate");
      for (const event of ["call.received", "call.ended"]) {
        const isTold = (one: LoggedEvent) => one.event === event && one.data.call_id === callId;
        deeds.push({ what: `${event} of ${callId}`, deviceId, isTold, times: 1 });
      }
      return Promise.resolve();
    },
    "renames the group": () => {
      const subject = `Soak ${++count}`;
      group.setSubject(anyOf(simulatorContacts()), subject);
      const isTold = (one: LoggedEvent) =>
        one.event === "group.updated" && JSON.stringify(one.data).includes(`"${subject}"`);
      deeds.push({ what: `the name "${subject}"`, deviceId, isTold, times: 1 });
      return Promise.resolve();
    },
  };
  while (!signal.aborted) {
    await pause(between(0, 2 * MEAN_GAP_MS), signal);
    if (!signal.aborted) await anyOf(Object.values(things))();
  }
  return deeds;
}

/** What was told too often, or not at all. */
export function accountDeeds(deeds: readonly Deed[], events: readonly LoggedEvent[]): readonly string[] {
  return deeds.flatMap(({ what, deviceId, isTold, times }) => {
    const found = events.filter((event) => event.device_id === deviceId && isTold(event)).length;
    return found === times ? [] : [`${what} is told ${found} times instead of ${times}`];
  });
}
