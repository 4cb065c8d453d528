import { Buffer } from "node:buffer";
import { assertEquals, assertMatch } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { createAliases } from "../../../src/recording/aliases.ts";
import { withFields } from "../../../src/simulator/mod.ts";
import { redactMessage } from "../../../src/whatsapp/baileys/redact_message.ts";

const TEXT = /^Text [a-z]{8}$/;
const LINK = /^https:\/\/example\.org\/[a-z]{8}$/;

function redact(message: proto.IMessage, keepTexts = false) {
  const { bytes, ...about } = redactMessage(
    proto.Message.encode(message).finish(),
    createAliases({ keepTexts }),
  );
  return { ...about, message: proto.Message.decode(bytes) };
}

Deno.test("message keeps its kind, ids and times, and loses words, addresses and files", () => {
  const { message } = redact({
    imageMessage: {
      caption: "my passport",
      mimetype: "image/jpeg",
      url: "https://mmg.whatsapp.net/v/secret.enc",
      directPath: "/v/secret.enc",
      mediaKey: Buffer.alloc(32, 1),
      jpegThumbnail: Buffer.from("a face"),
      fileLength: 1_234,
      contextInfo: { stanzaId: "3EB0", participant: "4917012345678@s.whatsapp.net", expiration: 86_400 },
    },
  });

  const { imageMessage } = message;
  assertMatch(imageMessage?.caption ?? "", TEXT);
  assertEquals([imageMessage?.mimetype, Number(imageMessage?.fileLength)], ["image/jpeg", 1_234]);
  for (const address of [imageMessage?.url, imageMessage?.directPath]) assertMatch(address ?? "", LINK);
  assertEquals(Buffer.from(imageMessage?.mediaKey ?? []).equals(Buffer.alloc(32, 1)), false);
  const { stanzaId, participant, expiration } = imageMessage?.contextInfo ?? {};
  assertEquals([stanzaId, participant, expiration], ["3EB0", "628110000001@s.whatsapp.net", 86_400]);
  assertEquals(JSON.stringify(message).includes("passport"), false);
});

Deno.test("message with cards, places and forms loses what is personal in them", () => {
  const card =
    "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nTEL;type=CELL;waid=4917012345678:+49 170 12345678\nEND:VCARD";

  const { message: contact } = redact({ contactMessage: { displayName: "Anna", vcard: card } });
  const { message: place } = redact({
    locationMessage: { degreesLatitude: 52.5, degreesLongitude: 13.4, name: "Home" },
  });
  const { message: form } = redact({
    interactiveResponseMessage: {
      nativeFlowResponseMessage: { name: "galaxy_message", paramsJson: '{"full_name":"Anna","step":2}' },
    },
  });

  assertEquals(contact.contactMessage?.vcard?.split("\n").slice(2, 4), [
    "FN:Name 1",
    "TEL;type=CELL;waid=628110000001:+628110000001",
  ]);
  assertEquals(contact.contactMessage?.displayName, "Name 1");
  assertEquals(place.locationMessage?.degreesLatitude, -6.2);
  assertMatch(place.locationMessage?.name ?? "", TEXT);
  const answer = form.interactiveResponseMessage?.nativeFlowResponseMessage?.paramsJson ?? "";
  assertEquals([Object.keys(JSON.parse(answer)), JSON.parse(answer).step], [["full_name", "step"], 2]);
  assertEquals(answer.includes("Anna"), false);
});

Deno.test("fields that the protobuf does not know stay, without what is in them", () => {
  const plain = withFields({ conversation: "hi" }, [{ field: 115, bytes: Buffer.from("a new kind") }]);

  const { bytes, saysSomething } = redactMessage(plain, createAliases({ keepTexts: false }));

  const { conversation } = proto.Message.decode(bytes);
  assertMatch(conversation ?? "", TEXT);
  const expected = withFields({ conversation }, [{ field: 115, bytes: Buffer.alloc(10) }]);
  assertEquals([bytes.toString("hex"), saysSomething], [expected.toString("hex"), true]);
});

Deno.test("keys are not recorded, and a message of keys alone says nothing", () => {
  const keys = { groupId: "1@g.us", axolotlSenderKeyDistributionMessage: Buffer.from("key") };

  const { message, saysSomething } = redact({ senderKeyDistributionMessage: keys });

  assertEquals([message.senderKeyDistributionMessage, saysSomething], [null, false]);
});

Deno.test("emoji stay, as nobody is known by them", () => {
  const { message } = redact({ reactionMessage: { text: "🙏🏽", key: { id: "3EB0" } } });

  assertEquals([message.reactionMessage?.text, message.reactionMessage?.key?.id], ["🙏🏽", "3EB0"]);
});

Deno.test("texts that are kept lose their numbers only", () => {
  const { message } = redact({ conversation: "Price is 100, call 4917012345678" }, true);

  assertEquals(message.conversation?.startsWith("Price is 100, call "), true);
  assertEquals(message.conversation?.includes("4917012345678"), false);
});
