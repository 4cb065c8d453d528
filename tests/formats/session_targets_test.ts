import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { EventData } from "../../src/events/event.ts";
import type { Chat, Person } from "../../src/events/person.ts";
import { session } from "../../src/formats/session.ts";
import { aGroup, anEvent, aPerson } from "../support/events.ts";

// What reacts to, edits, deletes, answers or acknowledges a message names it by the id under which it was told.

const ME = "628999000111@s.whatsapp.net";
const ANNA: Person = { ...aPerson("628111000001", "Anna"), lid: "962811100@lid" };
const BUDI: Person = aPerson("628111000002", "Budi");
const GROUP = aGroup();
const PRIVATE: Chat = { kind: "person", jid: BUDI.pn! };

const told = (chat: Chat, from: Person, fromMe: boolean): EventData["message.received"] => ({
  messageId: "3EB0A1",
  chat,
  from,
  fromMe,
  me: ME,
  sentAt: 1,
  offline: false,
  content: { kind: "text", text: "halo" },
});

// deno-lint-ignore no-explicit-any -- JSON as a receiver reads it
function dataOf(event: ReturnType<typeof anEvent>, name = session.says(event)[0]!): any {
  return JSON.parse(session.render(event, name)).data;
}

function serialized(chat: Chat, author: Person, fromMe: boolean): string {
  return dataOf(anEvent("message.received", told(chat, author, fromMe)), "message_create").message.id
    ._serialized;
}

const cases = [
  ["somebody's in a group", GROUP, BUDI, false],
  ["ours in a group", GROUP, { pn: ME, lid: null }, true],
  ["somebody's in private", PRIVATE, BUDI, false],
  ["ours in private", PRIVATE, { pn: ME, lid: null }, true],
] as const;

for (const [what, chat, author, fromMe] of cases) {
  const spoken = { messageId: "3EB0A1", chat, from: ANNA, fromMe: false, me: ME, author };

  Deno.test(`session names the message that is reacted to as it was told (${what})`, () => {
    const { reaction } = dataOf(anEvent("message.reaction", { ...spoken, emoji: "👍", reactedAt: 1 }));

    assertEquals(reaction.msgId._serialized, serialized(chat, author, fromMe));
  });

  Deno.test(`session names the message that is deleted as it was told, whoever deletes it (${what})`, () => {
    const { message } = dataOf(anEvent("message.deleted", { ...spoken, deletedAt: 1 }));

    assertEquals(message.id._serialized, serialized(chat, author, fromMe));
    assertEquals(message._data.revokeSender, "628111000001@c.us");
    assertEquals(message.fromMe, fromMe);
  });

  Deno.test(`session names the poll that is voted in as it was told (${what})`, () => {
    const content = {
      kind: "poll_vote",
      pollMessageId: "3EB0A1",
      options: ["B"],
      optionIndexes: [1],
      author,
    } as const;

    const { vote } = dataOf(
      anEvent("message.received", { ...told(chat, ANNA, false), sentAt: 1_700_000_000_123, content }),
    );

    assertEquals(vote.parentMsgKey._serialized, serialized(chat, author, fromMe));
    assertEquals(vote.selectedOptions, [{ name: "B", localId: 1 }]);
    assertEquals(vote.interractedAtTs, 1_700_000_000_123);
  });
}

for (const chat of [GROUP, PRIVATE]) {
  Deno.test(`session acknowledges a message of ours under the id of its message_create (${chat.kind})`, () => {
    const sent = { messageId: "msg_1", waMessageId: "3EB0B2", chat, me: ME };

    const created = dataOf(
      anEvent("message.sent", { ...sent, content: { kind: "text", text: "" }, sentAt: 1 }),
    );
    const acked = dataOf(anEvent("message.status", { ...sent, status: "read", statusAt: 1 }));

    assertEquals(acked.message.id, created.message.id);
    assertEquals([acked.message.from, created.message.from], ["628999000111@c.us", "628999000111@c.us"]);
  });
}

Deno.test("session names an edited message as it was told", () => {
  const edited = { messageId: "3EB0A1", chat: GROUP, from: BUDI, fromMe: false, me: ME, author: BUDI };
  const content = { kind: "text", text: "@628999000111 jam 10" } as const;

  const { message } = dataOf(anEvent("message.edited", { ...edited, editedAt: 1, content, mentions: [ME] }));

  assertEquals(message.id._serialized, serialized(GROUP, BUDI, false));
  assertEquals(message.mentionedIds, ["628999000111@c.us"]);
});

Deno.test("session leaves open whose message it was (when nobody knows)", () => {
  const spoken = { messageId: "3EB0A1", chat: GROUP, from: ANNA, fromMe: false, me: ME };

  const { reaction } = dataOf(anEvent("message.reaction", { ...spoken, emoji: "👍", reactedAt: 1 }));

  assertEquals(reaction.msgId, { remote: GROUP.jid, id: "3EB0A1" });
});

Deno.test("session has both ends of every message, whenever our own number is known", () => {
  fc.assert(fc.property(fc.boolean(), fc.constantFrom(GROUP, PRIVATE), (fromMe, chat) => {
    const { message } = dataOf(
      anEvent("message.received", told(chat, fromMe ? { pn: ME, lid: null } : BUDI, fromMe)),
      "message_create",
    );

    assert(typeof message.from === "string" && typeof message.to === "string");
  }));
});

Deno.test("session tells of a changed number as whatsapp-web.js does", () => {
  const event = anEvent("identity.changed", {
    person: { ...BUDI, pn: "628111000009@s.whatsapp.net" },
    previous: BUDI,
    changedAt: 1,
  });

  const { oldId, newId, isContact } = dataOf(event);

  assertEquals([session.says(event), oldId, newId, isContact], [
    ["contact_changed"],
    "628111000002@c.us",
    "628111000009@c.us",
    true,
  ]);
});

Deno.test("session tells of requests to join, and of the end of a group", () => {
  const request = { group: GROUP.jid, participants: [BUDI], by: null } as const;

  const asked = anEvent("group.join_request", { ...request, state: "requested" });
  const gone = anEvent("group.deleted", { group: GROUP.jid, by: ANNA });

  assertEquals(session.says(asked), ["group_membership_request"]);
  assertEquals(dataOf(asked).notification.author, "628111000002@c.us");
  assertEquals([session.says(gone), dataOf(gone).notification.type], [["group_update"], "delete"]);
});
