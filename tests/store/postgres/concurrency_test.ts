// One store, opened by several gateways at once. Each test is a way in which rules for one process went wrong.
import { assert, assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { createPublish } from "../../../src/publish.ts";
import { Connection } from "../../../src/store/postgres/connection.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { followStore } from "../../../src/webhooks/follow_store.ts";
import { createRegistry } from "../../../src/webhooks/registry.ts";
import { temporaryDatabase, testWithPostgres } from "../../support/postgres.ts";
import { aGateway } from "../contracts/gateways.ts";
import {
  aBlast,
  aDevice,
  aDraft,
  aMessage,
  aNewDelivery,
  aTenant,
  aWebhook,
  deliver,
  numbersOf,
  settle,
  T0,
} from "../contracts/samples.ts";
import { clockAt } from "../../support/manual_clock.ts";

const AT = { now: T0, leaseMs: 60_000 };

/** Declares a test that gets a store opened twice. */
function test(name: string, body: (a: Store, b: Store, url: string) => Promise<void>): void {
  testWithPostgres(`two openings of a store ${name}`, async () => {
    await using database = await temporaryDatabase();
    const open = () => openPostgresStore({ url: database.url, now: () => T0 });
    const [a, b] = await Promise.all([open(), open()]);
    try {
      await body(a, b, database.url);
    } finally {
      await Promise.all([a.close(), b.close()]);
    }
  });
}

/** Statements of others that wait for a lock. */
async function waitersOf(connection: Connection): Promise<number> {
  const { rows: [row] } = await connection.send(
    "SELECT count(*) AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  );
  return row.count;
}

const NO_LIMITS = { statementMs: 0, lockMs: 0, idleInTransactionMs: 0 };

/**
 * Stops two works in the middle of each other: the first waits for a lock that `statement` takes, the second
 * begins then and gets as far as it can.
 */
async function inTheMiddle<A, B>(
  url: string,
  statement: string,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  const [blocker, looker] = await Promise.all([
    Connection.open({ url }, NO_LIMITS),
    Connection.open({ url }, NO_LIMITS),
  ]);
  try {
    await blocker.send("BEGIN");
    await blocker.send(statement);
    const one = first();
    while (await waitersOf(looker) < 1);
    let ended = false;
    const two = second().finally(() => ended = true);
    while (!ended && await waitersOf(looker) < 2);
    await blocker.send("ROLLBACK");
    return await Promise.all([one, two]);
  } finally {
    await Promise.all([blocker.close(), looker.close()]);
  }
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

test("leave alone what the other took in hand as it was stored", async (a, b) => {
  const webhook = aWebhook();
  await a.webhooks.create(webhook);
  await Promise.all(times(200, () => deliver(a, webhook.id, T0, { claimed: true })));
  await deliver(a, webhook.id);

  const claimed = await b.deliveries.claimDue(webhook.id, { ...AT, limit: 500 });

  assertEquals(claimed.length, 1);
});

test("take over what a gateway that was removed had in hand, and not before", async (a, b) => {
  const webhook = aWebhook();
  await a.webhooks.create(webhook);
  await a.gateways.join(aGateway("a"));
  await b.gateways.join(aGateway("b"));
  await Promise.all(times(20, () => deliver(a, webhook.id, T0, { claimed: true })));

  const before = await b.deliveries.claimDue(webhook.id, { ...AT, limit: 500 });
  await b.gateways.remove("a");
  const after = await b.deliveries.claimDue(webhook.id, { ...AT, limit: 500 });

  assertEquals([before.length, after.length], [0, 20]);
});

test("keep what each has in hand by clocks that differ by 20 minutes", async (a, b) => {
  const webhook = aWebhook();
  await a.webhooks.create(webhook);
  await a.gateways.join(aGateway("a"));
  await b.gateways.join(aGateway("b"));
  const late = T0 + 20 * 60_000;
  await Promise.all(times(20, () => deliver(a, webhook.id, T0, { claimed: true })));
  await deliver(a, webhook.id);

  const taken = await a.deliveries.claimDue(webhook.id, { ...AT, limit: 10 });
  const claimed = await b.deliveries.claimDue(webhook.id, { ...AT, now: late, limit: 500 });
  const forgotten = await a.deliveries.claimDue(webhook.id, { ...AT, now: late, limit: 500 });

  assertEquals([taken.length, claimed.length, forgotten.length], [1, 0, 21]);
});

test("do one after another what only one may do at a time", async (a, b) => {
  let [inside, most] = [0, 0];
  const work = (store: Store) =>
    store.alone(async () => {
      most = Math.max(most, ++inside);
      await store.settings.set("somebody", "was here");
      inside--;
    });

  await Promise.all(times(5, () => [work(a), work(b)]).flat());

  assertEquals(most, 1);
});

test("see whose transactions are open for long", async (a, _b, url) => {
  const connection = await Connection.open({ url, name: "somebody who looks" }, NO_LIMITS);
  await connection.send("BEGIN");
  await connection.send("SELECT 1");

  const open = await a.longTransactions(0);
  const long = await a.longTransactions(60_000);

  await connection.close();
  assertEquals(open.map(({ program }) => program), ["somebody who looks"]);
  assertEquals(long, []);
});

test("claim each due delivery once, however many claim at the same time", async (a, b) => {
  const webhook = aWebhook();
  await a.webhooks.create(webhook);
  const stored = await Promise.all(times(1_000, () => deliver(a, webhook.id)));

  const claimed: number[] = [];
  const work = async (store: Store) => {
    while (true) {
      const some = await store.deliveries.claimDue(webhook.id, { ...AT, limit: 20 });
      if (some.length === 0) return;
      claimed.push(...numbersOf(some));
    }
  };
  await Promise.all([a, b, a, b].map(work));

  assertEquals(claimed.toSorted((x, y) => x - y), numbersOf(stored).toSorted((x, y) => x - y));
});

test("lose no change of a message that both change at once", async (a, b) => {
  const messages = times(100, () => aMessage());
  await a.messages.createAll(messages);

  await Promise.all(
    messages.flatMap(({ id }) =>
      [a, b].map((store) => store.messages.change(id, ({ attempts }) => ({ attempts: attempts + 1 }), T0))
    ),
  );

  const stored = await Promise.all(messages.map(({ id }) => a.messages.get(id)));
  assertEquals(stored.filter((message) => message?.attempts !== 2).length, 0);
});

test("lose no change of a blast that both change at once", async (a, b) => {
  const blasts = times(50, () => aBlast());
  await Promise.all(blasts.map((blast) => a.blasts.create(blast)));

  await Promise.all(
    blasts.flatMap(({ id }) =>
      [a, b].map((store) => store.blasts.change(id, ({ total }) => ({ total: total + 1 }), T0))
    ),
  );

  const stored = await Promise.all(blasts.map(({ id }) => a.blasts.get(id)));
  assertEquals(stored.filter((blast) => blast?.total !== 2).length, 0);
});

test("let the next delivery of a chat go when its outcome and the next event come at once", async (a, b) => {
  const webhook = aWebhook({ ordering: "chat" });
  await a.webhooks.create(webhook);
  const chats = times(200, (index) => `chat ${index}`);
  const firsts = await Promise.all(chats.map((orderingKey) => deliver(a, webhook.id, T0, { orderingKey })));

  await Promise.all(chats.flatMap((orderingKey, index) => [
    settle(a, firsts[index], "success"),
    deliver(b, webhook.id, T0, { orderingKey }),
  ]));
  const open = await a.deliveries.claimHeads(webhook.id, { ...AT, limit: 500 });

  assertEquals(open.length, chats.length);
});

test(
  "let the next delivery of a chat go when one is cancelled, and one is revived, meanwhile",
  async (a, b) => {
    const webhook = aWebhook({ ordering: "chat" });
    await a.webhooks.create(webhook);
    const chats = times(50, (index) => `chat ${index}`);
    const firsts = await Promise.all(chats.map((orderingKey) => deliver(a, webhook.id, T0, { orderingKey })));
    await Promise.all(firsts.map((delivery) => settle(a, delivery, "failed")));

    await Promise.all([
      a.deliveries.revive(numbersOf(firsts), { now: T0, dueAt: T0 }),
      ...chats.map((orderingKey) => deliver(b, webhook.id, T0, { orderingKey })),
      a.deliveries.cancelPending(webhook.id, T0),
    ]);
    await Promise.all(chats.map((orderingKey) => deliver(b, webhook.id, T0, { orderingKey })));
    const open = await a.deliveries.claimHeads(webhook.id, { ...AT, limit: 500 });

    assertEquals(new Set(open.map(({ orderingKey }) => orderingKey)).size, chats.length);
    assertEquals(open.length, chats.length);
  },
);

test("cancel nothing of a webhook that only the other has heard of", async (a, b) => {
  const webhook = aWebhook();
  await a.webhooks.create(webhook);
  await deliver(a, webhook.id);
  await deliver(a, "wh_gone");

  const cancelled = [
    await b.deliveries.cancelStray(webhook.id, T0),
    await b.deliveries.cancelStray("wh_gone", T0),
  ];

  assertEquals(cancelled, [0, 1]);
  assertEquals((await a.deliveries.backlog()).pending, 1);
});

test("number a tenant's events without gaps, and hide none from a cursor", async (a, b) => {
  const seen: number[] = [];
  const published = Promise.withResolvers<void>();
  let done = false;
  void published.promise.then(() => done = true);
  const follow = async () => {
    for (let after = 0;;) {
      const last = done; // before the look: what was published by then is there to be seen
      const events = await b.events.list({ tenantId: DEFAULT_TENANT, after, limit: 100 });
      seen.push(...events.map(({ tenantSeq }) => tenantSeq));
      after = events.at(-1)?.tenantSeq ?? after;
      if (last && events.length === 0) return;
    }
  };
  const following = follow();

  await Promise.all(
    times(6, async (writer) => {
      for (let i = 0; i < 20; i++) {
        const store = writer % 2 === 0 ? a : b;
        await Promise.all(times(10, () => store.events.append(aDraft(), [], T0)));
      }
    }),
  );
  published.resolve();
  await following;

  assertEquals(seen, times(1_200, (index) => index + 1));
});

test("store one event for a dedupe key that both are told of", async (a, b) => {
  const keys = times(100, (index) => `key ${index}`);

  const results = await Promise.all(
    keys.flatMap((dedupeKey) => [a, b, a].map((store) => store.events.append(aDraft({ dedupeKey }), [], T0))),
  );

  assertEquals(results.filter(({ duplicate }) => !duplicate).length, 100);
  assertEquals((await a.events.range(DEFAULT_TENANT)).newest, 100);
});

test("store one message for an idempotency key that both are asked under", async (a, b) => {
  const keys = times(100, (index) => `key ${index}`);

  const results = await Promise.all(
    keys.flatMap((idempotencyKey) =>
      [a, b].map((store) => store.messages.create(aMessage({ idempotencyKey })))
    ),
  );

  assertEquals(results.filter(({ created }) => created).length, 100);
  assertEquals((await a.messages.list({}, { limit: 500 })).length, 100);
});

test("take each message of a blast in hand once", async (a, b) => {
  const blast = aBlast();
  await a.blasts.create(blast);
  await a.blasts.add(
    times(200, (index) => ({ message: aMessage({ blastId: blast.id, to: String(index) }), payload: null })),
  );

  const claimed: string[] = [];
  const work = async (store: Store) => {
    while (true) {
      const one = await store.blasts.claim(blast.id, { deviceId: null, waMessageId: null, now: T0 });
      if (one === undefined) return;
      claimed.push(one.message.id);
    }
  };
  await Promise.all([a, b, a, b].map(work));

  assertEquals([claimed.length, new Set(claimed).size], [200, 200]);
});

test("refuse the second of two devices that are given one alias at once", async (a, b) => {
  const pairs = times(20, () => [aDevice(), aDevice()] as const);
  for (const device of pairs.flat()) await a.devices.create(device);

  const results = await Promise.all(
    pairs.map(([first, second], index) =>
      Promise.allSettled([
        a.devices.update(first.id, { alias: `alias-${index}` }, T0),
        b.devices.update(second.id, { alias: `alias-${index}` }, T0),
      ])
    ),
  );

  const taken = results.map((pair) => pair.filter(({ status }) => status === "fulfilled").length);
  assertEquals(taken, times(20, () => 1));
});

test("grant each lease to one, and count its changes", async (a, b) => {
  await a.gateways.join(aGateway("a"));
  await b.gateways.join(aGateway("b"));
  const names = times(60, (index) => `device/${index}`);
  await a.leases.want(names, true);
  const wish = { prefix: "device/", limit: 100, patienceMs: 0 };

  const claimed = await Promise.all([
    a.leases.claim("a", wish),
    b.leases.claim("b", wish),
    a.leases.claim("a", wish),
    b.leases.claim("b", wish),
  ]);

  assertEquals(claimed.flat().map(({ name }) => name).toSorted(), names.toSorted());
  assert(claimed.flat().every(({ epoch }) => epoch === 1));
});

test(
  "refuse what the holder before writes once the lease is taken over, and show all it wrote till then",
  async (a, b) => {
    await a.gateways.join(aGateway("a"));
    await b.gateways.join(aGateway("b"));
    const device = aDevice();
    await a.devices.create(device);
    const name = `device/${device.id}`;
    const lease = await a.leases.take(name, "a");
    const own = a.fenced(lease!);

    let written = 0;
    const writing = (async () => {
      while (true) {
        const value = String(written + 1);
        await own.credentials.setKeys(device.id, [{ type: "session", id: "x", value }]);
        written++;
      }
    })().catch((error: Error) => error.name);
    while (written < 20) await a.leases.get(name);
    await b.gateways.remove("a");
    const taken = await b.leases.take(name, "b");
    const read = (await b.credentials.keys(device.id, "session", ["x"])).get("x");
    const end = await writing;

    assertEquals([taken?.holder, end], ["b", "LeaseLostError"]);
    assertEquals(Number(read), written);
  },
);

test("wake each other", async (a, b) => {
  const heard = Promise.withResolvers<string | null>();
  b.news.hear("m:1", heard.resolve);

  a.news.tell("m:1", "sent");

  assertEquals(await heard.promise, "sent");
});

test("forget a key that the other replaced", async (a, b) => {
  const tenant = aTenant();
  await a.tenants.create(tenant, "old");
  const before = await b.tenants.byKeyHash("old");
  const told = Promise.withResolvers<void>();
  b.news.hear("tenants", () => told.resolve());

  await a.tenants.setKeyHash(tenant.id, "new", T0);
  await told.promise;

  assertEquals([before?.id, await b.tenants.byKeyHash("old")], [tenant.id, undefined]);
});

test("count deliveries and messages of both", async (a, b) => {
  const webhook = aWebhook();
  await a.webhooks.create(webhook);
  const deliveries = await Promise.all(times(100, (index) => deliver(index % 2 ? a : b, webhook.id)));
  await Promise.all(deliveries.map((delivery, index) => settle(index % 2 ? b : a, delivery, "success")));
  await Promise.all(times(100, (index) => (index % 2 ? a : b).messages.create(aMessage())));

  const counts = await a.deliveries.counts({ webhookIds: [webhook.id], since: T0 });
  const messages = await a.messageHistory.byDay(DEFAULT_TENANT);

  assertEquals(counts, [{ name: "message.received", status: "success", count: 100 }]);
  assertEquals(messages.map(({ status, count }) => [status, count]), [["queued", 100]]);
});

test("do not keep each other waiting for a lock when one removes what the other fills", async (a, b) => {
  const webhooks = times(4, () => aWebhook({ ordering: "chat" }));
  for (const webhook of webhooks) await a.webhooks.create(webhook);
  const fill = () =>
    Promise.all(times(50, (index) =>
      a.events.append(
        aDraft(),
        webhooks.map(({ id }) => aNewDelivery(id, { orderingKey: `chat ${index % 7}` })),
        T0,
      )));
  await fill();

  await Promise.all([
    fill(),
    ...webhooks.map(({ id }) => b.deliveries.cancelPending(id, T0)),
    fill(),
    b.events.prune(T0 + 1, 100),
  ]);
  for (const { id } of webhooks) await b.webhooks.remove(id, T0);

  assertEquals((await a.deliveries.backlog()).pending, 0);
});

test(
  "let the next delivery of a chat go when the outcome comes in the middle of the next event",
  async (a, b, url) => {
    const webhook = aWebhook({ ordering: "chat" });
    await a.webhooks.create(webhook);
    const before = await deliver(a, webhook.id, T0, { orderingKey: "chat" });
    const count = `INSERT INTO delivery_counts VALUES ('${webhook.id}', ${
      Math.floor(T0 / 3_600_000)
    }, '', 'other', 0, 1)`;

    const [next] = await inTheMiddle(
      url,
      count, // the row that the event's storing ends with
      () => deliver(b, webhook.id, T0, { orderingKey: "chat", name: "other" }),
      () => settle(a, before, "success"),
    );
    const open = await a.deliveries.claimHeads(webhook.id, { ...AT, limit: 5 });

    assertEquals(numbersOf(open), [next.number]);
  },
);

test("show the next holder what the one before was in the middle of writing", async (a, b, url) => {
  await a.gateways.join(aGateway("a"));
  await b.gateways.join(aGateway("b"));
  const device = aDevice();
  await a.devices.create(device);
  const key = (value: string) => [{ type: "session", id: "x", value }];
  await a.credentials.setKeys(device.id, key("old"));
  const lease = await a.leases.take(`device/${device.id}`, "a");

  const [, read] = await inTheMiddle(
    url,
    "SELECT FROM signal_keys FOR UPDATE",
    () => a.fenced(lease!).credentials.setKeys(device.id, key("new")),
    async () => {
      await b.gateways.remove("a");
      await b.leases.take(`device/${device.id}`, "b");
      return (await b.credentials.keys(device.id, "session", ["x"])).get("x");
    },
  );

  assertEquals(read, "new");
});

test(
  "let no event miss a webhook that the other made before it, whether news are heard or not",
  async (a, b) => {
    const registry = await createRegistry({ webhooks: b.webhooks });
    const deaf = { hearsOthers: true, hear: () => () => {} };
    const following = followStore({ registry, webhooks: b.webhooks, news: deaf, clock: clockAt(() => T0) });
    const publish = createPublish({
      events: b.events,
      matching: registry.matching,
      webhooks: following,
      dispatcher: { reserve: () => false, unreserve: () => {}, take: () => {} },
      onPublished: () => {},
      now: () => T0,
    });
    const first = await publish(aDraft());

    const receivers: number[] = [];
    for (let made = 0; made < 20; made++) {
      await a.webhooks.create(aWebhook({ events: ["*"] }));
      const published = await Promise.all([publish(aDraft()), publish(aDraft())]);
      for (const each of published) receivers.push(each.duplicate ? -1 : each.deliveries.length);
    }
    following.stop();

    assertEquals(first.duplicate, false);
    assertEquals(receivers, times(40, (index) => Math.floor(index / 2) + 1));
  },
);
