import { assertEquals, assertRejects } from "@std/assert";
import { BusyError, RefusedError } from "../../src/errors.ts";
import { createHistoryAsking } from "../../src/history/requests.ts";
import type { HistoryQuestion, HistoryRequest } from "../../src/store/history_requests.ts";
import type { InboxMessage } from "../../src/store/inbox.ts";
import type { Store } from "../../src/store/store.ts";
import { aDevice, anInboxMessage } from "../store/contracts/samples.ts";
import { createManualClock, type ManualClock } from "../support/manual_clock.ts";
import { temporaryStore } from "../support/temporary_store.ts";

const CHAT = "6281200000001@s.whatsapp.net";
const OTHER = "6281200000002@s.whatsapp.net";
const MINUTE = 60_000;
const ONE: HistoryQuestion = { chat: CHAT, before: null, count: 50, since: null };

/** What a phone has of a chat: as many messages, one a minute, the newest of them `NEWEST` old. */
interface Phone {
  readonly has: Readonly<Record<string, number>>;
  isOff?: boolean;
  readonly asked: { readonly chat: string; readonly before: string; readonly count: number }[];
}

interface World {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly phone: Phone;
  readonly device: ReturnType<typeof aDevice>;
  readonly asking: ReturnType<typeof createHistoryAsking>;
  connected: boolean;
  /** A gateway that starts on the same store. */
  again(): ReturnType<typeof createHistoryAsking>;
  answer(askedId: string): Promise<void>;
  ended(request: Pick<HistoryRequest, "id">): Promise<HistoryRequest>;
}

const idOf = (chat: string, n: number) => `${chat.slice(0, 13)}-${n}`;

function test(name: string, has: Phone["has"], body: (world: World) => Promise<void>): void {
  Deno.test(name, async () => {
    const clock = createManualClock();
    await using temporary = await temporaryStore(clock.now);
    const { store } = temporary;
    const device = aDevice({ status: "connected" });
    await store.devices.create(device);
    const phone: Phone = { has, asked: [] };
    const message = (chat: string, n: number): InboxMessage =>
      anInboxMessage(device.id, { chat, messageId: idOf(chat, n), sentAt: clock.now() - n * MINUTE });
    /** Message 0 of each chat is the one that is known. */
    const known = new Map(Object.keys(has).map((chat) => [chat, message(chat, 0)]));
    await store.inbox.keep([...known.values()]);
    const startedAt = clock.now();
    const answers = new Map<string, () => Promise<void>>();
    let count = 0;
    const world: { connected: boolean } = { connected: true };
    const all: ReturnType<typeof createHistoryAsking>[] = [];
    const make = () => {
      const asking = createHistoryAsking({
        requests: store.historyRequests,
        inbox: store.inbox,
        readInbox: () => Promise.resolve([]),
        devices: store.devices,
        sessionOf: () =>
          world.connected
            ? {
              askHistory(chat, before, most) {
                phone.asked.push({ chat, before, count: most });
                const requestId = `ask-${++count}`;
                answers.set(requestId, async () => {
                  const from = Number(before.split("-")[1]);
                  const numbers = Array.from({ length: most }, (_, at) => from + at + 1).filter((n) =>
                    n <= has[chat]
                  );
                  const rows = numbers.map((n) => ({ ...message(chat, n), sentAt: startedAt - n * MINUTE }));
                  const added = await store.history.file(rows, { at: clock.now(), tell: false });
                  const last = rows.at(-1);
                  await asking.answered(device.id, {
                    requestId,
                    messages: rows.length,
                    added,
                    oldest: last === undefined ? null : { messageId: last.messageId, sentAt: last.sentAt },
                    isComplete: rows.length === 0,
                  });
                });
                if (!phone.isOff) clock.after(10, () => void answers.get(requestId)!());
                return Promise.resolve(requestId);
              },
            }
            : undefined,
        tellHolder(id) {
          asking.look(id);
          return Promise.resolve();
        },
        clock,
      });
      all.push(asking);
      return asking;
    };
    const asking = make();
    try {
      await body(Object.assign(world, {
        store,
        clock,
        phone,
        device,
        asking,
        again: make,
        answer: (askedId: string) => answers.get(askedId)!(),
        async ended({ id }: Pick<HistoryRequest, "id">) {
          let found: HistoryRequest | undefined;
          await clock.until(async () => {
            found = await store.historyRequests.get(device.id, id);
            return found?.finishedAt !== null;
          }, "the end");
          return found!;
        },
      }));
    } finally {
      await Promise.all(all.map((one) => one.stop()));
    }
  });
}

