import { assertEquals, assertFalse, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { backUp, BackupError, exists, restore } from "../../../src/store/sqlite/backup.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { aDevice } from "../contracts/samples.ts";
import { withFolder } from "../temporary.ts";

function namesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("backup holds what was committed, while the database is in use", () =>
  withFolder(async (folder) => {
    const store = openSqliteStore({ path: `${folder}/logs.db` });
    await store.settings.set("colour", "blue");

    const bytes = await backUp(`${folder}/logs.db`, `${folder}/copy.db`);
    await store.settings.set("colour", "red");
    await store.close();

    const copy = openSqliteStore({ path: `${folder}/copy.db` });
    assertEquals(await copy.settings.get("colour"), "blue");
    await copy.close();
    assertEquals(bytes > 10_000, true);
  }));

Deno.test("backup is one file that only its owner can read", () =>
  withFolder(async (folder) => {
    const store = openSqliteStore({ path: `${folder}/data/logs.db` });

    await backUp(`${folder}/data/logs.db`, `${folder}/copy.db`);

    assertEquals(namesIn(folder), ["copy.db", "data"]);
    if (Deno.build.os !== "windows") {
      assertEquals(Deno.statSync(`${folder}/copy.db`).mode! & 0o777, 0o600);
    }
    await store.close();
  }));

Deno.test("backup overwrites nothing", () =>
  withFolder(async (folder) => {
    await openSqliteStore({ path: `${folder}/logs.db` }).close();
    await Deno.writeTextFile(`${folder}/copy.db`, "mine");

    await assertRejects(() => backUp(`${folder}/logs.db`, `${folder}/copy.db`), BackupError, "it exists");

    assertEquals(await Deno.readTextFile(`${folder}/copy.db`), "mine");
  }));

Deno.test("backup of what is not there leaves nothing behind", () =>
  withFolder(async (folder) => {
    await assertRejects(() => backUp(`${folder}/logs.db`, `${folder}/copy.db`), BackupError, "Cannot open");

    assertEquals(namesIn(folder), []);
  }));

Deno.test("restore brings a copy back and keeps what was there", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path });
    await store.settings.set("colour", "blue");
    await backUp(path, `${folder}/copy.db`);
    await store.settings.set("colour", "red");
    await store.close();

    await restore(`${folder}/copy.db`, path);

    const restored = openSqliteStore({ path });
    const replaced = openSqliteStore({ path: `${path}.replaced` });
    assertEquals([await restored.settings.get("colour"), await replaced.settings.get("colour")], [
      "blue",
      "red",
    ]);
    await restored.close();
    await replaced.close();
  }));

Deno.test("restore refuses what is not a sound database of Kabar", () =>
  withFolder(async (folder) => {
    const refusalOf = async (name: string) =>
      (await assertRejects(() => restore(`${folder}/${name}`, `${folder}/logs.db`), BackupError)).message;
    const foreign = new DatabaseSync(`${folder}/foreign.db`);
    foreign.exec("CREATE TABLE cats (name TEXT)");
    foreign.close();
    await Deno.writeTextFile(
      `${folder}/text.db`,
      "not a database, but long enough to look like one".repeat(99),
    );
    const newer = openSqliteStore({ path: `${folder}/newer.db` });
    await newer.close();
    const database = new DatabaseSync(`${folder}/newer.db`);
    database.exec("PRAGMA user_version = 99");
    database.close();

    assertStringIncludes(await refusalOf("foreign.db"), "it is not a database of Kabar");
    assertStringIncludes(await refusalOf("text.db"), "it is damaged");
    assertStringIncludes(await refusalOf("newer.db"), "its schema is version 99");
    assertFalse(await exists(`${folder}/logs.db`));
  }));

for (
  const [step, moved] of [["at once", []], ["after the log", ["-shm", "-wal"]], ["after the file", [
    "-shm",
    "-wal",
    "",
  ]]] as const
) {
  Deno.test(`restore that is cut off ${step} is finished by the next start`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/logs.db`;
      const store = openSqliteStore({ path });
      await store.settings.set("colour", "blue");
      await backUp(path, `${folder}/copy.db`);
      await store.settings.set("colour", "red");
      await store.close();
      for (const suffix of ["-shm", "-wal"]) await Deno.writeFile(path + suffix, new Uint8Array()); // as a crash leaves them
      await restore(`${folder}/copy.db`, `${folder}/elsewhere.db`);
      await Deno.rename(`${folder}/elsewhere.db`, `${path}.restored`);
      for (const suffix of moved) await Deno.rename(path + suffix, `${path}.replaced${suffix}`);

      const restored = openSqliteStore({ path });
      const replaced = openSqliteStore({ path: `${path}.replaced` });

      assertEquals([await restored.settings.get("colour"), await replaced.settings.get("colour")], [
        "blue",
        "red",
      ]);
      assertEquals(await exists(`${path}.restored`), false);
      await restored.close();
      await replaced.close();
    }));
}

Deno.test("restore throws the ratchets of devices away, which have turned on since, and keeps their pairing", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path });
    const device = aDevice();
    await store.devices.create(device);
    const { id } = device;
    await store.credentials.save(id, "creds");
    const types = ["session", "sender-key", "sender-key-memory", "pre-key", "app-state-sync-key"];
    await store.credentials.setKeys(id, types.map((type) => ({ type, id: "a", value: type })));
    await backUp(path, `${folder}/copy.db`);
    await store.close();

    await restore(`${folder}/copy.db`, path);

    const restored = openSqliteStore({ path });
    const kept = await Promise.all(types.map((type) => restored.credentials.keys(id, type, ["a"])));
    const pairing = await restored.credentials.load(id);
    await restored.close();
    assertEquals(kept.map(({ size }) => size), [0, 0, 0, 1, 1]);
    assertEquals(pairing, "creds");
  }));
