import { assertEquals, assertObjectMatch } from "@std/assert";
import type { EventData, KabarEvent } from "../../src/events/event.ts";
import { session } from "../../src/formats/session.ts";
import { aGroup, anEvent, aPerson, aText } from "../support/events.ts";

const AT = 1_703_145_600_000;
const ME = "628999@s.whatsapp.net";

function dataOf(event: KabarEvent, name = session.says(event)[0]!): Readonly<Record<string, unknown>> {
  return JSON.parse(session.render(event, name)).data;
}

function messageOf(more: Partial<EventData["message.received"]> = {}): Readonly<Record<string, unknown>> {
  const event = anEvent("message.received", { ...aText("halo"), me: ME, ...more });
  return dataOf(event).message as Readonly<Record<string, unknown>>;
}

Deno.test("session says a text as whatsapp-web.js serialises it", () => {
  const message = messageOf();

  assertObjectMatch(message, {
    id: {
      fromMe: false,
      remote: "628123456789@c.us",
      id: "3EB0A1",
      _serialized: "false_628123456789@c.us_3EB0A1",
    },
    body: "halo",
    type: "chat",
    timestamp: 1_703_145_600,
    from: "628123456789@c.us",
    to: "628999@c.us",
    fromMe: false,
    hasMedia: false,
    hasQuotedMsg: false,
    isForwarded: false,
    vCards: [],
    mentionedIds: [],
  });
});

Deno.test("session names the author of a message in a group", () => {
  const message = messageOf({ chat: aGroup() });

  assertObjectMatch(message, {
    id: { _serialized: "false_120363025246125486@g.us_3EB0A1_628123456789@c.us" },
    from: "120363025246125486@g.us",
    author: "628123456789@c.us",
  });
});

Deno.test("session leaves LIDs as they are", () => {
  const message = messageOf({ from: { pn: null, lid: "777@lid" }, chat: { kind: "person", jid: "777@lid" } });

  assertEquals(message.from, "777@lid");
});

Deno.test("session offers an incoming message under its second name too", () => {
  const event = anEvent("message.received", aText("halo"));

  assertEquals(session.says(event), ["message", "message_create"]);
});

Deno.test("session says messages of our own only as created", () => {
  const typed = anEvent("message.received", { ...aText("dari HP"), fromMe: true, me: ME });
  const sent = anEvent("message.sent", {
    messageId: "msg_1",
    waMessageId: "3EB0",
    chat: { kind: "person", jid: "628111@s.whatsapp.net" },
    me: ME,
    content: { kind: "text", text: "halo" },
    sentAt: AT,
  });

  assertEquals([session.says(typed), session.says(sent)], [["message_create"], ["message_create"]]);
  assertObjectMatch(dataOf(sent), {
    message: {
      id: { fromMe: true, _serialized: "true_628111@c.us_3EB0" },
      from: "628999@c.us",
      to: "628111@c.us",
      fromMe: true,
    },
  });
});

Deno.test("session offers a message with a file as media, and tells where the file is", () => {
  const media = { mediaId: "m1", mimeType: "image/png", sizeBytes: 77, fileName: "a.png" };
  const event = anEvent("message.received", {
    ...aText(""),
    content: { kind: "image", media, caption: "Foto" },
  });

  const data = dataOf(event, "media");

  assertEquals(session.says(event), ["message", "message_create", "media"]);
  assertObjectMatch(data, {
    messageMedia: {
      mimetype: "image/png",
      filename: "a.png",
      filesize: 77,
      url: "/v1/devices/device_xyz789/media/m1",
    },
    message: { hasMedia: true, body: "Foto", type: "image" },
  });
});

Deno.test("session calls a voice note ptt", () => {
  const message = messageOf({
    content: { kind: "voice", media: { mediaId: "m", mimeType: "audio/ogg", seconds: 4 } },
  });

  assertObjectMatch(message, { type: "ptt", duration: "4" });
});

Deno.test("session shows locations, contacts and polls where whatsapp-web.js does", () => {
  const location = messageOf({
    content: { kind: "location", latitude: 1.5, longitude: 2, name: "Toko", address: "Jl. A" },
  });
  const contact = messageOf({
    content: { kind: "contact", contacts: [{ displayName: "Ani", vcard: "BEGIN:VCARD" }] },
  });
  const poll = messageOf({
    content: { kind: "poll", question: "Kapan?", options: ["Sen", "Sel"], selectableCount: 1 },
  });

  assertObjectMatch(location, {
    type: "location",
    location: { latitude: 1.5, longitude: 2, name: "Toko", address: "Jl. A", description: "Toko\nJl. A" },
  });
  assertObjectMatch(contact, { type: "vcard", body: "BEGIN:VCARD", vCards: ["BEGIN:VCARD"] });
  assertObjectMatch(poll, {
    type: "poll_creation",
    pollName: "Kapan?",
    pollOptions: [{ name: "Sen", localId: 0 }, { name: "Sel", localId: 1 }],
    allowMultipleAnswers: false,
  });
});

Deno.test("session lists links, and suspects those whose host is not ASCII", () => {
  const message = messageOf({
    content: { kind: "text", text: "lihat https://a.example/é, lalu http://ex\u0430mple.com." },
  });

  assertEquals(message.links, [
    { link: "https://a.example/é", isSuspicious: false },
    { link: "http://ex\u0430mple.com", isSuspicious: true },
  ]);
});

Deno.test("session tells what a message answers and who sent it", () => {
  const message = messageOf({
    from: aPerson("628111", "Budi"),
    quoted: { messageId: "3EB0Q", from: aPerson("628222"), text: "siapa?" },
    mentions: ["628333@s.whatsapp.net"],
  });

  assertObjectMatch(message, {
    hasQuotedMsg: true,
    mentionedIds: ["628333@c.us"],
    _data: { notifyName: "Budi", quotedStanzaID: "3EB0Q", quotedParticipant: "628222@c.us" },
  });
});

Deno.test("session says edits, deletions and reactions", () => {
  const { chat, from } = aText("");
  const about = { messageId: "3EB0", chat, from, fromMe: false, me: ME };
  const content = { kind: "text", text: "baru" } as const;

  assertObjectMatch(dataOf(anEvent("message.edited", { ...about, editedAt: AT, content })), {
    newBody: "baru",
    prevBody: null,
    message: { body: "baru" },
  });
  assertObjectMatch(dataOf(anEvent("message.deleted", { ...about, deletedAt: AT })), {
    message: { type: "revoked", body: "", id: { id: "3EB0" } },
  });
  const reacted = anEvent("message.reaction", { ...about, emoji: "❤️", reactedAt: AT, targetFromMe: true });
  assertObjectMatch(dataOf(reacted), {
    reaction: {
      reaction: "❤️",
      senderId: "628123456789@c.us",
      msgId: { _serialized: "true_628123456789@c.us_3EB0" },
    },
  });
});

Deno.test("session says an answer to a poll as a vote", () => {
  const content = { kind: "poll_vote", pollMessageId: "3EB0P", options: ["Sen"] } as const;
  const event = anEvent("message.received", { ...aText(""), content });

  assertEquals(session.says(event), ["vote_update"]);
  assertObjectMatch(dataOf(event), {
    vote: { voter: "628123456789@c.us", selectedOptions: [{ name: "Sen" }] },
  });
});
