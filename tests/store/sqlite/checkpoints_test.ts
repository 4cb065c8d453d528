import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Checkpoints } from "../../../src/store/sqlite/checkpoints.ts";
import { openReader, openWriter } from "../../../src/store/sqlite/connection.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { aDraft, T0 } from "../contracts/samples.ts";
import { until } from "../../support/until.ts";
import { withFolder } from "../temporary.ts";

/** More than 2,000 pages. */
const MUCH_BYTES = 10_000_000;

interface Setup {
  readonly path: string;
  readonly writer: DatabaseSync;
  /** How many pages the log has, and how many of them the file does not have. */
  log(): { readonly length: number; readonly left: number };
  /** Commits a row of that size, and gives what there is to wait for after it and seven small ones. */
  commit(bytes: number): Promise<void> | undefined;
}

function withLog(
  body: (setup: Setup) => Promise<void>,
  syncLog: (setup: Pick<Setup, "path">) => Promise<void> = () => Promise.resolve(),
  afterwards: () => void = () => {},
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
        log() {
          const { log, checkpointed } = writer.prepare("PRAGMA wal_checkpoint(NOOP)").get() as Record<
            string,
            number
          >;
          return { length: log, left: log - checkpointed };
        },
        commit(bytes) {
          for (const size of [bytes, 1, 1, 1, 1, 1, 1, 1]) {
            insert.run(size);
            const due = checkpoints.afterCommit();
            if (due !== undefined) return due;
          }
        },
      });
    } finally {
      await checkpoints.close();
      writer.close();
      checkpoints.closeFile();
    }
    afterwards();
  });
}

Deno.test("checkpoint is not made while the log is short", () =>
  withLog(({ commit, path }) => {
    assertEquals(commit(1_000), undefined);

    assertLess(Deno.statSync(path).size, MUCH_BYTES);
    return Promise.resolve();
  }));

Deno.test("checkpoint brings pages into the file once the log is synced, and everybody may commit meanwhile", async () => {
  const sizes: number[] = [];
  await withLog(async ({ commit, path, log }) => {
    assertEquals(commit(MUCH_BYTES), undefined);
    await until(() => Deno.statSync(path).size > MUCH_BYTES, "the pages to be in the file");

    assertEquals(sizes.length, 1);
    assertLess(sizes[0], MUCH_BYTES);
    assertEquals(log().left, 1, "what came meanwhile is left for the next time");
  }, ({ path }) => {
    sizes.push(Deno.statSync(path).size);
    const other = new DatabaseSync(path, { timeout: 0 });
    other.exec("INSERT INTO blobs VALUES (zeroblob(1))");
    other.close();
    return Promise.resolve();
  });
});

Deno.test("checkpoint lets nobody begin the log anew before the file is synced", () =>
  withLog(async ({ commit, log }) => {
    const sync = holdSyncs();
    try {
      commit(MUCH_BYTES);
      await sync.begun;
      assertEquals(log().left, 0);
      const { length } = log();

      commit(1);

      assertGreater(log().length, length);
    } finally {
      sync.end();
    }
  }));

Deno.test("checkpoint after which the log is long lets it begin anew, while nobody commits", () =>
  withLog(async ({ commit, writer, path, log }) => {
    const locked: boolean[] = [];
    const { syncData } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.syncData = function () {
      locked.push(isLocked(path));
      return syncData.call(this);
    };
    try {
      let due: Promise<void> | undefined;
      while (due === undefined && log().length < 8_000) {
        commit(MUCH_BYTES);
        await until(() => (due = commit(1)) !== undefined || log().left < 100, "the pages to be copied");
      }
      await (due ?? commitUntilDue(commit));
    } finally {
      Deno.FsFile.prototype.syncData = syncData;
    }
    assertEquals(locked.at(-1), true);
    assertEquals(locked.slice(0, -1), locked.slice(0, -1).map(() => false));
    assertGreater(locked.length, 3);
    assertEquals(writer.isTransaction, false);

    commit(1);

    assertLess(log().length, 100);
    assertEquals(writer.prepare("SELECT max(length(bytes)) AS n FROM blobs").get()?.n, MUCH_BYTES);
  }));

/** Whether nobody may commit. */
function isLocked(path: string): boolean {
  const other = new DatabaseSync(path, { timeout: 0 });
  try {
    other.exec("BEGIN IMMEDIATE");
    return false;
  } catch {
    return true;
  } finally {
    other.close();
  }
}

Deno.test("checkpoint whose file cannot be synced says so, and the log is kept", async () => {
  let kept = "";
  await withLog(
    async ({ commit, path }) => {
      const { syncData } = Deno.FsFile.prototype;
      Deno.FsFile.prototype.syncData = () => Promise.reject(new Error("the cable came off"));
      try {
        commit(MUCH_BYTES);
        await assertRejects(() => commitUntilDue(commit), Error, "the cable came off");
      } finally {
        Deno.FsFile.prototype.syncData = syncData;
      }
      kept = `${path}-wal`;
    },
    undefined,
    () => assertGreater(Deno.statSync(kept).size, MUCH_BYTES),
  );
});

Deno.test("checkpoint copies nothing when the log cannot be synced, and says so", () =>
  withLog(async ({ commit, path }) => {
    commit(MUCH_BYTES);
    await assertRejects(() => commitUntilDue(commit), Error, "the cable came off");

    assertLess(Deno.statSync(path).size, MUCH_BYTES);
  }, () => Promise.reject(new Error("the cable came off"))));

Deno.test("checkpoint that a reader holds up is made once the log is longer still", () =>
  withLog(async ({ commit, path, log }) => {
    const reader = openReader(path);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM blobs").get();
    commit(MUCH_BYTES);
    reader.exec("COMMIT");
    assertGreater(log().left, 2_000);

    commit(MUCH_BYTES);
    await until(() => commit(1) === undefined && log().left < 100, "the pages to be copied");

    reader.close();
    assertGreater(Deno.statSync(path).size, 2 * MUCH_BYTES);
  }));

Deno.test("sqlite store keeps its log from growing without end while much is written", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path });
    const payload = "x".repeat(400_000);

    for (let n = 0; n < 150; n++) {
      await store.events.append(aDraft({ data: { name: "large", payload } }), [], T0);
    }

    assertLess(Deno.statSync(`${path}-wal`).size, 50_000_000);
    await store.close();
    assertGreater(Deno.statSync(path).size, 60_000_000);
  }));

/** Commits small rows until there is something to wait for, and waits for it. */
async function commitUntilDue(commit: Setup["commit"]): Promise<void> {
  let due: Promise<void> | undefined;
  await until(() => (due = commit(1)) !== undefined, "something to wait for");
  await due;
}

/** Lets files be synced only when it ends; `begun` resolves once one waits. */
function holdSyncs() {
  const { syncData } = Deno.FsFile.prototype;
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  Deno.FsFile.prototype.syncData = async function () {
    begun.resolve();
    await over.promise;
    await syncData.call(this);
  };
  return {
    begun: begun.promise,
    end() {
      Deno.FsFile.prototype.syncData = syncData;
      over.resolve();
    },
  };
}
