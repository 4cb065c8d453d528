// Files that are shown once, and videos that play as GIFs do, as phones get them.
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { BinaryNode, proto } from "@whiskeysockets/baileys";
import { createInstanceFileRoutes } from "../../src/http/instances/files.ts";
import { createWhatsAppMediaRoutes } from "../../src/http/account/media.ts";
import type { VirtualPhone } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { OPUS } from "../support/sample_files.ts";
import { type MoreRoutes, startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const MP4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypmp42 and so on")]);

const routes: MoreRoutes = ({ lines }) => [
  { at: "/api", routes: createInstanceFileRoutes(lines) },
  { at: "/api", routes: createWhatsAppMediaRoutes(lines) },
];

async function setUp() {
  const gateway = await startWhatsAppGateway({ routes });
  const { id, phone } = await gateway.pair("default");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const send = (kind: string, body: Readonly<Record<string, unknown>>) =>
    gateway.ask("POST", `/v1/devices/${id}/messages/${kind}`, { to: BUDI, ...body });
  const received = async (id: unknown) => (await budi.waitMessage((message) => message.id === id)).message;
  return {
    gateway,
    phone,
    budi,
    send,
    received,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** What the stanza of a message says of its file, besides what is encrypted. */
function mediaTypesOf(phone: VirtualPhone, messageId: unknown): ReadonlySet<string | undefined> {
  const [device] = phone.devices.values();
  const sent = device.sent.find(({ id }) => id === messageId);
  const types = new Set<string | undefined>();
  const look = (node: BinaryNode) => {
    if (node.tag === "enc") types.add(node.attrs.mediatype);
    if (Array.isArray(node.content)) node.content.forEach(look);
  };
  if (sent !== undefined) look(sent.node);
  return types;
}

/** Where phones have a file that is shown once. */
type Inside = Pick<proto.IMessage, "imageMessage" | "videoMessage" | "audioMessage">;
const KINDS: readonly [
  kind: string,
  file: Buffer,
  mediaType: string,
  part: keyof Inside,
  envelope: "viewOnceMessageV2" | "viewOnceMessageV2Extension",
][] = [
  ["image", PNG, "image", "imageMessage", "viewOnceMessageV2"],
  ["video", MP4, "video", "videoMessage", "viewOnceMessageV2"],
  ["voice", OPUS, "ptt", "audioMessage", "viewOnceMessageV2Extension"],
  ["audio", OPUS, "audio", "audioMessage", "viewOnceMessageV2Extension"],
];
for (const [kind, file, mediaType, part, envelope] of KINDS) {
  Deno.test(`a file that is to be viewed once arrives so (${kind})`, async () => {
    await using world = await setUp();

    const sent = await world.send(kind, { media_base64: file.toString("base64"), view_once: true });
    const message = await world.received(sent.at("data.wa_message_id"));

    assertEquals(sent.status, 200);
    assertEquals(message[envelope]?.message?.[part]?.viewOnce, true);
    assertEquals(world.budi.openMedia(message), file);
    assertEquals(mediaTypesOf(world.phone, sent.at("data.wa_message_id")), new Set([mediaType]));
    const [{ content, viewOnce }] = await world.gateway.events("message.sent");
    assertEquals([content.kind, viewOnce], [kind, true]);
  });
}

Deno.test("an image that is to be viewed once keeps its caption, its mentions and what it answers", async () => {
  await using world = await setUp();
  const question = await world.budi.sendText(world.phone, "mana menunya?");
  await until(async () => (await world.gateway.events("message.received")).length === 1, "it came");

  const sent = await world.send("image", {
    media_base64: PNG.toString("base64"),
    caption: "@628111111111 menu",
    mentions: ["628111111111"],
    quoted_message_id: question,
    view_once: true,
  });
  const message = await world.received(sent.at("data.wa_message_id"));

  const image = message.viewOnceMessageV2?.message?.imageMessage;
  assertEquals(image?.caption, "@628111111111 menu");
  assertEquals(image?.contextInfo?.mentionedJid, ["628111111111@s.whatsapp.net"]);
  assertEquals(image?.contextInfo?.stanzaId, question);
});

Deno.test("an image that is to be viewed once is so in a group, and when a phone asks for it again", async () => {
  await using world = await setUp();
  const { gateway, phone, budi, send } = world;
  const group = gateway.simulator.group("Toko", [phone, budi]);
  const once = { media_base64: PNG.toString("base64"), view_once: true };
  await budi.sendText(phone, "halo");
  await until(async () => (await gateway.events("message.received")).length === 1, "Budi is known");
  await world.received((await send("text", { text: "warm" })).at("data.wa_message_id"));

  const inGroup = await send("image", { ...once, to: group.jid });
  const first = await world.received(inGroup.at("data.wa_message_id"));
  budi.forgetSessions();
  const again = await send("image", once);
  const second = await world.received(again.at("data.wa_message_id"));

  for (const message of [first, second]) {
    assertEquals(message.viewOnceMessageV2?.message?.imageMessage?.viewOnce, true);
    assertEquals(budi.openMedia(message), PNG);
  }
  assertEquals([...budi.asked.keys()], [again.at("data.wa_message_id")]);
});

Deno.test("a video plays as a GIF when that is asked for", async () => {
  await using world = await setUp();

  const sent = await world.send("video", { media_base64: MP4.toString("base64"), gif_playback: true });
  const message = await world.received(sent.at("data.wa_message_id"));

  assertEquals([sent.status, message.videoMessage?.gifPlayback], [200, true]);
  assertEquals(mediaTypesOf(world.phone, sent.at("data.wa_message_id")), new Set(["gif"]));
});

Deno.test("an instance and the one account take the same, in their own names", async () => {
  await using world = await setUp();
  const { gateway, received } = world;
  const fields = { instanceId: "default", to: BUDI };
  const form = new FormData();
  for (const [name, value] of Object.entries({ to: BUDI, mediaType: "image", viewOnce: "true" })) {
    form.append(name, value);
  }
  form.append("media", new File([PNG], "menu.png", { type: "image/png" }));
  const instanceForm = new FormData();
  for (const [name, value] of Object.entries({ ...fields, viewOnce: "true", gifPlayback: "" })) {
    instanceForm.append(name, value);
  }
  instanceForm.append("video", new File([MP4], "menu.mp4"));

  const voice = await gateway.ask("POST", "/api/message/send/voice", {
    ...fields,
    audioBase64: OPUS.toString("base64"),
    viewOnce: true,
  });
  const gif = await gateway.ask("POST", "/api/message/send/video", {
    ...fields,
    videoBase64: MP4.toString("base64"),
    gifPlayback: true,
  });
  const video = await gateway.ask("POST", "/api/message/send/video", instanceForm);
  const image = await gateway.ask("POST", "/api/whatsapp/send-media", form);

  assertEquals([voice, gif, video, image].map(({ status }) => status), [200, 200, 200, 200]);
  const heard = await received(voice.at("data.messageId"));
  assertEquals(heard.viewOnceMessageV2Extension?.message?.audioMessage?.ptt, true);
  assertEquals((await received(gif.at("data.messageId"))).videoMessage?.gifPlayback, true);
  const seen = await received(video.at("data.messageId"));
  assertEquals(seen.viewOnceMessageV2?.message?.videoMessage?.viewOnce, true);
  assertEquals(
    (await received(image.at("messageId"))).viewOnceMessageV2?.message?.imageMessage?.viewOnce,
    true,
  );
});

Deno.test("what cannot be viewed once, or play as a GIF, is refused and kept nowhere", async () => {
  await using world = await setUp();
  const text = Buffer.from("a,b\n1,2\n").toString("base64");

  const document = await world.send("document", { media_base64: text, view_once: true });
  const anyFile = await world.send("media", { media_base64: text, view_once: true });
  const image = await world.send("image", { media_base64: PNG.toString("base64"), gif_playback: true });

  assertEquals([document, anyFile, image].map((answer) => [answer.status, answer.at("error.message")]), [
    [400, "Cannot send a document to be viewed once: only images, videos, audio and voice notes can be"],
    [400, "Cannot send a document to be viewed once: only images, videos, audio and voice notes can be"],
    [400, "Cannot play an image as a GIF: only a video can be"],
  ]);
  const folder = world.gateway.lines.files.pathOf("x").replace(/x$/, "");
  assertEquals([...Deno.readDirSync(folder)], []);
});

Deno.test("a file that was shown once is quoted without what opens it again", async () => {
  await using world = await setUp();
  const once = await world.send("image", { media_base64: PNG.toString("base64"), view_once: true });
  await world.received(once.at("data.wa_message_id"));

  const answer = await world.send("text", {
    text: "did you see it?",
    quoted_message_id: once.at("data.wa_message_id"),
  });
  const { extendedTextMessage } = await world.received(answer.at("data.wa_message_id"));

  const { stanzaId, quotedMessage } = extendedTextMessage?.contextInfo ?? {};
  assertEquals(stanzaId, once.at("data.wa_message_id"));
  const { mimetype, viewOnce, mediaKey, url, directPath } = quotedMessage?.imageMessage ?? {};
  assertEquals([mimetype, viewOnce], ["image/png", true]);
  assertEquals([mediaKey?.length || undefined, url || undefined, directPath || undefined], [
    undefined,
    undefined,
    undefined,
  ]);
});
