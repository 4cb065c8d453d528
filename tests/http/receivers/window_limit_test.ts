import { assertEquals } from "@std/assert";
import { createWindowLimit } from "../../../src/http/receivers/window_limit.ts";

Deno.test("window limit tells how long to wait until the window of the first request ends", () => {
  let at = 0;
  const waitOf = createWindowLimit({ limit: 2, windowMs: 60_000, now: () => at });
  waitOf("1.2.3.4");
  at = 10_000;
  waitOf("1.2.3.4");

  const waits = [waitOf("1.2.3.4"), waitOf("1.2.3.5")];

  assertEquals(waits, [50_000, 0]);
});

Deno.test("window limit sees an IPv6 network as one", () => {
  const waitOf = createWindowLimit({ limit: 1, windowMs: 60_000, now: () => 0 });
  waitOf("2001:db8:1:2::1");

  const waits = [waitOf("2001:db8:1:2:ffff::9"), waitOf("2001:db8:1:3::1"), waitOf("::ffff:1.2.3.4")];

  assertEquals(waits, [60_000, 0, 0]);
});

Deno.test("window limit forgets the oldest of very many callers", () => {
  const waitOf = createWindowLimit({ limit: 1, windowMs: 60_000, now: () => 0 });
  waitOf("first");
  for (let caller = 0; caller < 10_000; caller++) waitOf(String(caller));

  const waits = [waitOf("first"), waitOf("9999")];

  assertEquals(waits, [0, 60_000]);
});
