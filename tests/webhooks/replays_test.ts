import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, StoreUnavailableError } from "../../src/errors.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import type { Replay } from "../../src/store/replays.ts";
import { createReplays } from "../../src/webhooks/replays.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { temporaryStore } from "../support/temporary_store.ts";
import { aText, runEngine, type RunningEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

const TENANT = { tenantId: DEFAULT_TENANT };

/** Publishes texts `1` to `count` and waits until they were taken. */
async function deliver(running: RunningEngine, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await running.engine.publish(aText(String(n)));
  await until(
    async () => await running.store.deliveries.count({ status: "success" }, 9_999) === count,
    "deliveries",
  );
}

function textsOf(receiver: Receiver, from: number): readonly string[] {
  return receiver.requests.slice(from).map(({ json }) => json.data.text);
}

function ended(running: RunningEngine, { id }: Replay): Promise<Replay> {
  return until(async () => {
    const replay = await running.engine.replays.find(DEFAULT_TENANT, id);
    return replay.status !== "running" && replay;
  }, "the replay's end");
}

Deno.test("replay sends what a filter finds, oldest first, and says how far it came", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  const webhook = await running.subscribe({ url: receiver.url, ordering: "device" });
  await deliver(running, 3);

  const begun = await running.engine.replays.begin(DEFAULT_TENANT, {
    webhookIds: [webhook.id],
    status: "success",
  });

  const replay = await ended(running, begun);
  await receiver.waitFor(6);
  assertEquals(textsOf(receiver, 3), ["1", "2", "3"]);
  assertEquals([begun.status, begun.total], ["running", 3]);
  assertEquals([replay.status, replay.looked, replay.replayed, replay.total], ["done", 3, 3, 3]);
  assertEquals((await running.engine.replays.list(DEFAULT_TENANT)).map(({ id }) => id), [begun.id]);
  await receiver.stop();
});

Deno.test("replay ends with what was stored when it began, also where its filter names no end or a later one", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  await running.subscribe({ url: receiver.url });
  await deliver(running, 1);

  const ends = [];
  for (const until of [undefined, Date.now() + 60_000, 1]) {
    const { id, startedAt } = await running.engine.replays.begin(DEFAULT_TENANT, {
      status: "success",
      until,
    });
    const { filter } = await running.engine.replays.find(DEFAULT_TENANT, id);
    ends.push(filter.until === startedAt ? "its start" : filter.until);
  }

  assertEquals(ends, ["its start", "its start", 1]);
  await receiver.stop();
});

Deno.test("replay that was cut off goes on after a restart where it was", async () => {
  await using running = await runEngine({ started: false });
  const receiver = await startReceiver();
  await running.subscribe({ url: receiver.url });
  await running.engine.start();
  await deliver(running, 3);
  const [newest, second] = await running.store.deliveries.list({}, { limit: 2 });
  const left: Replay = {
    id: "rpl_left",
    tenantId: DEFAULT_TENANT,
    status: "running",
    filter: { ...TENANT, until: Date.now() },
    total: 3,
    looked: 2,
    replayed: 2,
    after: second.number,
    startedAt: Date.now(),
    finishedAt: null,
  };
  await running.store.replays.create(left);

  running.engine.replays.start();

  const replay = await ended(running, left);
  await receiver.waitFor(4);
  assertEquals([replay.status, replay.looked, replay.replayed], ["done", 3, 3]);
  assertEquals(replay.after, newest.number);
  assertEquals(textsOf(receiver, 3), ["3"]);
  await receiver.stop();
});

Deno.test("replay is stopped by its owner, and by nobody else", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  await running.subscribe({ url: receiver.url });
  await deliver(running, 120);
  const begun = await running.engine.replays.begin(DEFAULT_TENANT, { status: "success" });

  await assertRejects(() => running.engine.replays.end("tenant_other", begun.id), NotFoundError);
  const stopped = await running.engine.replays.end(DEFAULT_TENANT, begun.id);

  assertEquals(stopped.status, "stopped");
  assertEquals((await ended(running, begun)).status, "stopped");
  await receiver.stop();
});

Deno.test("dry run says what a replay would send, and what would stay", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  const ordered = await running.subscribe({ url: receiver.url, ordering: "chat" });
  const gone = await running.subscribe({ url: receiver.url });
  for (const [text, from] of [["1", "628111"], ["2", "628222"], ["3", "628111"]]) {
    await running.engine.publish(aText(text, from));
  }
  await until(
    async () => await running.store.deliveries.count({ status: "success" }, 99) === 6,
    "deliveries",
  );
  await running.change(gone, { status: "disabled" });

  const all = await running.engine.replays.dryRun(TENANT);
  const one = await running.engine.replays.dryRun({ ...TENANT, webhookIds: [ordered.id] });

  assertEquals([all.count, all.lookedAt, all.skipped, all.inOrder], [
    6,
    6,
    { pending: 0, disabled: 3 },
    false,
  ]);
  assertEquals(all.byEvent, [{ event: "message.received", count: 6 }]);
  assertEquals(all.byWebhook.map(({ count }) => count), [3, 3]);
  assertEquals([one.count, one.chats, one.inOrder], [3, 2, true]);
  assertEquals(one.samples.length, 3);
  assertEquals(one.firstAt, one.samples[0].createdAt);
  assertEquals(receiver.requests.length, 6);
  await receiver.stop();
});

Deno.test("replay goes on when the store was away for a moment", async () => {
  await using kept = await temporaryStore();
  const clock = createManualClock();
  let asked = 0;
  const replays = createReplays({
    deliveries: {
      count: () => Promise.resolve(0),
      list: () =>
        ++asked === 1
          ? Promise.reject(new StoreUnavailableError("Cannot use the store: it is away"))
          : Promise.resolve([]),
      revive: () => Promise.resolve([]),
    },
    replays: kept.store.replays,
    webhookOf: () => undefined,
    poke: () => {},
    isSuspended: () => false,
    places: { run: (_, work) => work() },
    clock,
  });
  replays.start();

  const { id } = await replays.begin(DEFAULT_TENANT, {});
  await clock.until(async () => (await replays.find(DEFAULT_TENANT, id)).status !== "running", "its end");

  assertEquals([(await replays.find(DEFAULT_TENANT, id)).status, asked], ["done", 2]);
  await replays.stop();
});
