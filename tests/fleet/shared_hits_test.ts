import { assertEquals } from "@std/assert";
import { createRateLimit } from "../../src/http/rate_limit.ts";
import { createSharedHits, type SharedHits } from "../../src/fleet/shared_hits.ts";
import { StoreUnavailableError } from "../../src/errors.ts";
import type { RateCounts } from "../../src/store/rate_counts.ts";
import { createSignInLimit } from "../../src/tenants/sign_in_limit.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { openTemporaryPostgres, testWithPostgres } from "../support/postgres.ts";

const MINUTE_MS = 60_000;

/** Counts of a store in memory, and how often it was asked. */
function createCounts(now: () => number) {
  const totals = new Map<string, number>();
  const asked = { times: 0, away: false };
  const rateCounts: Pick<RateCounts, "add" | "now"> = {
    now: () => Promise.resolve(now()),
    add(hits) {
      asked.times++;
      if (asked.away) return Promise.reject(new StoreUnavailableError("away"));
      return Promise.resolve(hits.map((each) => {
        const id = `${each.name} ${each.key} ${each.endsAt}`;
        totals.set(id, (totals.get(id) ?? 0) + each.hits);
        return { ...each, hits: totals.get(id)! };
      }));
    },
  };
  return { rateCounts, asked };
}

Deno.test("shared hits hold a limit for all gateways as one, and ask nothing while nothing comes", async () => {
  const clock = createManualClock();
  const { rateCounts, asked } = createCounts(clock.now);
  const gateways = [1, 2, 3].map(() => createSharedHits({ rateCounts, clock }));
  const limits = gateways.map(({ counterOf }) =>
    createRateLimit({ perMinute: 30, hits: counterOf("requests", MINUTE_MS), now: clock.now })
  );
  for (const gateway of gateways) await gateway.start();
  const spend = () =>
    limits.filter(({ spend }) => {
      try {
        spend("tenant_a");
        return true;
      } catch {
        return false;
      }
    }).length;

  let letIn = 0;
  for (let second = 0; second < 20; second++) {
    letIn += spend();
    await clock.advance(1_000);
  }
  const before = asked.times;
  await clock.advance(MINUTE_MS);
  const after = spend();
  for (const gateway of gateways) await gateway.stop();

  assertEquals(letIn >= 30 && letIn <= 33, true, String(letIn)); // at most what comes in a second more
  assertEquals(before, asked.times - 3); // what came after the minute
  assertEquals(after, 3);
});

Deno.test("shared hits bound wrong keys at all gateways together", async () => {
  const clock = createManualClock();
  const { rateCounts } = createCounts(clock.now);
  const [one, other] = [1, 2].map(() => createSharedHits({ rateCounts, clock }));
  const limitOf = ({ counterOf }: SharedHits) =>
    createSignInLimit({ perAddress: 5, inAll: 200, misses: counterOf("sign_in", MINUTE_MS), now: clock.now });
  const [here, there] = [limitOf(one), limitOf(other)];
  for (let n = 0; n < 5; n++) here.missed("203.0.113.1");
  there.missed("203.0.113.1");

  await one.exchange();
  await other.exchange();
  const waits = [here, there].map(({ waitMs }) => waitMs("203.0.113.1") > 0);
  const stranger = there.waitMs("203.0.113.2");

  assertEquals([waits, stranger], [[true, true], 0]);
});

Deno.test("shared hits keep what could not be told", async () => {
  const clock = createManualClock();
  const { rateCounts, asked } = createCounts(clock.now);
  const [one, other] = [1, 2].map(() => createSharedHits({ rateCounts, clock }));
  const [here, there] = [one, other].map(({ counterOf }) => counterOf("requests", MINUTE_MS));
  here.add("a", 7);
  asked.away = true;
  await one.exchange();
  const meanwhile = here.of("a").count;
  asked.away = false;
  here.add("a");
  await one.exchange();
  there.add("a");
  await other.exchange();

  assertEquals([meanwhile, here.of("a").count, there.of("a").count], [7, 8, 9]);
});

Deno.test("shared hits go by the store's clock, and say by the gateway's own when the window ends", async () => {
  const clocks = [0, 90_000, -20 * MINUTE_MS].map((off) => createManualClock(1_700_000_000_000 + off));
  const { rateCounts } = createCounts(clocks[0].now);
  const gateways = clocks.map((clock) => createSharedHits({ rateCounts, clock }));
  for (const gateway of gateways) await gateway.start();
  const counters = gateways.map(({ counterOf }) => counterOf("requests", MINUTE_MS));

  counters.forEach((counter) => counter.add("a", 2));
  for (const gateway of gateways) await gateway.exchange();

  const seen = counters.map((counter) => counter.of("a").count);
  const leftMs = counters.map((counter, index) => counter.of("a").endsAt - clocks[index].now());
  for (const gateway of gateways) await gateway.stop();
  assertEquals(seen, [2, 4, 6]); // each hears what was told before it
  assertEquals(new Set(leftMs).size, 1);
});

testWithPostgres("shared hits are counted in the database", async () => {
  const clock = createManualClock();
  const store = await openTemporaryPostgres();
  const [one, other] = [1, 2].map(() => createSharedHits({ ...store, clock }));
  one.counterOf("requests", MINUTE_MS).add("a", 2);
  await one.exchange();
  other.counterOf("requests", MINUTE_MS).add("a");
  await other.exchange();
  const known = other.counterOf("requests", MINUTE_MS).of("a").count;
  await store.close();

  assertEquals(known, 3);
});
