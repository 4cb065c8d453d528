import { assertEquals, assertObjectMatch } from "@std/assert";
import type { Content } from "../../src/events/content.ts";
import type { EventOf } from "../../src/events/event.ts";
import { device } from "../../src/formats/device.ts";
import { aGroup, anEvent, aPerson, aText } from "../support/events.ts";

function dataOf(event: EventOf<"message.received">): Readonly<Record<string, unknown>> {
  return JSON.parse(device.render(event, "message.received")).data;
}

Deno.test("device gives an empty text with media, whose caption stands by itself", () => {
  const content: Content = {
    kind: "image",
    caption: "Nota",
    media: { mediaId: "m1", mimeType: "image/jpeg", sizeBytes: 2048 },
  };

  const data = dataOf(anEvent("message.received", { ...aText(""), content }));

  assertEquals(data.type, "image");
  assertEquals(data.text, "");
  assertEquals(data.caption, "Nota");
  assertEquals(data.media, {
    id: "m1",
    url: "/v1/devices/device_xyz789/media/m1",
    mime_type: "image/jpeg",
    file_size: 2048,
  });
});

Deno.test("device says a voice note as audio, marked as voice", () => {
  const content: Content = { kind: "voice", media: { mediaId: "m1", mimeType: "audio/ogg", seconds: 4 } };

  const data = dataOf(anEvent("message.received", { ...aText(""), content }));

  assertEquals(data.type, "audio");
  assertObjectMatch(data, { media: { voice: true, seconds: 4 } });
});

Deno.test("device points at the file where another system keeps it", () => {
  const url = "https://files.example/a.pdf";
  const content: Content = { kind: "document", media: { mediaId: "m1", mimeType: "application/pdf", url } };

  const data = dataOf(anEvent("message.received", { ...aText(""), content }));

  assertObjectMatch(data, { media: { url } });
});

Deno.test("device gives phone numbers, and LIDs in fields of their own", () => {
  const from = { ...aPerson("628111"), lid: "777@lid", pushName: "Budi" };
  const chat = { kind: "person", jid: from.pn!, lid: "777@lid" } as const;

  const data = dataOf(anEvent("message.received", { ...aText("halo"), from, chat }));

  assertEquals(data.from, "628111@s.whatsapp.net");
  assertEquals(data.from_lid, "777@lid");
  assertEquals(data.chat_id, "628111@s.whatsapp.net");
  assertEquals(data.chat_lid, "777@lid");
  assertEquals(data.push_name, "Budi");
});

Deno.test("device falls back on the LID (when the number is not known)", () => {
  const from = { pn: null, lid: "777@lid" };
  const chat = { kind: "person", jid: "777@lid" } as const;

  const data = dataOf(anEvent("message.received", { ...aText("halo"), from, chat }));

  assertEquals(data.from, "777@lid");
  assertEquals(data.from_lid, "777@lid");
  assertEquals(data.chat_lid, "777@lid");
});

Deno.test("device names the person and the group of a message in a group", () => {
  const data = dataOf(anEvent("message.received", { ...aText("halo"), chat: aGroup() }));

  assertEquals(data.is_group, true);
  assertEquals(data.chat_id, "120363025246125486@g.us");
  assertEquals(data.from, "628123456789@s.whatsapp.net");
  assertEquals(data.participant, "628123456789@s.whatsapp.net");
});

Deno.test("device tells what a message answers and whom it mentions", () => {
  const data = dataOf(anEvent("message.received", {
    ...aText("@628111 betul"),
    quoted: { messageId: "3EB0Q", from: aPerson("628222"), text: "siapa?" },
    mentions: ["628111@s.whatsapp.net"],
    forwarded: true,
    viewOnce: true,
  }));

  assertEquals(data.quoted, { message_id: "3EB0Q", from: "628222@s.whatsapp.net", text: "siapa?" });
  assertEquals(data.mentions, ["628111@s.whatsapp.net"]);
  assertEquals(data.forwarded, true);
  assertEquals(data.view_once, true);
});

Deno.test("device passes on what it does not know", () => {
  const content: Content = { kind: "unknown", rawType: "interactiveMessage" };

  const data = dataOf(anEvent("message.received", { ...aText(""), content }));

  assertEquals(data.type, "unknown");
  assertEquals(data.raw_type, "interactiveMessage");
});
