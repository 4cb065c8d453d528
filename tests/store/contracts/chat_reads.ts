import { assertEquals } from "@std/assert";
import { type ChatRead, MOST_UNREAD } from "../../../src/store/chat_reads.ts";
import type { InboxMessage } from "../../../src/store/inbox.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice, anInboxMessage, T0 } from "./samples.ts";

const CHAT = "628000000142@s.whatsapp.net";
const LID = "990000000142@lid";

export function chatReadsContract(name: string, open: Open): void {
  const test = testing(`${name} chat reads`, open);

  async function aStoredDevice({ devices }: Store): Promise<string> {
    const device = aDevice();
    await devices.create(device);
    return device.id;
  }

  /** A device with messages `m1`, `m2`, … in a chat, sent one second after the other. */
  async function withMessages(
    store: Store,
    count: number,
    change: Partial<InboxMessage> = {},
  ): Promise<string> {
    const deviceId = await aStoredDevice(store);
    await store.inbox.journal(
      Array.from(
        { length: count },
        (_, n) =>
          anInboxMessage(deviceId, { chat: CHAT, messageId: `m${n + 1}`, sentAt: T0 + n * 1_000, ...change }),
      ),
    );
    return deviceId;
  }

  const read = (...messageIds: string[]): ChatRead => ({ what: "messages", chat: CHAT, messageIds });

  async function countOf({ chatReads }: Store, deviceId: string, chat = CHAT): Promise<number | undefined> {
    return (await chatReads.unread(deviceId, [chat])).get(chat)?.count;
  }

  test("count what came in after the message that was read last", async (store) => {
    const deviceId = await withMessages(store, 5);
    assertEquals(await countOf(store, deviceId), 5);

    await store.chatReads.note(deviceId, [read("m2", "m3", "unknown")]);
    assertEquals(await countOf(store, deviceId), 2);
    await store.chatReads.note(deviceId, [read("m1"), read("unknown")]);
    assertEquals(await countOf(store, deviceId), 2);
    await store.chatReads.note(deviceId, [read("m5")]);

    assertEquals(await countOf(store, deviceId), 0);
    await store.inbox.journal([anInboxMessage(deviceId, { chat: CHAT, sentAt: T0 + 9_000 })]);
    assertEquals(await countOf(store, deviceId), 1);
  });

  test("tell messages of one second apart by their ids", async (store) => {
    const deviceId = await withMessages(store, 4, { sentAt: T0 });

    await store.chatReads.note(deviceId, [read("m2")]);
    assertEquals(await countOf(store, deviceId), 2);
    await store.chatReads.note(deviceId, [read("m3")]);
    await store.chatReads.note(deviceId, [read("m1")]);
    assertEquals(await countOf(store, deviceId), 1);
    await store.chatReads.note(deviceId, [{ what: "until", chat: CHAT, at: T0 }]);

    assertEquals(await countOf(store, deviceId), 0);
    await store.chatReads.note(deviceId, [read("m1")]);
    assertEquals(await countOf(store, deviceId), 0);
  });

  test("count nothing before our own newest message", async (store) => {
    const deviceId = await withMessages(store, 3);
    await store.inbox.keep([
      anInboxMessage(deviceId, { chat: CHAT, fromMe: true, sender: null, sentAt: T0 + 1_500 }),
    ]);

    assertEquals(await countOf(store, deviceId), 1);
  });

  test("do not count what phones do not: reactions and the like, the past, content that is to come", async (store) => {
    const deviceId = await withMessages(store, 1);
    const sentAt = T0 + 9_000;
    const announced = anInboxMessage(deviceId, { chat: CHAT, sentAt, placeholder: true });
    await store.inbox.journal([anInboxMessage(deviceId, { chat: CHAT, sentAt, quiet: true }), announced]);
    await store.history.file([anInboxMessage(deviceId, { chat: CHAT, sentAt })], { at: T0, tell: false });
    assertEquals(await countOf(store, deviceId), 1);

    await store.inbox.told(deviceId, [announced]);

    assertEquals(await countOf(store, deviceId), 2);
    const { placeholder: _, ...content } = announced;
    await store.inbox.journal([{ ...content, quiet: true }]);
    assertEquals(await countOf(store, deviceId), 1);
  });

  test("count each of many chats for itself, and of no chat more than are looked at", async (store) => {
    const deviceId = await withMessages(store, MOST_UNREAD + 3);
    const other = await withMessages(store, 2);
    const chats = Array.from({ length: 5 }, (_, n) => `${n}@g.us`);
    for (const [n, chat] of chats.entries()) {
      await store.inbox.journal(Array.from({ length: n }, () => anInboxMessage(deviceId, { chat })));
    }

    const found = await store.chatReads.unread(deviceId, [CHAT, ...chats]);

    assertEquals([...found].map(([, { count }]) => count), [MOST_UNREAD, 0, 1, 2, 3, 4]);
    assertEquals([...found.keys()], [CHAT, ...chats]);
    assertEquals(await countOf(store, other), 2);
    assertEquals(await store.chatReads.unread(deviceId, []), new Map());
  });

  test("remember that a chat was marked as unread until something of it is read", async (store) => {
    const deviceId = await withMessages(store, 2);
    const unread = async () => (await store.chatReads.unread(deviceId, [CHAT])).get(CHAT);
    await store.chatReads.note(deviceId, [read("m2")]);

    await store.chatReads.note(deviceId, [{ what: "unread", chat: CHAT }]);
    assertEquals(await unread(), { count: 0, marked: true });
    await store.chatReads.note(deviceId, [read("m2")]);

    assertEquals(await unread(), { count: 0, marked: false });
  });

  test("find messages under the other address of a person, and go with the chat to it", async (store) => {
    const deviceId = await withMessages(store, 3, { chat: LID });

    await store.chatReads.note(deviceId, [{ ...read("m1"), chat: CHAT, lid: LID } as ChatRead]);
    await store.chatReads.note(deviceId, [{ what: "messages", chat: LID, messageIds: ["m2"] }]);
    await store.inbox.refile(deviceId, LID, CHAT);

    assertEquals(await countOf(store, deviceId), 1);
    assertEquals(await countOf(store, deviceId, LID), 0);
  });

  test("go with their device, and when the messages are gone that they are about", async (store) => {
    const deviceId = await withMessages(store, 2);
    await store.chatReads.note(deviceId, [read("m1")]);

    assertEquals(await store.chatReads.prune(T0, 9), 0);
    assertEquals(await store.chatReads.prune(T0 + 1, 9), 1);
    assertEquals(await countOf(store, deviceId), 2);
    await store.chatReads.note(deviceId, [read("m1")]);
    await store.devices.remove(deviceId);

    assertEquals(await store.chatReads.prune(T0 + 1, 9), 0);
    await store.chatReads.note(deviceId, [{ what: "until", chat: CHAT, at: T0 }]);
    assertEquals(await countOf(store, deviceId), 0);
  });
}
