import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { proto, type WAMessageKey } from "@whiskeysockets/baileys";
import { bigHistory } from "../../../src/simulator/mod.ts";
import { pollContent } from "../../../src/simulator/people/content.ts";
import { openMedia } from "../../../src/simulator/wire/media.ts";
import type { BaileysClient } from "../../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

const { HistorySyncType } = proto.HistorySync;
/** Takes pages of every kind: Baileys declines FULL by itself. */
const EVERY_PAGE = { shouldSyncHistoryMessage: () => true, syncFullHistory: true };

function pagesOf(client: BaileysClient, kind: proto.HistorySync.HistorySyncType) {
  return client.of("messaging-history.set").filter(({ syncType }) => syncType === kind);
}

withSimulator("history has media, polls and groups with their writers", async (simulator) => {
  const phone = simulator.phone(aNumber(), "Gateway");
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Family", [anna, phone]);
  const picture = anna.media("image", Buffer.from("a picture"), { caption: "look" });
  phone.history = [
    {
      with: anna,
      messages: [{ message: picture, id: "P1" }],
      unread: 1,
      isArchived: true,
      disappearAfterS: 86_400,
    },
    { with: group, messages: [{ message: pollContent("When?", ["now", "later"]), by: anna, id: "Q1" }] },
  ];

  const { client } = await link(simulator, {}, phone);
  const { chats, messages } = await client.until(() => client.of("messaging-history.set")[0], "history");

  const [first, second] = messages;
  const [direct, shared] = chats;
  assertEquals([direct.id, direct.unreadCount, direct.archived, direct.ephemeralExpiration], [
    anna.lidJid,
    1,
    true,
    86_400,
  ]);
  assertEquals([shared.id, shared.name], [group.jid, "Family"]);
  assertEquals([first.key.id, first.message?.imageMessage?.caption], ["P1", "look"]);
  assertEquals([second.key.participant, second.pushName, second.message?.pollCreationMessageV3?.name], [
    anna.lidJid,
    "Anna",
    "When?",
  ]);
  await client.end();
});

withSimulator("pages of every kind come when the phone sends them", async (simulator) => {
  const { client, phone, device } = await link(simulator, EVERY_PAGE);
  const anna = simulator.contact(aNumber(), "Anna");
  const chats = [{ with: anna, messages: [{ text: "old", id: "R1" }] }];

  await phone.sendHistory(device, { kind: "RECENT", chats, progress: 40 });
  await phone.sendHistory(device, { kind: "FULL", chats: [], progress: 100, chunkOrder: 2 });
  await phone.sendHistory(device, { kind: "PUSH_NAME", pushNames: [anna] });
  const [names] = await client.until(() => {
    const pages = pagesOf(client, HistorySyncType.PUSH_NAME);
    return pages.length > 0 && pages;
  }, "push names");

  assertEquals(names.contacts.map(({ id, notify }) => [id, notify]), [[anna.pnJid, "Anna"]]);
  assertEquals(
    pagesOf(client, HistorySyncType.RECENT).flatMap(({ messages }) => messages.map(({ key }) => key.id)),
    [
      "R1",
    ],
  );
  await client.end();
});

