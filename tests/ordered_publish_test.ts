import { assertEquals, assertRejects } from "@std/assert";
import { createOrderedPublish } from "../src/ordered_publish.ts";
import type { EventDraft } from "../src/events/event.ts";
import type { TenantId } from "../src/ids.ts";
import { StaleWebhooksError } from "../src/store/events.ts";
import { aDraft } from "./store/contracts/samples.ts";
import { settled } from "./support/manual_clock.ts";

/** A store whose appends end when the test says so, each refused when the webhooks have changed by then. */
function createWorld() {
  const stored: string[] = [];
  const underway: (() => void)[] = [];
  const world = { known: 1 as number | undefined, current: 1, refreshed: 0, isAway: false };
  const publish = createOrderedPublish(async (draft, version) => {
    await new Promise<void>((resolve) => underway.push(resolve));
    if (version !== world.current) throw new StaleWebhooksError(draft.tenantId);
    stored.push(nameOf(draft));
    return nameOf(draft);
  }, {
    versionOf: () => world.known,
    refresh() {
      world.refreshed++;
      if (world.isAway) return Promise.reject(new Error("The store is away"));
      world.known = world.current;
      return Promise.resolve();
    },
  });
  /** Ends the appends that are under way, in their order. */
  async function commit(): Promise<void> {
    for (const end of underway.splice(0)) end();
    await settled();
  }
  const send = (name: string, tenantId?: TenantId) =>
    publish(aDraft({ data: { name, payload: {} }, ...(tenantId !== undefined && { tenantId }) }));
  return Object.assign(world, { stored, underway, send, commit });
}

function nameOf(draft: EventDraft): string {
  return draft.type === "custom" ? draft.data.name : draft.type;
}

Deno.test("events stay in order when webhooks change while they are stored", async () => {
  const world = createWorld();
  const sent = [world.send("1"), world.send("2")];
  world.current = 2; // another gateway
  world.known = 2; // and its news came before the answers
  sent.push(world.send("3"));

  await world.commit(); // 1 and 2 are refused
  sent.push(world.send("4"));
  await world.commit();

  assertEquals(await Promise.all(sent), ["1", "2", "3", "4"]);
  assertEquals(world.stored, ["1", "2", "3", "4"]);
});

Deno.test("events are stored side by side while webhooks stay as they are, and ask nothing", async () => {
  const world = createWorld();

  const sent = ["1", "2", "3"].map((name) => world.send(name));
  const sideBySide = world.underway.length;
  await world.commit();

  assertEquals(await Promise.all(sent), ["1", "2", "3"]);
  assertEquals([sideBySide, world.refreshed], [3, 0]);
});

Deno.test("one tenant's change holds up nobody else's events", async () => {
  const world = createWorld();
  const first = world.send("1");
  world.current = world.known = 2;

  const waiting = world.send("2");
  const other = world.send("other", "tenant_b" as TenantId);
  const startedAtOnce = world.underway.length;
  await world.commit();
  await world.commit();

  assertEquals(await Promise.all([first, waiting, other]), ["1", "2", "other"]);
  assertEquals(startedAtOnce, 2); // the first one, and the other tenant's
  assertEquals(world.stored, ["other", "1", "2"]);
});

Deno.test("events wait for webhooks that were never asked for, and are refused when the store is away", async () => {
  const world = createWorld();
  world.known = undefined;
  world.isAway = true;

  await assertRejects(() => world.send("1"), Error, "away");
  world.isAway = false;
  const sent = [world.send("2"), world.send("3")];
  await settled();
  await world.commit();

  assertEquals(await Promise.all(sent), ["2", "3"]);
  assertEquals(world.stored, ["2", "3"]);
});