test("request brings as many messages as were asked for, in pages", { [CHAT]: 500 }, async (world) => {
  const request = await world.asking.ask(world.device, { ...ONE, count: 120 });

  const ended = await world.ended(request);

  assertEquals([ended.status, ended.pages, ended.messages, ended.added], ["done", 3, 120, 120]);
  assertEquals(world.phone.asked.map(({ before, count }) => [before, count]), [
    [idOf(CHAT, 0), 50],
    [idOf(CHAT, 50), 50],
    [idOf(CHAT, 100), 20],
  ]);
});

test("request goes on until a time is reached", { [CHAT]: 500 }, async (world) => {
  const since = world.clock.now() - 130 * MINUTE;

  const ended = await world.ended(await world.asking.ask(world.device, { ...ONE, count: null, since }));

  assertEquals([ended.status, ended.pages, ended.messages], ["done", 3, 150]);
});

test("request ends when the phone has nothing more", { [CHAT]: 60 }, async (world) => {
  const ended = await world.ended(await world.asking.ask(world.device, { ...ONE, count: null, since: 1 }));

  assertEquals([ended.status, ended.messages, ended.exhausted], ["exhausted", 60, 1]);
});

test("request begins at a time that is asked for", { [CHAT]: 500 }, async (world) => {
  const before = world.clock.now() - 100 * MINUTE;
  await world.ended(await world.asking.ask(world.device, { ...ONE, count: 150 }));
  world.phone.asked.length = 0;

  await world.ended(await world.asking.ask(world.device, { ...ONE, before }));

  assertEquals(world.phone.asked.map((one) => one.before), [idOf(CHAT, 100)]);
});

test("request for all chats asks one after the other", { [CHAT]: 3, [OTHER]: 3 }, async (world) => {
  const ended = await world.ended(await world.asking.ask(world.device, { ...ONE, chat: null, count: 2 }));

  assertEquals([ended.status, ended.chats.length, ended.messages], ["done", 2, 4]);
  assertEquals(new Set(world.phone.asked.map(({ chat }) => chat)), new Set([CHAT, OTHER]));
});

test(
  "phone that does not answer is silent, and taken at its word when it does after all",
  { [CHAT]: 70 },
  async (world) => {
    world.phone.isOff = true;
    const request = await world.asking.ask(world.device, { ...ONE, count: 60 });
    const silent = await world.ended(request);
    world.phone.isOff = false;

    await world.answer("ask-1");
    const { status } = await world.store.historyRequests.get(world.device.id, request.id) ?? {};
    const ended = await world.ended(request);

    assertEquals([silent.status, silent.messages, status], ["silent", 0, "answering"]);
    assertEquals([ended.status, ended.messages], ["done", 60]);
  },
);

test("phone that answers for no chat is not asked for all of them", {
  [CHAT]: 3,
  [OTHER]: 3,
  "6281200000003@s.whatsapp.net": 3,
}, async (world) => {
  world.phone.isOff = true;

  const ended = await world.ended(await world.asking.ask(world.device, { ...ONE, chat: null }));

  assertEquals([ended.status, ended.unanswered, world.phone.asked.length], ["silent", 2, 2]);
});

test("request that repeats one under way is that one", { [CHAT]: 3 }, async (world) => {
  const [one, same, other] = [
    await world.asking.ask(world.device, ONE),
    await world.asking.ask(world.device, ONE),
    await world.asking.ask(world.device, { ...ONE, count: 2 }),
  ];

  assertEquals([same.id === one.id, other.id === one.id], [true, false]);
  await world.ended(other);
  assertEquals((await world.store.historyRequests.list(world.device.id, 9)).length, 2);
});

