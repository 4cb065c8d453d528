import { assert, assertEquals, assertGreater } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { withFolder } from "../temporary.ts";

const WRITER = new URL("./crash_writer.ts", import.meta.url);

/** Lets a process write until it has told of `enough` finished writes, then kills it; returns what it told. */
async function writeAndKill(path: string, enough: number): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WRITER.href, path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let told = "";
  let killed = false;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    told += part;
    if (!killed && told.split("\n").length > enough) {
      child.kill("SIGKILL");
      killed = true;
    }
  }
  await child.status;
  return told.split("\n").slice(0, -1); // the last line may be torn
}

Deno.test("sqlite store loses nothing that it confirmed when its process is killed", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;

    const told = await writeAndKill(path, 3_000);

    assertGreater(told.length, 2_999);
    const database = new DatabaseSync(path);
    const integrity = database.prepare("PRAGMA integrity_check").all().map((row) => Object.values(row)[0]);
    const events = new Set(database.prepare("SELECT id FROM events").all().map(({ id }) => `event ${id}`));
    const statuses = new Map(
      database.prepare("SELECT number, status FROM deliveries").all().map((
        { number, status },
      ) => [number, status]),
    );
    const counted = database.prepare(
      `SELECT count(*) AS torn FROM (
        SELECT status, sum(count) AS n FROM delivery_counts GROUP BY status HAVING n > 0
        EXCEPT SELECT status, count(*) AS n FROM deliveries GROUP BY status)`,
    ).get();
    const sequence = database.prepare("SELECT last_seq, (SELECT count(*) FROM events) AS n FROM tenants")
      .get();
    database.close();
    assertEquals(integrity, ["ok"]);
    for (const line of told) {
      const [what, which] = line.split(" ");
      assert(what === "event" ? events.has(line) : statuses.get(Number(which)) === 1, `lost: ${line}`);
    }
    assertEquals(counted?.torn, 0);
    assertEquals(sequence?.last_seq, sequence?.n);

    const store = openSqliteStore({ path });
    const { newest } = await store.events.range(DEFAULT_TENANT);
    await store.close();
    assertEquals(newest, events.size);
  }));
