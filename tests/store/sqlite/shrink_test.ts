import { assert, assertEquals, assertLess } from "@std/assert";
import { openWriter } from "../../../src/store/sqlite/connection.ts";
import { shrink } from "../../../src/store/sqlite/shrink.ts";
import { withFolder } from "../temporary.ts";

Deno.test("sqlite file gives free pages back, step by step, until the rest is worth keeping", () =>
  withFolder((folder) => {
    const path = `${folder}/test.db`;
    const writer = openWriter(path);
    writer.exec("CREATE TABLE blobs (number INTEGER PRIMARY KEY, value BLOB)");
    writer.exec(
      "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000) " +
        "INSERT INTO blobs SELECT n, zeroblob(4000) FROM n",
    );
    const pages = () => Number(writer.prepare("PRAGMA page_count").get()!.page_count);
    const full = pages();
    const early = shrink(writer);
    writer.exec("DELETE FROM blobs WHERE number <= 2000");

    let steps = 0;
    while (shrink(writer)) steps++;

    assertEquals(early, false);
    assert(steps > 1);
    assertLess(pages(), full - 1_000);
    assertEquals(writer.prepare("SELECT count(*) AS n FROM blobs").get()?.n, 1_000);
    writer.close();
    return Promise.resolve();
  }));
