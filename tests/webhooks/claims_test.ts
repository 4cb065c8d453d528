import { clockAt } from "../support/manual_clock.ts";
import { assertEquals } from "@std/assert";
import { createClaims } from "../../src/webhooks/claims.ts";
import { Lane } from "../../src/webhooks/lane.ts";
import { aWebhook } from "../support/events.ts";

/** Claims of a store that answers none, and the webhooks that it was asked about. */
function setUp() {
  const asked: string[] = [];
  const claims = createClaims({
    claimed: {
      hold: () => {},
      release: () => {},
      next: ({ webhook }) => {
        asked.push(webhook.id);
        return new Promise(() => {});
      },
      one: () => Promise.resolve(undefined),
      jobsOf: () => Promise.resolve([]),
      giveBack: () => Promise.resolve(),
    },
    deliveries: { cancelPending: () => Promise.resolve(0) },
    clock: clockAt(() => 0),
    onWork: () => {},
    refused: () => {},
  });
  const look = (tenantId: string, id: string) => claims.look(new Lane(aWebhook({ id, tenantId })));
  return { asked, look };
}

Deno.test("claims of a tenant with a thousand webhooks leave the store to others", () => {
  const { asked, look } = setUp();

  for (let i = 0; i < 1_000; i++) look("tenant_2", `wh_${i}`);
  look("tenant_3", "wh_other");

  assertEquals(asked.length, 17);
  assertEquals(asked.at(-1), "wh_other");
});
