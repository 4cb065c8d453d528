// Gateways whose transactions wait for each other stand still for a second each time: until the server looks for that.
import { assertEquals } from "@std/assert";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { execute, temporaryDatabase, testWithPostgres } from "../../support/postgres.ts";
import { until } from "../../support/until.ts";
import { aDevice, aDraft, aNewDelivery, aWebhook, settle, T0 } from "../contracts/samples.ts";

const AT = { now: T0, leaseMs: 60_000 };
const ROUNDS = 60;

/** Runs what both openings of a store do at once, and gives how often the server had to break a deadlock. */
async function deadlocksOf(prepare: (store: Store) => Promise<void>, work: (store: Store) => Promise<void>) {
  await using database = await temporaryDatabase();
  await using other = await temporaryDatabase(); // what is counted is told when connections end
  const open = () => openPostgresStore({ url: database.url, now: () => T0 });
  const stores = await Promise.all([open(), open()]);
  try {
    await prepare(stores[0]);
    await Promise.all(stores.map(work));
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
  const name = new URL(database.url).pathname.slice(1);
  const look = () =>
    execute(
      other.url,
      `SELECT numbackends::int AS open, deadlocks::int AS deadlocks, xact_commit::int AS commits
      FROM pg_stat_database WHERE datname = '${name}'`,
    ) as Promise<readonly { readonly open: number; readonly deadlocks: number; readonly commits: number }[]>;
  await until(async () => (await look())[0].open === 0, "all connections to end");
  await until(async () => (await look())[0].commits > ROUNDS, "the server to have counted");
  return (await look())[0].deadlocks;
}

function shuffled<T>(all: readonly T[], seed: number): T[] {
  return all.map((one, index) => ({ one, at: (index * 7 + seed * 13) % 11 })).sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

testWithPostgres(
  "deliveries that are stored, claimed and recorded by two at once never deadlock",
  async () => {
    const webhooks = [aWebhook({ ordering: "chat" }), aWebhook({ ordering: "chat" })];
    const chats = Array.from({ length: 8 }, (_, index) => `chat ${index}`);

    const deadlocks = await deadlocksOf(
      async (store) => {
        for (const webhook of webhooks) await store.webhooks.create(webhook);
      },
      async (store) => {
        for (let round = 0; round < ROUNDS; round++) {
          const some = shuffled(chats, round);
          await Promise.all([
            ...some.map((orderingKey) =>
              store.events.append(aDraft(), webhooks.map(({ id }) => aNewDelivery(id, { orderingKey })), T0)
            ),
            ...webhooks.map(async ({ id }) => {
              const heads = await store.deliveries.claimHeads(id, { ...AT, limit: 20, keys: some });
              await Promise.all(heads.map((delivery) => settle(store, delivery, "success")));
            }),
            ...webhooks.map(async ({ id }) => {
              const open = await store.deliveries.claimHeads(id, { ...AT, limit: 3 });
              await store.deliveries.release(open.map(({ number }) => number), T0);
            }),
          ]);
        }
      },
    );

    assertEquals(deadlocks, 0);
  },
);

testWithPostgres(
  "devices that two report on at once never deadlock, with events or settings between",
  async () => {
    const devices = [1, 2, 3, 4].map(() => aDevice({ kind: "external" }));

    const deadlocks = await deadlocksOf(
      async (store) => {
        for (const device of devices) await store.devices.create(device);
      },
      async (store) => {
        for (let round = 0; round < ROUNDS; round++) {
          await Promise.all([
            ...shuffled(devices, round).flatMap(({ id }) => [
              store.devices.update(id, { lastError: `report ${round}` }, T0),
              store.externalSessions.put({ deviceId: id, status: "connected", message: null }, T0),
              store.events.append(aDraft(), [], T0),
            ]),
            store.webhooks.create(aWebhook()),
          ]);
        }
      },
    );

    assertEquals(deadlocks, 0);
  },
);
