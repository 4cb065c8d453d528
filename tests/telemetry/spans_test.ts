import { assertEquals } from "@std/assert";
import { traceIdOf } from "../../src/telemetry/spans.ts";

Deno.test("trace id is the bits of the event's ULID", () => {
  assertEquals(traceIdOf("evt_00000000000000000000000001"), "0".repeat(31) + "1");
  assertEquals(traceIdOf("evt_7zzzzzzzzzzzzzzzzzzzzzzzzz"), "f".repeat(32));
  assertEquals(traceIdOf("evt_01arz3ndektsv4rrffq69g5fav"), "01563e3ab5d3d6764c61efb99302bd5b");
});
