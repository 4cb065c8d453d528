import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { createInstanceFileRoutes } from "../../src/http/instances/files.ts";
import { createInstanceMessageRoutes } from "../../src/http/instances/messages.ts";
import { OPUS } from "../support/sample_files.ts";
import { type MoreRoutes, startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const PNG = Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(6_000_000)]);

const routes: MoreRoutes = ({ lines }) => [
  { at: "/api", routes: createInstanceMessageRoutes(lines) },
  { at: "/api", routes: createInstanceFileRoutes(lines) },
];

async function setUp() {
  const gateway = await startWhatsAppGateway({ routes });
  await gateway.pair("toko");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const send = (kind: string, body: Readonly<Record<string, unknown>>, key?: string) =>
    gateway.ask(
      "POST",
      `/api/message/send/${kind}`,
      { instanceId: "toko", to: BUDI, ...body },
      key === undefined ? {} : { "Idempotency-Key": key },
    );
  const received = async (id: unknown) => (await budi.waitMessage((message) => message.id === id)).message;
  return { budi, send, received, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

Deno.test("an instance sends polls, locations and contact cards", async () => {
  await using world = await setUp();
  const { send, received } = world;

  const poll = await send("poll", { question: "Makan?", options: ["Ya", "Tidak"], multipleAnswers: true });
  const place = await send("location", { latitude: -6.1, longitude: 106.8, name: "Monas" });
  const card = await send("contact", {
    contactName: "Ali",
    contactNumber: "0812-3456-780",
    organization: "Kedai",
  });

  assertEquals([poll.status, place.status, card.status], [200, 200, 200]);
  assertEquals((await received(poll.at("data.messageId"))).pollCreationMessage?.selectableOptionsCount, 2);
  assertEquals((await received(place.at("data.messageId"))).locationMessage?.name, "Monas");
  const { contactMessage } = await received(card.at("data.messageId"));
  assertEquals(contactMessage?.vcard?.includes("waid=628123456780:+628123456780"), true);
});

Deno.test("an instance sends files from a URL and as base64, larger than other bodies may be", async () => {
  await using world = await setUp();
  const { send, received, budi } = world;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response(PNG));

  const image = await send("image", { imageBase64: PNG.toString("base64"), caption: "menu" });
  const file = await send("file", {
    fileUrl: `http://127.0.0.1:${server.addr.port}/a`,
    fileName: "menu.png",
    mimetype: "image/png",
  });
  const voice = await send("voice", { audioBase64: OPUS.toString("base64") });
  await server.shutdown();

  assertEquals([image.status, file.status, voice.status], [200, 200, 200]);
  const got = await received(image.at("data.messageId"));
  assertEquals(got.imageMessage?.caption, "menu");
  assertEquals(budi.openMedia(got), PNG);
  assertEquals((await received(file.at("data.messageId"))).documentMessage?.fileName, "menu.png");
  assertEquals((await received(voice.at("data.messageId"))).audioMessage?.ptt, true);
});

Deno.test("an instance's file is sent once for one idempotency key", async () => {
  await using world = await setUp();
  const image = { imageBase64: PNG.toString("base64") };

  const first = await world.send("image", image, "menu-1");
  const again = await world.send("image", image, "menu-1");
  const other = await world.send("image", { ...image, caption: "other" }, "menu-1");

  assertEquals(again.at("data.id"), first.at("data.id"));
  assertEquals([other.status, other.at("success")], [422, false]);
  assertEquals(new Set(world.budi.inbox.map(({ id }) => id)).size, 1);
});

Deno.test("an instance's bad file is refused in words that name the field", async () => {
  await using world = await setUp();
  const refusalOf = async (kind: string, body: Readonly<Record<string, unknown>>) => {
    const { status, ...answer } = await world.send(kind, body);
    return [status, answer.at("message")];
  };

  assertEquals(await refusalOf("image", {}), [
    400,
    "Cannot send this: give one of `imageUrl`, `imageBase64`, or a file in a form",
  ]);
  assertEquals(await refusalOf("voice", { audioBase64: "?" }), [
    400,
    "Field `audioBase64` must be base64 or a data URL: it cannot be read",
  ]);
  assertEquals(await refusalOf("video", { videoUrl: 5 }), [400, "Field `videoUrl` must be a string, got 5"]);
});
