import { assertEquals } from "@std/assert";
import { Lane } from "../../src/webhooks/lane.ts";
import { aWebhook } from "../support/events.ts";

Deno.test("lane remembers which ordering keys have something due", () => {
  const lane = new Lane(aWebhook({ ordering: "chat" }));

  for (const key of ["a", "b", "a"]) lane.fetchKey(key);

  assertEquals([...lane.keysToFetch], ["a", "b"]);
  assertEquals(lane.behind, false);
});

Deno.test("lane remembers no more keys than it has to (while an endpoint is down for days)", () => {
  const lane = new Lane(aWebhook({ ordering: "chat" }));

  for (let i = 0; i < 100_000; i++) lane.fetchKey(`chat ${i}`);

  assertEquals(lane.keysToFetch.size, 1_000);
  assertEquals(lane.behind, true);
});
