import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import type { KabarEvent } from "../../src/events/event.ts";
import type { Format } from "../../src/formats/format.ts";
import { FORMATS } from "../../src/formats/mod.ts";
import { requestFor } from "../../src/formats/request.ts";
import { ANY_EVENT } from "../support/arbitrary_events.ts";
import { aWebhook } from "../support/events.ts";

/** Names that are sent only to those whom an event is made for. */
const UNASKED = ["test", "webhook.test"];

function holds(format: Format, check: (event: KabarEvent, name: string, body: string) => void): void {
  fc.assert(
    fc.property(ANY_EVENT, (event) => {
      for (const name of format.says(event)) check(event, name, format.render(event, name));
    }),
    { numRuns: 1_000 },
  );
}

for (const format of Object.values(FORMATS)) {
  Deno.test(`${format.name} says every event only under names that can be asked for`, () => {
    holds(format, (event, name) => {
      assert(event.type === "custom" || [...format.names, ...UNASKED].includes(name), name);
    });
  });

  Deno.test(`${format.name} renders every event to the very bytes that JSON.stringify makes again`, () => {
    holds(format, (_event, _name, body) => assertEquals(JSON.stringify(JSON.parse(body)), body));
  });

  Deno.test(`${format.name} renders every event to the same bytes after it was stored`, () => {
    holds(format, (event, name, body) => {
      assertEquals(format.render(JSON.parse(JSON.stringify(event)), name), body);
    });
  });

  Deno.test(`${format.name} gives every event data, and times that people can mean`, () => {
    holds(format, (event, _name, body) => {
      const { data, timestamp } = JSON.parse(body);
      assert(event.type === "custom" ? data !== undefined : typeof data === "object" && data !== null);
      if (typeof timestamp === "string") {
        assertMatch(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      } else if (timestamp !== undefined) assert(Number.isSafeInteger(timestamp));
    });
  });

  Deno.test(`${format.name} makes a request of every event, to the place that was meant`, () => {
    const webhook = aWebhook({ format: format.name, url: "https://a.example/in/{sessionId}/x?e={event}" });
    holds(format, (event, name, body) => {
      const request = requestFor({
        event,
        name,
        webhook,
        deliveryId: "dlv_1",
        attempt: 1,
        at: 1_703_145_600_000,
      });

      assertEquals(request.body, body);
      assertMatch(new URL(request.url).href, /^https:\/\/a\.example\/in\/[^/?#]+\/x\?e=[^#]*$/);
      for (const value of Object.values(request.headers)) assertMatch(value, /^[\t\x20-\x7e]*$/);
    });
  });
}
