import { assertEquals } from "@std/assert";
import type { InboxMessage } from "../../../src/store/inbox.ts";
import type { IndexedText } from "../../../src/store/message_texts.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice, anInboxMessage, T0 } from "./samples.ts";

export function messageTextsContract(name: string, open: Open): void {
  const test = testing(`${name} message texts`, open);

  async function aStoredDevice({ devices }: Store): Promise<string> {
    const device = aDevice();
    await devices.create(device);
    return device.id;
  }

  /** Keeps messages, and puts their words into the index: each says its own id's words. */
  async function say(
    store: Store,
    messages: readonly InboxMessage[],
    texts: readonly string[],
  ): Promise<void> {
    await store.inbox.keep(messages);
    const unread = await store.messageTexts.unread(100);
    await store.messageTexts.put(unread.map(({ number, message }): IndexedText => {
      const said = messages.findIndex(({ messageId }) => messageId === message.messageId);
      return { number, deviceId: message.deviceId, words: texts[said], author: null };
    }));
  }

  const idsOf = async (found: ReturnType<Store["messageTexts"]["find"]>) =>
    (await found).map(({ message }) => message.messageId);

  test("finds messages by the beginnings of all words, the one that came last first", async (store) => {
    const deviceId = await aStoredDevice(store);
    const messages = ["a", "b", "c"].map((messageId) => anInboxMessage(deviceId, { messageId }));
    await say(store, messages, ["invoice for november", "november rain", "the november invoices"]);
    const find = (words: readonly string[]) => idsOf(store.messageTexts.find(deviceId, words, { limit: 9 }));

    assertEquals(await find(["invoice", "nov"]), ["c", "a"]);
    assertEquals(await find(["rain"]), ["b"]);
    assertEquals(await find(["voice"]), []);
  });

  test("finds in one device only, in one chat where one is asked for, and page by page", async (store) => {
    const [deviceId, other] = [await aStoredDevice(store), await aStoredDevice(store)];
    const messages = [
      anInboxMessage(deviceId, { messageId: "a", chat: "1@g.us" }),
      anInboxMessage(deviceId, { messageId: "b", chat: "2@g.us" }),
      anInboxMessage(deviceId, { messageId: "c", chat: "1@g.us" }),
      anInboxMessage(other, { messageId: "d", chat: "1@g.us" }),
    ];
    await say(store, messages, ["halo", "halo", "halo", "halo"]);
    const { messageTexts } = store;

    const [first] = await messageTexts.find(deviceId, ["halo"], { limit: 1 });
    const rest = messageTexts.find(deviceId, ["halo"], { limit: 9, before: first.number });

    assertEquals(first.message.messageId, "c");
    assertEquals(await idsOf(rest), ["b", "a"]);
    assertEquals(await idsOf(messageTexts.find(deviceId, ["halo"], { limit: 9, chat: "1@g.us" })), [
      "c",
      "a",
    ]);
    assertEquals(await idsOf(messageTexts.find(other, ["halo"], { limit: 9 })), ["d"]);
  });

  test("gives what is not indexed: new messages, then older ones from the newest on", async (store) => {
    const deviceId = await aStoredDevice(store);
    const ids = ["a", "b", "c", "d"];
    await store.inbox.keep(ids.map((messageId) => anInboxMessage(deviceId, { messageId })));
    const next = async (limit: number) => {
      const unread = await store.messageTexts.unread(limit);
      await store.messageTexts.put(
        unread.map(({ number }) => ({ number, deviceId, words: "", author: null })),
      );
      return unread.map(({ message }) => message.messageId);
    };

    const newest = await next(2);
    await store.inbox.keep([anInboxMessage(deviceId, { messageId: "e" })]);

    assertEquals(newest, ["d", "c"]);
    assertEquals(await next(2), ["e", "b"]);
    assertEquals(await next(9), ["a"]);
    assertEquals(await next(9), []);
  });

  test("gives a message again whose content came late, and finds it by that only", async (store) => {
    const deviceId = await aStoredDevice(store);
    const placeholder = anInboxMessage(deviceId, { messageId: "late", placeholder: true });
    await store.inbox.journal([placeholder]);
    const put = async (words: string) =>
      await store.messageTexts.put(
        (await store.messageTexts.unread(9)).map(({ number }) => ({ number, deviceId, words, author: null })),
      );
    await put("waiting");

    const { placeholder: _, ...content } = placeholder;
    await store.inbox.journal([{ ...content, payload: new Uint8Array([7]) }]);
    const again = await idsOf(store.messageTexts.unread(9));
    await put("arrived");

    assertEquals(again, ["late"]);
    assertEquals(await idsOf(store.messageTexts.find(deviceId, ["arrived"], { limit: 9 })), ["late"]);
    assertEquals(await idsOf(store.messageTexts.find(deviceId, ["waiting"], { limit: 9 })), []);
  });

  test("forgets what the inbox forgets, and leaves out what is gone when it comes", async (store) => {
    const deviceId = await aStoredDevice(store);
    const [old, kept] = [T0 - 10, T0].map((sentAt) => anInboxMessage(deviceId, { sentAt }));
    await say(store, [old, kept], ["halo", "halo"]);

    await store.inbox.prune(T0, 9);
    await store.messageTexts.put([{ number: 999_999, deviceId, words: "halo", author: null }]);

    assertEquals(await idsOf(store.messageTexts.find(deviceId, ["halo"], { limit: 9 })), [kept.messageId]);
    assertEquals(await store.messageTexts.unread(9), []);
  });

  test("knows people by the newest name that their messages carried", async (store) => {
    const [deviceId, other] = [await aStoredDevice(store), await aStoredDevice(store)];
    const said = (number: number, person: string, name: string, of = deviceId): IndexedText => ({
      number,
      deviceId: of,
      words: "",
      author: { person, name },
    });
    const rows = Array.from({ length: 5 }, () => anInboxMessage(deviceId));
    await store.inbox.keep(rows);
    const numbers = (await store.messageTexts.unread(9)).map(({ number }) => number).toSorted((a, b) =>
      a - b
    );
    await store.messageTexts.put([
      said(numbers[1], "1@lid", "Budi Baru"),
      said(numbers[0], "1@lid", "Budi"),
      said(numbers[2], "2@lid", "budiman"),
      said(numbers[3], "3@lid", "100%_Siti"),
      said(numbers[4], "4@lid", "Budi", other),
    ]);
    await store.messageTexts.put([said(numbers[0], "1@lid", "An older name")]);
    const named = async (text: string, of = deviceId) =>
      (await store.messageTexts.named(of, text, 9)).map(({ name }) => name);

    assertEquals(await named("budi"), ["Budi Baru", "budiman"]);
    assertEquals(await named("budi", other), ["Budi"]);
    assertEquals(await named("0%_s"), ["100%_Siti"]);
    assertEquals(await named("%"), ["100%_Siti"]);
    assertEquals(await named("older"), []);
  });
}
