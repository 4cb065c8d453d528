import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../../src/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice, anInboxMessage, T0 } from "./samples.ts";

export function inboxContract(name: string, open: Open): void {
  const test = testing(`${name} inbox`, open);

  async function aStoredDevice({ devices }: Store): Promise<string> {
    const device = aDevice();
    await devices.create(device);
    return device.id;
  }

  test("gives back what was journaled, bytes and all", async (store) => {
    const message = anInboxMessage(await aStoredDevice(store));

    await store.inbox.journal([message]);

    const found = await store.inbox.get(message.deviceId, message.messageId);
    assertEquals(found, message);
    assertEquals(await store.inbox.get(message.deviceId, "other"), undefined);
  });

  test("keeps own messages with no sender", async (store) => {
    const message = anInboxMessage(await aStoredDevice(store), { sender: null, fromMe: true });

    await store.inbox.keep([message]);

    assertEquals(await store.inbox.get(message.deviceId, message.messageId), message);
  });

  test("tells messages with the same id in two chats apart", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [a, b] = ["a@g.us", "b@g.us"].map((chat) => anInboxMessage(deviceId, { messageId: "m", chat }));

    await store.inbox.journal([a]);
    await store.inbox.journal([b]);

    assertEquals(await store.inbox.get(deviceId, "m", "a@g.us"), a);
    assertEquals(await store.inbox.get(deviceId, "m", "b@g.us"), b);
    assertEquals(await store.inbox.get(deviceId, "m", "c@g.us"), undefined);
  });

  test("takes a message twice as one, the first", async (store) => {
    const message = anInboxMessage(await aStoredDevice(store));
    await store.inbox.journal([message]);

    await store.inbox.journal([{ ...message, payload: new Uint8Array([9]) }]);
    await store.inbox.keep([{ ...message, payload: new Uint8Array([8]) }]);

    assertEquals(await store.inbox.unpublished(message.deviceId, 9), [message]);
  });

  test("lists what was never published, oldest first", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [a, b, c] = [T0, T0 - 50, T0 + 1].map((sentAt) => anInboxMessage(deviceId, { sentAt }));
    for (const message of [a, b, c]) await store.inbox.journal([message]);
    await store.inbox.keep([anInboxMessage(deviceId)]);

    await store.inbox.published(deviceId, [a]);

    assertEquals(await store.inbox.unpublished(deviceId, 9), [b, c]);
    assertEquals(await store.inbox.unpublished(deviceId, 1), [b]);
    assertEquals(await store.inbox.unpublished(await aStoredDevice(store), 9), []);
  });

  test("stays published when a message is journaled again", async (store) => {
    const message = anInboxMessage(await aStoredDevice(store));
    await store.inbox.journal([message]);
    await store.inbox.published(message.deviceId, [message]);

    await store.inbox.journal([message]);

    assertEquals(await store.inbox.unpublished(message.deviceId, 9), []);
  });

  test("tells a chat's history newest first, page by page", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [a, b, c] = [1, 2, 3].map((n) => anInboxMessage(deviceId, { sentAt: T0 + n }));
    await store.inbox.keep([b, c, a, anInboxMessage(deviceId, { chat: "other@g.us" })]);

    assertEquals(await store.inbox.history(deviceId, a.chat, { limit: 2 }), [c, b]);
    assertEquals(await store.inbox.history(deviceId, a.chat, { limit: 2, before: b.sentAt }), [a]);
  });

  test("tells a history with more messages of one time than a page holds, each once", async (store) => {
    const deviceId = await aStoredDevice(store);
    const messages = ["1", "2", "3", "4", "5"].map((messageId) => anInboxMessage(deviceId, { messageId }));
    await store.inbox.keep(messages);
    const { chat } = messages[0];

    const first = await store.inbox.history(deviceId, chat, { limit: 2 });
    const second = await store.inbox.history(deviceId, chat, { limit: 2, before: first[1] });
    const third = await store.inbox.history(deviceId, chat, { limit: 2, before: second[1] });

    const ids = [first, second, third].map((page) => page.map(({ messageId }) => messageId));
    assertEquals(ids, [["5", "4"], ["3", "2"], ["1"]]);
  });

  test("keeps a placeholder until its content comes, which is to be published", async (store) => {
    const content = anInboxMessage(await aStoredDevice(store));
    const { deviceId } = content;
    const placeholder = { ...content, payload: new Uint8Array([9]), placeholder: true as const };

    await store.inbox.journal([placeholder]);
    await store.inbox.journal([placeholder]);
    assertEquals(await store.inbox.awaited(deviceId, 9), [placeholder]);
    assertEquals(await store.inbox.unpublished(deviceId, 9), []);
    await store.inbox.published(deviceId, [placeholder]);
    await store.inbox.told(deviceId, [placeholder]);
    assertEquals(await store.inbox.awaited(deviceId, 9), []);
    assertEquals(await store.inbox.get(deviceId, content.messageId), placeholder);
    await store.inbox.journal([content]);

    assertEquals(await store.inbox.get(deviceId, content.messageId), content);
    assertEquals(await store.inbox.unpublished(deviceId, 9), [content]);
    await store.inbox.published(deviceId, [content]);
    await store.inbox.journal([placeholder]);
    assertEquals(await store.inbox.get(deviceId, content.messageId), content);
    assertEquals(await store.inbox.awaited(deviceId, 9), []);
  });

  test("gives the oldest of several messages with one id, and all of them", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [a, b] = ["z@g.us", "a@g.us"].map((chat) => anInboxMessage(deviceId, { messageId: "m", chat }));
    await store.inbox.journal([a]);
    await store.inbox.journal([b]);

    assertEquals(await store.inbox.get(deviceId, "m"), a);
    assertEquals(await store.inbox.named(deviceId, "m"), [a, b]);
  });

  test("files a chat under another address, and one message under both as one", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [a, both] = ["a", "both"].map((messageId) =>
      anInboxMessage(deviceId, { messageId, chat: "1@lid" })
    );
    const known = { ...both, chat: "62@s.whatsapp.net" };
    for (const message of [a, both, known]) await store.inbox.journal([message]);

    await store.inbox.refile(deviceId, "1@lid", "62@s.whatsapp.net");

    assertEquals(await store.inbox.history(deviceId, "1@lid", { limit: 9 }), []);
    const moved = await store.inbox.history(deviceId, "62@s.whatsapp.net", { limit: 9 });
    assertEquals(moved.map(({ messageId }) => messageId).toSorted(), ["a", "both"]);
  });

  test("forgets what it is told to", async (store) => {
    const message = anInboxMessage(await aStoredDevice(store));
    await store.inbox.journal([message]);

    await store.inbox.forget(message.deviceId, [message]);

    assertEquals(await store.inbox.get(message.deviceId, message.messageId), undefined);
  });

  test("prunes what is old and published, the oldest first", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [a, b, c, waiting] = [1, 2, 3, 0].map((n) => anInboxMessage(deviceId, { sentAt: T0 + n }));
    await store.inbox.keep([c, b, a]);
    await store.inbox.journal([waiting]);

    const removed = await store.inbox.prune(T0 + 3, 1);

    assertEquals(removed, 1);
    assertEquals(await store.inbox.history(deviceId, a.chat, { limit: 9 }), [c, b, waiting]);
    assertEquals(await store.inbox.prune(T0 + 3, 9), 1);
    assertEquals(await store.inbox.history(deviceId, a.chat, { limit: 9 }), [c, waiting]);
  });

  test("pages through conversations by the last one, whatever moves up meanwhile", async (store) => {
    const deviceId = await aStoredDevice(store);
    const at = { a: T0, b: T0 - 1, c: T0 - 1, d: T0 - 2 };
    await store.inbox.journal(
      Object.entries(at).map(([chat, sentAt]) => anInboxMessage(deviceId, { chat, sentAt, messageId: chat })),
    );

    const first = await store.inbox.chats(deviceId, { limit: 2, offset: 0 });
    await store.inbox.journal([anInboxMessage(deviceId, { chat: "d", sentAt: T0 + 9, messageId: "new" })]);
    const second = await store.inbox.chats(deviceId, { limit: 2, offset: 0, after: first[1] });

    assertEquals(first, [{ chat: "a", lastAt: T0 }, { chat: "b", lastAt: T0 - 1 }]);
    assertEquals(second, [{ chat: "c", lastAt: T0 - 1 }]);
  });

  test("of a device that does not exist takes nothing", async ({ inbox }) => {
    await assertRejects(() => inbox.journal([anInboxMessage("device_x")]), NotFoundError, "device_x");
  });
}
