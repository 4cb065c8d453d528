import { assertEquals } from "@std/assert";
import { differing, digestOf } from "../../src/fleet/settings_digest.ts";

const MARK = "store_1";

Deno.test("settings digest names the settings that differ, whichever way they were read", () => {
  const one = digestOf({ API_KEY: "first", APP_URL: undefined, WEBHOOK_RETRY_SCALE: 1 }, MARK);
  const same = digestOf({ WEBHOOK_RETRY_SCALE: 1, API_KEY: "first", APP_URL: undefined }, MARK);
  const other = digestOf(
    { API_KEY: "second", APP_URL: "https://kabar.example", WEBHOOK_RETRY_SCALE: 1 },
    MARK,
  );

  assertEquals(one, same);
  assertEquals(differing(one, other), ["API_KEY", "APP_URL"]);
});

Deno.test("settings digest shows no setting, and another one in another store", () => {
  const here = digestOf({ API_KEY: "a key that nobody is to see" }, MARK);
  const there = digestOf({ API_KEY: "a key that nobody is to see" }, "store_2");

  assertEquals(/^API_KEY=[0-9a-f]{8}$/.test(here), true);
  assertEquals(differing(here, there), ["API_KEY"]);
});

Deno.test("settings digest says nothing of settings that another version does not know", () => {
  const older = digestOf({ API_KEY: "one" }, MARK);
  const newer = digestOf({ API_KEY: "one", NEW_SETTING: true }, MARK);

  assertEquals([differing(older, newer), differing(newer, older), differing("", newer)], [[], [], []]);
});
