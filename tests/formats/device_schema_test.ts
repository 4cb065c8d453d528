import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { EXAMPLES } from "../../src/events/examples/mod.ts";
import type { KabarEvent } from "../../src/events/event.ts";
import { device } from "../../src/formats/device.ts";
import { deviceBody } from "../../src/formats/device_schema/mod.ts";
import { ANY_EVENT, EVENT_TYPES } from "../support/arbitrary_events.ts";

const bodies = new Map(EVENT_TYPES.map((type) => [type, deviceBody(type)]));

/** The schema leaves out fields that it does not know: what comes out is what went in when all are described. */
function check(event: KabarEvent): void {
  if (event.type === "custom") return;
  for (const name of device.says(event)) {
    const body = JSON.parse(device.render(event, name));

    assertEquals(bodies.get(event.type)!.parse(body), body);
  }
}

Deno.test("the schema of the format device describes every field of every event", () => {
  fc.assert(fc.property(ANY_EVENT, check), { numRuns: 2_000 });
});

for (const { kind, event } of EXAMPLES) {
  Deno.test(`the schema of the format device describes the example ${event.type} ${kind}`, () =>
    check(event));
}