test(
  "request waits for the device to be connected, and for its answer over a restart",
  { [CHAT]: 70 },
  async (world) => {
    world.connected = false;
    const request = await world.asking.ask(world.device, { ...ONE, count: 60 });
    await world.asking.stop();
    world.connected = true;
    world.phone.isOff = true;
    const second = world.again();
    second.look(world.device.id);
    await world.clock.until(() => world.phone.asked.length === 1, "the question");
    await world.clock.until(
      async () => (await world.store.historyRequests.get(world.device.id, request.id))?.askedId === "ask-1",
      "the note of it",
    );
    await second.stop();

    const third = world.again();
    third.look(world.device.id);
    world.phone.isOff = false;
    await world.answer("ask-1");
    const ended = await world.ended(request);

    assertEquals([ended.status, ended.pages, ended.messages], ["done", 2, 60]);
    assertEquals(world.phone.asked.length, 2);
  },
);

test("request of a device that is not connected for a day is given up", { [CHAT]: 3 }, async (world) => {
  world.connected = false;
  const request = await world.asking.ask(world.device, ONE);
  await world.clock.advance(25 * 60 * MINUTE);

  world.asking.look(world.device.id);
  const ended = await world.ended(request);

  assertEquals([ended.status, ended.error?.startsWith("It was given up after a day")], ["failed", true]);
});

test("chat of which nothing is known is refused", { [CHAT]: 3 }, async (world) => {
  const refused = await assertRejects(
    () => world.asking.ask(world.device, { ...ONE, chat: OTHER }),
    RefusedError,
  );

  assertEquals([refused.code, refused.details?.field], ["NO_MESSAGE_KNOWN", "chat"]);
});

test("device has a bounded number of requests under way", { [CHAT]: 3 }, async (world) => {
  world.connected = false;
  for (let count = 1; count <= 20; count++) await world.asking.ask(world.device, { ...ONE, count });

  await assertRejects(() => world.asking.ask(world.device, { ...ONE, count: 21 }), BusyError);
  await world.asking.ask(world.device, { ...ONE, count: 20 });
});

test(
  "request that is cancelled asks for no more, and the next one has its turn",
  { [CHAT]: 500, [OTHER]: 9 },
  async (world) => {
    const { asking, device, phone, store, clock } = world;
    phone.isOff = true;
    const request = await asking.ask(device, { ...ONE, count: 120 });
    await clock.until(() => phone.asked.length === 1, "the first page is asked for");

    const cancelled = await asking.cancel(device.id, request.id);
    phone.isOff = false;
    await world.answer("ask-1");
    const next = await world.ended(await asking.ask(device, { ...ONE, chat: OTHER, count: 5 }));

    assertEquals([cancelled?.status, cancelled?.finishedAt !== null], ["cancelled", true]);
    assertEquals((await store.historyRequests.get(device.id, request.id))?.status, "cancelled");
    assertEquals([next.status, phone.asked.map(({ chat }) => chat)], ["done", [CHAT, OTHER]]);
    assertEquals((await store.inbox.history(device.id, CHAT, { limit: 100 })).length, 51);
  },
);

test(
  "request that has ended is not cancelled, and one that is cancelled stays so",
  { [CHAT]: 9 },
  async (world) => {
    const { asking, device, phone } = world;
    const done = await world.ended(await asking.ask(device, { ...ONE, count: 5 }));
    phone.isOff = true;
    const silent = await world.ended(await asking.ask(device, ONE));

    const error = await assertRejects(() => asking.cancel(device.id, done.id), RefusedError);
    const first = await asking.cancel(device.id, silent.id);
    const again = await asking.cancel(device.id, silent.id);

    assertEquals(error.code, "HISTORY_REQUEST_FINISHED");
    assertEquals([silent.status, first?.status, again], ["silent", "cancelled", first]);
    assertEquals(await asking.cancel(device.id, "hist_none"), undefined);
  },
);
