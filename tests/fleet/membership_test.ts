import { assertEquals, assertNotEquals } from "@std/assert";
import { createMembership, heartbeatOf, type Membership } from "../../src/fleet/membership.ts";
import type { GatewayRow, Gateways } from "../../src/store/gateways.ts";
import { createManualClock } from "../support/manual_clock.ts";

const ABOUT = {
  roles: "http,devices,deliveries",
  weight: 1,
  settingsDigest: "",
  version: "1",
  startedAt: 0,
};

/** The table of gateways, and a switch for the way to it. */
function createTable() {
  const rows = new Map<string, GatewayRow>();
  const table: Gateways = {
    join(gateway, instead) {
      if (instead !== undefined) rows.delete(instead);
      rows.set(gateway.id, { ...gateway, beat: 0, draining: false });
      return Promise.resolve();
    },
    beat(id) {
      const row = rows.get(id);
      if (row !== undefined) rows.set(id, { ...row, beat: row.beat + 1 });
      return Promise.resolve(row !== undefined);
    },
    setDraining: (id) => Promise.resolve(rows.has(id)),
    all: () => Promise.resolve([...rows.values()]),
    remove(id, seen) {
      const row = rows.get(id);
      const isSo = row !== undefined && (seen === undefined || row.beat === seen);
      if (isSo) rows.delete(id);
      return Promise.resolve(isSo);
    },
  };
  return { rows, table };
}

function reachedThrough(table: Gateways, line: { isUp: boolean }): Gateways {
  const through = <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) => (...args: A) =>
    line.isUp ? act(...args) : Promise.reject(new Error("Cannot reach the database"));
  return {
    join: through(table.join),
    beat: through(table.beat),
    setDraining: through(table.setDraining),
    all: through(table.all),
    remove: through(table.remove),
  };
}

async function setUp() {
  const clock = createManualClock();
  const { rows, table } = createTable();
  const line = { isUp: true };
  const told: string[] = [];
  const enter = async (name: string, gateways: Gateways): Promise<Membership> => {
    const membership = createMembership({
      gateways,
      about: { ...ABOUT, name },
      heartbeat: heartbeatOf(5_000),
      remember: () => Promise.resolve(),
      onUnsafe: () => told.push(`${name} lets go at ${clock.now() - start}`),
      onEntered: () => told.push(`${name} is back`),
      onGone: () => told.push(`${name} takes over at ${clock.now() - start}`),
      clock,
      elapsed: clock.now,
    });
    await membership.enter([]);
    return membership;
  };
  const start = clock.now();
  const a = await enter("a", reachedThrough(table, line));
  const b = await enter("b", table);
  return { clock, rows, line, told, a, b };
}

Deno.test("gateways that reach the database keep their places", async () => {
  const { clock, rows, told, a, b } = await setUp();

  await clock.advance(20_000);

  assertEquals([...rows.keys()], [a.id, b.id]);
  assertEquals([a.isSafe, b.isSafe, told], [true, true, []]);
  for (const each of [a, b]) await each.leave();
});

Deno.test("gateway that is cut off lets go before another takes over, and comes back as somebody new", async () => {
  const { clock, line, told, a, b } = await setUp();
  const before = a.id;
  await clock.advance(10_000);

  line.isUp = false;
  await clock.advance(10_000);
  const cutOff = [...told];
  line.isUp = true;
  await clock.advance(2_000);

  const [letsGo, takesOver] = cutOff.map((text) => Number(/\d+$/.exec(text)?.[0]));
  assertEquals(cutOff.map((text) => text.replace(/ at \d+$/, "")), ["a lets go", "b takes over"]);
  assertEquals(takesOver - letsGo >= 1_000, true, told.join(", "));
  assertEquals(takesOver <= 16_000, true, told.join(", "));
  assertEquals([told.at(-1), a.isSafe], ["a is back", true]);
  assertNotEquals(a.id, before);
  for (const each of [a, b]) await each.leave();
});

Deno.test("gateway that was removed while it slept lets go when it wakes", async () => {
  const { clock, rows, told, a, b } = await setUp();
  await clock.advance(1_000);

  rows.delete(a.id); // what another does once it takes it for dead
  await clock.advance(1_000);

  assertEquals(told.map((text) => text.replace(/ at \d+$/, "")), ["a lets go", "a is back"]);
  assertEquals(rows.has(a.id), true);
  for (const each of [a, b]) await each.leave();
});
