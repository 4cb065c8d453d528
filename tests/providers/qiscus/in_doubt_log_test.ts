import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { type Departures, openDepartures } from "../../../src/providers/qiscus/in_doubt_log.ts";

const BOOT = 1_762_000_000_000.5;

/** Leaves notes, forgets to say goodbye, and reads them in another run. */
async function afterCrash(leave: (first: Departures) => void, bootedAt = BOOT): Promise<Departures> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "departures");
  const first = openDepartures(path, BOOT);
  first.settle();
  leave(first);
  first.close();
  const second = openDepartures(path, bootedAt);
  second.close();
  await Deno.remove(folder, { recursive: true });
  return second;
}

Deno.test("departures tell what had left when the process was killed", async () => {
  const notes = await afterCrash((first) => {
    first.left("msg_1");
    first.left("msg_2");
    first.returned("msg_2");
    first.left("msg_3");
    first.returned("msg_3");
    first.left("msg_3");
  });

  const fates = await Promise.all(["msg_1", "msg_2", "msg_3", "msg_4"].map(notes.fateOf));

  assertEquals(fates, ["left", "stayed", "left", "stayed"]);
});

Deno.test("departures know nothing when the machine went down as well", async () => {
  const notes = await afterCrash((first) => first.left("msg_1"), BOOT + 60_000);

  assertEquals([await notes.fateOf("msg_1"), await notes.fateOf("msg_2")], ["unknown", "unknown"]);
});

Deno.test("departures allow for a clock that was corrected a little", async () => {
  const notes = await afterCrash((first) => first.left("msg_1"), BOOT + 900);

  assertEquals([await notes.fateOf("msg_1"), await notes.fateOf("msg_2")], ["left", "stayed"]);
});

Deno.test("departures know nothing without a file", async () => {
  const folder = await Deno.makeTempDir();

  const notes = openDepartures(join(folder, "departures"), BOOT);

  assertEquals(await notes.fateOf("msg_1"), "unknown");
  notes.close();
  await Deno.remove(folder, { recursive: true });
});
