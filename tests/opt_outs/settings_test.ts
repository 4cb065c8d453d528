import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { createOptOutWords } from "../../src/opt_outs/settings.ts";
import { DEFAULT_SETTINGS } from "../../src/opt_outs/words.ts";
import { createManualClock } from "../support/manual_clock.ts";

Deno.test("opt-out words of another gateway count within a second where no news of them are heard", async () => {
  const clock = createManualClock();
  let stored = DEFAULT_SETTINGS;
  const words = createOptOutWords({
    optOuts: { settings: () => Promise.resolve(stored), saveSettings: () => Promise.resolve() },
    news: { hear: () => () => {}, hearsOthers: false },
    clock,
  });
  const before = (await words.of(DEFAULT_TENANT)).reading("enough");

  stored = { ...DEFAULT_SETTINGS, stopWords: ["ENOUGH"] };
  await clock.advance(1_000);
  const after = (await words.of(DEFAULT_TENANT)).reading("enough");
  words.stop();

  assertEquals([before, after, clock.waits()], [undefined, "out", []]);
});
