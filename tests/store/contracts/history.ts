import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../../src/errors.ts";
import type { HistoryPage } from "../../../src/store/history.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice, anInboxMessage, T0 } from "./samples.ts";

const AT = T0 + 1_000;

export function historyContract(name: string, open: Open): void {
  const test = testing(`${name} history`, open);

  async function aStoredDevice({ devices }: Store): Promise<string> {
    const device = aDevice();
    await devices.create(device);
    return device.id;
  }

  const aPage = (deviceId: string, messageId: string): HistoryPage => ({
    deviceId,
    messageId,
    payload: Uint8Array.of(1, 2, 3),
    cameAt: T0,
  });

  test("gives pages back in the order in which they came, each once", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [b, a] = ["b", "a"].map((id) => aPage(deviceId, id));

    await store.history.addPages([b]);
    await store.history.addPages([a, b]);

    assertEquals(await store.history.pages(deviceId, 9), [b, a]);
    assertEquals(await store.history.pages(deviceId, 1), [b]);
    assertEquals(await store.history.pages(await aStoredDevice(store), 9), []);
  });

  test("has a page no more that is taken in", async (store) => {
    const deviceId = await aStoredDevice(store);
    await store.history.addPages([aPage(deviceId, "a"), aPage(deviceId, "b")]);

    await store.history.removePage(deviceId, "a");

    assertEquals((await store.history.pages(deviceId, 9)).map(({ messageId }) => messageId), ["b"]);
  });

  test("takes nothing of a device that is gone, and forgets its pages with it", async (store) => {
    const deviceId = await aStoredDevice(store);
    await store.history.addPages([aPage(deviceId, "a")]);

    await store.devices.remove(deviceId);

    assertEquals(await store.history.pages(deviceId, 9), []);
    await assertRejects(() => store.history.addPages([aPage("device_gone", "a")]), NotFoundError);
    const filing = { at: AT, tell: true };
    await assertRejects(() => store.history.file([anInboxMessage("device_gone")], filing), NotFoundError);
  });

  test("files messages in the inbox, and says how many were not known", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [known, unknown] = [anInboxMessage(deviceId), anInboxMessage(deviceId)];
    await store.inbox.journal([known]);

    const added = await store.history.file([{ ...known, payload: Uint8Array.of(9) }, unknown, unknown], {
      at: AT,
      tell: false,
    });

    assertEquals(added, 1);
    assertEquals(await store.inbox.get(deviceId, known.messageId), known);
    assertEquals(await store.inbox.get(deviceId, unknown.messageId), { ...unknown, fetched: true });
    assertEquals(await store.history.untold(deviceId, 9), []);
    assertEquals((await store.inbox.unpublished(deviceId, 9)).length, 1);
  });

  test("puts content in the place of a placeholder", async (store) => {
    const deviceId = await aStoredDevice(store);
    const placeholder = anInboxMessage(deviceId, { placeholder: true });
    await store.inbox.journal([placeholder]);
    const { placeholder: _, ...content } = { ...placeholder, payload: Uint8Array.of(7) };

    assertEquals(await store.history.file([content], { at: AT, tell: true }), 1);

    const [untold] = await store.history.untold(deviceId, 9);
    assertEquals([untold.placeholder, untold.payload], [undefined, Uint8Array.of(7)]);
    assertEquals(await store.inbox.awaited(deviceId, 9), []);
  });

  test("lists what is still to be told chat by chat, the oldest first", async (store) => {
    const deviceId = await aStoredDevice(store);
    const message = (chat: string, sentAt: number) =>
      anInboxMessage(deviceId, { chat, sentAt, messageId: `${chat[0]}${sentAt}` });
    const rows = [message("b@s", 3), message("a@s", 2), message("b@s", 1), message("a@s", 1)];

    await store.history.file(rows, { at: AT, tell: true });
    const ids = async (limit: number) =>
      (await store.history.untold(deviceId, limit)).map(({ messageId }) => messageId);

    assertEquals(await ids(9), ["a1", "a2", "b1", "b3"]);
    await store.history.told(deviceId, [rows[3], rows[1]]);
    assertEquals(await ids(1), ["b1"]);
    assertEquals(await store.inbox.unpublished(deviceId, 9), []);
  });

  test("lets a message that comes by itself after all be told as live", async (store) => {
    const message = anInboxMessage(await aStoredDevice(store));
    await store.history.file([message], { at: AT, tell: true });

    await store.inbox.journal([{ ...message, payload: Uint8Array.of(5) }]);

    assertEquals(await store.history.untold(message.deviceId, 9), []);
    assertEquals(await store.inbox.unpublished(message.deviceId, 9), [{
      ...message,
      payload: Uint8Array.of(5),
    }]);
  });

  test("keeps old messages as long as if they had just come, and untold ones until they are told", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [live, told, untold] = [1, 2, 3].map((sentAt) => anInboxMessage(deviceId, { sentAt }));
    await store.inbox.keep([live]);
    await store.history.file([told], { at: AT, tell: false });
    await store.history.file([untold], { at: AT, tell: true });
    const left = async () =>
      (await store.inbox.oldest(deviceId, live.chat, { limit: 9 })).map(({ sentAt }) => sentAt);

    assertEquals(await store.inbox.prune(AT, 9), 1);
    assertEquals(await left(), [2, 3]);
    assertEquals(await store.inbox.prune(AT + 1, 9), 1);
    assertEquals(await left(), [3]);
  });
}
