import { assertStringIncludes, assertThrows } from "@std/assert";
import { StoreUnavailableError } from "../../../src/errors.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { withFolder } from "../temporary.ts";

/** Overwrites pages in the middle of the file, as a failing disk does. */
async function damage(path: string): Promise<void> {
  const { size } = await Deno.stat(path);
  const file = await Deno.open(path, { write: true });
  await file.seek(Math.floor(size / 2 / 4096) * 4096, Deno.SeekMode.Start);
  await file.write(new Uint8Array(Math.min(size / 4, 40_960)).fill(0xa5));
  file.close();
}

Deno.test("store refuses a damaged file and says what to do, when it is asked to check", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path });
    for (let i = 0; i < 200; i++) await store.settings.set(`setting ${i}`, "x".repeat(500));
    await store.close();
    await damage(path);

    const refusal = assertThrows(() => openSqliteStore({ path, check: true }), StoreUnavailableError);

    assertStringIncludes(refusal.message, `Cannot open ${path}: it is damaged`);
    assertStringIncludes(refusal.message, "kabar restore <file> --force");
  }));

Deno.test("store opens a sound file that it was asked to check", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    await openSqliteStore({ path }).close();

    await openSqliteStore({ path, check: true }).close();
  }));

Deno.test("store refuses a file that is no database, whether asked to check or not", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    await Deno.writeTextFile(path, "not a database, but long enough to look like one".repeat(99));

    assertThrows(() => openSqliteStore({ path }), StoreUnavailableError, "it is damaged");
  }));