withSimulator("phone answers requests for older messages, until there are none", async (simulator) => {
  const { client, phone, device } = await link(simulator, EVERY_PAGE);
  const anna = simulator.contact(aNumber(), "Anna");
  const past = [{ text: "third", id: "T3" }, { text: "second", id: "T2" }, { text: "first", id: "T1" }];
  await phone.sendHistory(device, { kind: "RECENT", chats: [{ with: anna, messages: past.slice(0, 1) }] });
  phone.archive.prepend(
    anna.lidJid,
    past.slice(1).map(({ text, id }) => ({
      key: { id, remoteJid: anna.lidJid },
      message: { conversation: text },
      t: 1_700_000_000,
      pushName: "Anna",
    })),
  );
  const ask = async (oldest: WAMessageKey, count: number) => {
    const before = pagesOf(client, HistorySyncType.ON_DEMAND).length;
    const requestId = await client.socket.fetchMessageHistory(count, oldest, 1_700_000_000_000);
    const page = await client.until(
      () => pagesOf(client, HistorySyncType.ON_DEMAND)[before],
      "the page that was asked for",
    );
    return { requestId, page };
  };

  const first = await ask({ remoteJid: anna.lidJid, id: "T3", fromMe: false }, 1);
  const second = await ask({ remoteJid: anna.pnJid, id: "T2", fromMe: false }, 50);
  const none = await ask({ remoteJid: anna.lidJid, id: "T1", fromMe: false }, 50);

  assertEquals(first.page.messages.map(({ message }) => message?.conversation), ["second"]);
  assertEquals(first.page.peerDataRequestSessionId, first.requestId);
  assertEquals(second.page.messages.map(({ key }) => [key.remoteJid, key.id]), [[anna.pnJid, "T1"]]);
  assertEquals(none.page.messages, []);
  await client.end();
});

withSimulator("phone hands over messages as they stand: edited, reacted to, deleted", async (simulator) => {
  const { client, phone } = await link(simulator, EVERY_PAGE);
  const anna = simulator.contact(aNumber(), "Anna");
  const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type;
  const key = (id: string) => ({ id, remoteJid: anna.lidJid, fromMe: false });
  const said = (id: string, message: proto.IMessage) => ({
    key: key(id),
    message,
    t: 1_700_000_000,
    pushName: "Anna",
  });
  for (
    const message of [
      said("A", { conversation: "helo" }),
      said("B", { conversation: "oops" }),
      said("C", {
        protocolMessage: { type: MESSAGE_EDIT, key: key("A"), editedMessage: { conversation: "halo" } },
      }),
      said("D", { reactionMessage: { key: key("A"), text: "👍" } }),
      said("E", { protocolMessage: { type: REVOKE, key: key("B") } }),
      said("F", { conversation: "newest" }),
    ]
  ) phone.keep(anna.lidJid, message);

  await client.socket.fetchMessageHistory(50, key("F"), 1_700_000_000_000);
  const page = await client.until(() => pagesOf(client, HistorySyncType.ON_DEMAND)[0], "the page");

  const [deleted, edited] = page.messages;
  assertEquals(page.messages.map((one) => one.key.id), ["B", "A"]);
  assertEquals([edited.message?.conversation, edited.reactions?.map(({ text }) => text)], ["halo", ["👍"]]);
  assertEquals([deleted.message ?? null, deleted.messageStubType], [
    null,
    proto.WebMessageInfo.StubType.REVOKE,
  ]);
  await client.end();
});

withSimulator("big past arrives whole", async (simulator) => {
  const phone = simulator.phone(aNumber(), "Gateway");
  phone.history = bigHistory(500, 20);

  const { client } = await link(simulator, {}, phone);
  const { chats, messages } = await client.until(() => client.of("messaging-history.set")[0], "history");

  assertEquals([chats.length, messages.length], [500, 10_000]);
  assertEquals(messages[0].message?.conversation, "Message 20 of chat 1");
  await client.end();
});

withSimulator("page may be a file on the media host", async (simulator) => {
  const { client, phone, device } = await link(simulator, {
    shouldSyncHistoryMessage: ({ directPath }) => !directPath,
  });
  const anna = simulator.contact(aNumber(), "Anna");
  const chats = [{ with: anna, messages: [{ text: "in a file", id: "F1" }] }];

  await phone.sendHistory(device, { kind: "RECENT", chats }, { asFile: true });
  const notice = await client.until(
    () =>
      client.messages.map(({ message }) => message.message?.protocolMessage?.historySyncNotification)
        .find((each) => each?.directPath),
    "notification",
  );

  const blob = simulator.media.get(notice.directPath ?? "");
  assert(blob && notice.mediaKey);
  const page = proto.HistorySync.decode(inflateSync(openMedia(blob, notice.mediaKey, "history")));
  assertEquals(page.conversations[0].messages?.[0].message?.message?.conversation, "in a file");
  await client.end();
});
