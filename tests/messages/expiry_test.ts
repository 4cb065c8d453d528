import { assertEquals } from "@std/assert";
import { createExpiry } from "../../src/messages/expiry.ts";
import { aMessage, NOW } from "../support/messaging.ts";

const HOUR = 3_600_000;

Deno.test("message expires when it has waited for its device for a day", () => {
  const { isOver } = createExpiry(() => NOW);

  const over = [23, 25].map((hours) => isOver(aMessage({ createdAt: NOW - hours * HOUR })));

  assertEquals(over, [false, true]);
});

Deno.test("message of a blast expires a day after its turn came, not after it was queued", () => {
  const { isOver } = createExpiry(() => NOW);
  const queued = { blastId: "blast_1", createdAt: NOW - 300 * HOUR };

  const over = [23, 25].map((hours) => isOver(aMessage({ ...queued, updatedAt: NOW - hours * HOUR })));

  assertEquals(over, [false, true]);
});
