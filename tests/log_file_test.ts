import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { LogFile } from "../src/log_file.ts";
import { createManualClock } from "./support/manual_clock.ts";

async function inFolder(work: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const QUIET = { maxBytes: 1_000, kept: 2, onFailure: () => {} };
const read = (path: string) => Deno.readTextFileSync(path);

Deno.test("log file holds what was written, within a moment", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "app.log");
    const clock = createManualClock();
    const file = new LogFile(path, { ...QUIET, clock });
    file.write("one\n");
    file.write("two\n");
    const before = read(path);

    await clock.advance(200);

    assertEquals([before, read(path)], ["", "one\ntwo\n"]);
    file.close();
  });
});

Deno.test("log file goes on where the last run ended", async () => {
  await inFolder((folder) => {
    const path = join(folder, "app.log");
    for (const line of ["one\n", "two\n"]) {
      const file = new LogFile(path, QUIET);
      file.write(line);
      file.close();
    }

    assertEquals(read(path), "one\ntwo\n");
  });
});

Deno.test("log file is put aside when it is full, and the oldest is forgotten", async () => {
  await inFolder((folder) => {
    const path = join(folder, "app.log");
    const file = new LogFile(path, QUIET);
    for (const digit of ["1", "2", "3", "4"]) {
      file.write(`${digit.repeat(1_100)}\n`);
      file.flush();
    }
    file.write("5\n");
    file.close();

    const firsts = [path, `${path}.1`, `${path}.2`].map((each) => read(each)[0]);
    assertEquals(firsts, ["5", "4", "3"]);
    assertEquals([...Deno.readDirSync(folder)].length, 3);
  });
});

Deno.test("log file tells once that it cannot be written", async () => {
  await inFolder((folder) => {
    const told: string[] = [];
    const file = new LogFile(join(folder, "app.log"), {
      ...QUIET,
      onFailure: (message) => told.push(message),
    });
    file.close();

    for (const line of ["one\n", "two\n"]) {
      file.write(line);
      file.flush();
    }

    assertEquals(told.length, 1);
  });
});
