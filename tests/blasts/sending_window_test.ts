import { assertEquals } from "@std/assert";
import { isTimeZone, waitForWindow } from "../../src/blasts/sending_window.ts";

const MINUTE = 60_000;
const at = (time: string) => Date.parse(`2025-11-01T${time}Z`);
const OFFICE = { from: "08:00", to: "17:00", timeZone: "Asia/Jakarta" };

Deno.test("sending window is open within its hours, in its time zone", () => {
  const waits = ["01:00:00", "05:00:00", "09:59:59"].map((time) => waitForWindow(OFFICE, at(time)));

  assertEquals(waits, [0, 0, 0]);
});

Deno.test("sending window tells how long it is until it opens", () => {
  const waits = ["00:59:30", "10:00:00", "20:00:00"].map((time) => waitForWindow(OFFICE, at(time)));

  assertEquals(waits, [30_000, 15 * 60 * MINUTE, 5 * 60 * MINUTE]);
});

Deno.test("sending window may span midnight", () => {
  const night = { from: "22:00", to: "06:00", timeZone: "UTC" };

  const waits = ["23:00:00", "03:00:00", "12:00:00"].map((time) => waitForWindow(night, at(time)));

  assertEquals(waits, [0, 0, 10 * 60 * MINUTE]);
});

Deno.test("sending window is always open from a time to the same", () => {
  const always = { from: "09:00", to: "09:00", timeZone: "UTC" };

  assertEquals(waitForWindow(always, at("03:00:00")), 0);
});

Deno.test("sending window knows time zones", () => {
  assertEquals(["Asia/Jakarta", "UTC", "Mars", ""].map(isTimeZone), [true, true, false, false]);
});
