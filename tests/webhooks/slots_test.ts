import { assertEquals } from "@std/assert";
import { createSlots, mostInFlight, type Slots } from "../../src/webhooks/slots.ts";
import { createManualClock } from "../support/manual_clock.ts";

const CONCURRENCY = 16;
const GRANTED = 2;

function setUp() {
  const clock = createManualClock();
  const slots = createSlots({ concurrency: CONCURRENCY, clock, onFree: () => {} });
  return { slots, clock };
}

/** Starts as many requests as the tenant may, at most so many, each to an origin of its own. */
function fill(slots: Slots, tenantId: string, most = Infinity): number {
  let count = 0;
  for (; count < most && slots.mayStart(tenantId); count++) {
    slots.acquire({ tenantId, origin: `https://${count}.example` });
  }
  return count;
}

Deno.test("slots let a tenant that is alone have all places", () => {
  const test = setUp();

  assertEquals(fill(test.slots, "s"), CONCURRENCY);
});

Deno.test("slots grant each tenant a few places when another has taken them all", () => {
  const test = setUp();
  fill(test.slots, "s");

  assertEquals([fill(test.slots, "d"), fill(test.slots, "e")], [GRANTED, GRANTED]);
});

Deno.test("slots bound what is in flight over all tenants", () => {
  const test = setUp();

  let inAll = 0;
  for (let tenant = 0; tenant < 100; tenant++) inAll += fill(test.slots, `tenant ${tenant}`);

  assertEquals([inAll, test.slots.inFlight()], [2 * CONCURRENCY, 2 * CONCURRENCY]);
});

Deno.test("slots keep a tenant whose requests hang to half of all that may wait", async () => {
  const test = setUp();

  let inFlight = 0;
  while (fill(test.slots, "s") > 0) {
    inFlight = test.slots.inFlight();
    await test.clock.advance(2_000);
  }

  assertEquals(inFlight, 8 * CONCURRENCY);
  assertEquals(inFlight < mostInFlight(CONCURRENCY) / 2, true);
  assertEquals(test.slots.mayStart("d"), true);
});

Deno.test("slots bound a tenant's requests to one origin, and nobody else's", () => {
  const test = setUp();
  const target = { tenantId: "s", origin: "https://hooks.example" };
  const places = Array.from({ length: 4 * CONCURRENCY }, () => test.slots.acquire(target));

  const reach = () => [
    test.slots.mayReach(target),
    test.slots.mayReach({ ...target, tenantId: "d" }),
    test.slots.mayReach({ ...target, origin: "https://other.example" }),
  ];

  assertEquals(reach(), [false, true, true]);
  places[0].release();
  places[0].release(); // counts once
  assertEquals(reach()[0], true);
  test.slots.acquire(target);
  assertEquals(reach()[0], false);
});
