import { assert, assertEquals, assertGreater, assertLess, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Checkpoints } from "../../../src/store/sqlite/checkpoints.ts";
import { openReader, openWriter } from "../../../src/store/sqlite/connection.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { aDraft, T0 } from "../contracts/samples.ts";
import { withFolder } from "../temporary.ts";

/** More than 2,000 pages. */
const MUCH_BYTES = 10_000_000;

interface Setup {
  readonly path: string;
  readonly writer: DatabaseSync;
  readonly checkpoints: Checkpoints;
  /** Commits a row of that size, and gives what there is to wait for after it and seven small ones. */
  commit(bytes: number): Promise<void> | undefined;
}

function withLog(
  body: (setup: Setup) => Promise<void>,
  syncLog: (setup: Pick<Setup, "path">) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  return withFolder(async (folder) => {
    const path = `${folder}/test.db`;
    const writer = openWriter(path);
    writer.exec("CREATE TABLE blobs (bytes BLOB) STRICT");
    const checkpoints = Checkpoints.of(writer, path, () => syncLog({ path }));
    assert(checkpoints !== undefined);
    const insert = writer.prepare("INSERT INTO blobs VALUES (zeroblob(?))");
    try {
      await body({
        path,
        writer,
        checkpoints,
        commit(bytes) {
          for (const size of [bytes, 1, 1, 1, 1, 1, 1, 1]) {
            insert.run(size);
            const due = checkpoints.afterCommit();
            if (due !== undefined) return due;
          }
        },
      });
    } finally {
      checkpoints.close();
      writer.close();
      checkpoints.closeFile();
    }
  });
}

Deno.test("checkpoint is not made while the log is short", () =>
  withLog(({ commit, path }) => {
    assertEquals(commit(1_000), undefined);

    assertLess(Deno.statSync(path).size, MUCH_BYTES);
    return Promise.resolve();
  }));

Deno.test("checkpoint brings pages into the file once the log is synced, and lets nobody commit meanwhile", async () => {
  const seen: { readonly size: number; readonly isLocked: boolean }[] = [];
  await withLog(async ({ commit, path, writer }) => {
    await commit(MUCH_BYTES);

    assertEquals(seen.length, 1);
    assertLess(seen[0].size, MUCH_BYTES);
    assertEquals(seen[0].isLocked, true);
    assertGreater(Deno.statSync(path).size, MUCH_BYTES);
    assertEquals(writer.isTransaction, false);
    assertEquals(commit(1), undefined);
    assertEquals(writer.prepare("SELECT count(*) AS n FROM blobs").get()?.n, 16);
  }, ({ path }) => {
    const other = new DatabaseSync(path, { timeout: 0 });
    const isLocked = assertThrows(() => other.exec("BEGIN IMMEDIATE"), Error).message.includes("locked");
    other.close();
    seen.push({ size: Deno.statSync(path).size, isLocked });
    return Promise.resolve();
  });
});

Deno.test("checkpoint lets nobody begin the log anew before the file is synced", () =>
  withLog(async ({ commit, path, writer }) => {
    const seen: { readonly isCopied: boolean; readonly isLocked: boolean }[] = [];
    const { syncData } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.syncData = function () {
      const other = new DatabaseSync(path, { timeout: 0 });
      const isLocked = assertThrows(() => other.exec("BEGIN IMMEDIATE"), Error).message.includes("locked");
      other.close();
      seen.push({ isCopied: Deno.statSync(path).size > MUCH_BYTES, isLocked });
      return syncData.call(this);
    };
    try {
      await commit(MUCH_BYTES);
    } finally {
      Deno.FsFile.prototype.syncData = syncData;
    }

    assertEquals(seen, [{ isCopied: true, isLocked: true }]);
    assertEquals(writer.isTransaction, false);
  }));

Deno.test("checkpoint whose file cannot be synced says so", () =>
  withLog(async ({ commit, writer }) => {
    const { syncData } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.syncData = () => Promise.reject(new Error("the cable came off"));
    try {
      await assertRejects(() => commit(MUCH_BYTES)!, Error, "the cable came off");
    } finally {
      Deno.FsFile.prototype.syncData = syncData;
    }

    assertEquals(writer.isTransaction, false);
  }));

Deno.test("checkpoint copies nothing when the log cannot be synced", () =>
  withLog(async ({ commit, path, writer }) => {
    await assertRejects(() => commit(MUCH_BYTES)!, Error, "the cable came off");

    assertLess(Deno.statSync(path).size, MUCH_BYTES);
    assertEquals(writer.isTransaction, false);
  }, () => Promise.reject(new Error("the cable came off"))));

Deno.test("checkpoint that a reader holds up is made once the log is longer still", () =>
  withLog(async ({ commit, path }) => {
    const reader = openReader(path);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM blobs").get();

    await commit(MUCH_BYTES);
    const again = commit(1_000);
    reader.exec("COMMIT");
    await commit(MUCH_BYTES);

    reader.close();
    assertEquals(again, undefined);
    assertGreater(Deno.statSync(path).size, 2 * MUCH_BYTES);
  }));

Deno.test("sqlite store keeps its log short while much is written", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path });
    const payload = "x".repeat(200_000);

    for (let n = 0; n < 120; n++) {
      await store.events.append(aDraft({ data: { name: "large", payload } }), [], T0);
    }

    assertLess(Deno.statSync(`${path}-wal`).size, 14_000_000);
    assertGreater(Deno.statSync(path).size, 12_000_000);
    await store.close();
    assertGreater(Deno.statSync(path).size, 24_000_000);
  }));
