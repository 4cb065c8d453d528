import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../../../src/errors.ts";
import { backUp } from "../../../src/store/sqlite/backup.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { aDevice, anInboxMessage, aWebhook, T0 } from "../contracts/samples.ts";
import { withFolder } from "../temporary.ts";

const KEY = "a".repeat(64);
const SECRET = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw==";
const TOKEN = "Bearer token-of-the-tests";
const CREDS = '{"noiseKey":"key-of-the-tests"}';

/** Stores a webhook and credentials; the webhook's id and the device's. */
async function fill(path: string, encryptionKey?: string): Promise<{ webhook: string; device: string }> {
  const store = openSqliteStore({ path, encryptionKey });
  const webhook = aWebhook({
    secrets: [{ value: SECRET, expiresAt: null }],
    headers: { authorization: TOKEN },
  });
  const device = aDevice();
  await store.devices.create(device);
  await store.webhooks.create(webhook);
  await store.credentials.save(device.id, CREDS);
  await store.close();
  return { webhook: webhook.id, device: device.id };
}

/** Everything in the folder's files, as text. */
function allBytes(folder: string): string {
  const latin = new TextDecoder("latin1");
  return [...Deno.readDirSync(folder)].map(({ name }) => latin.decode(Deno.readFileSync(`${folder}/${name}`)))
    .join("");
}

function isInTheOpen(folder: string): readonly boolean[] {
  const bytes = allBytes(folder);
  return [SECRET, TOKEN, CREDS].map((text) => bytes.includes(text));
}

Deno.test("encrypted store gives secrets back and keeps none of them in its files", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;

    const { webhook, device } = await fill(path, KEY);

    const store = openSqliteStore({ path, encryptionKey: KEY });
    const found = await store.webhooks.get(webhook);
    const [listed] = await store.webhooks.all();
    const creds = await store.credentials.load(device);
    await store.close();
    assertEquals(found?.secrets, [{ value: SECRET, expiresAt: null }]);
    assertEquals(found?.headers, { authorization: TOKEN });
    assertEquals(listed, found);
    assertEquals(creds, CREDS);
    assertEquals(isInTheOpen(folder), [false, false, false]);
  }));

Deno.test("store without a key keeps secrets as they are", () =>
  withFolder(async (folder) => {
    await fill(`${folder}/logs.db`);

    assertEquals(isInTheOpen(folder)[1], true);
  }));

Deno.test("encrypted store seals what was there before it had a key, and leaves no trace of it", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const { webhook, device } = await fill(path);

    const store = openSqliteStore({ path, encryptionKey: KEY });
    const whileOpen = isInTheOpen(folder);
    const found = await store.webhooks.get(webhook);
    const creds = await store.credentials.load(device);
    await store.close();

    assertEquals(whileOpen, [false, false, false]);
    assertEquals([found?.secrets[0].value, found?.headers.authorization, creds], [SECRET, TOKEN, CREDS]);
    assertEquals(isInTheOpen(folder), [false, false, false]);
  }));

Deno.test("encrypted store seals what is changed", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const { webhook } = await fill(path, KEY);
    const store = openSqliteStore({ path, encryptionKey: KEY });

    const changed = await store.webhooks.update(webhook, {
      secrets: [{ value: "another secret", expiresAt: null }],
      headers: { "x-key": "another header" },
    }, T0);

    assertEquals(changed?.secrets[0].value, "another secret");
    assertEquals((await store.webhooks.get(webhook))?.headers, { "x-key": "another header" });
    await store.close();
    const bytes = allBytes(folder);
    assertFalse(bytes.includes("another secret") || bytes.includes("another header"));
  }));

Deno.test("encrypted store takes every notation of a key", () =>
  withFolder(async (folder) => {
    const bytes = new Uint8Array(32).fill(7);
    const notations = [bytes.toHex(), bytes.toBase64(), "correct horse battery staple"];
    for (const [index, encryptionKey] of notations.entries()) {
      const path = `${folder}/${index}.db`;
      const { webhook } = await fill(path, encryptionKey);

      const store = openSqliteStore({ path, encryptionKey });

      assertEquals((await store.webhooks.get(webhook))?.secrets[0].value, SECRET);
      await store.close();
    }
    const hexThenBase64 = openSqliteStore({ path: `${folder}/0.db`, encryptionKey: notations[1] });
    await hexThenBase64.close();
  }));

Deno.test("encrypted store opens with no other key, and not without one", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    await fill(path, KEY);

    for (const encryptionKey of ["b".repeat(64), "correct horse battery staple"]) {
      assertThrows(
        () => openSqliteStore({ path, encryptionKey }),
        StoreUnavailableError,
        `Cannot open ${path}: ENCRYPTION_KEY is not the key that its secrets are encrypted with`,
      );
    }
    assertThrows(
      () => openSqliteStore({ path }),
      StoreUnavailableError,
      `Cannot open ${path}: its secrets are encrypted and ENCRYPTION_KEY is not set`,
    );
    await openSqliteStore({ path, encryptionKey: KEY }).close();
  }));

Deno.test("encrypted store refuses a secret that was moved to another webhook", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const { webhook } = await fill(path, KEY);
    const other = aWebhook();
    const before = openSqliteStore({ path, encryptionKey: KEY });
    await before.webhooks.create(other);
    await before.close();
    const database = new DatabaseSync(path);
    database.prepare(
      "UPDATE webhooks SET secrets = (SELECT secrets FROM webhooks WHERE id = ?) WHERE id = ?",
    ).run(webhook, other.id);
    database.close();

    const store = openSqliteStore({ path, encryptionKey: KEY });
    const error = await store.webhooks.get(other.id).catch((error: unknown) => error);
    await store.close();

    assert(error instanceof StoreUnavailableError);
    assertStringIncludes(error.message, `Cannot read webhooks/${other.id}/secrets`);
  }));

Deno.test("encrypted store seals the same secret differently each time", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    await fill(path, KEY);
    await fill(path, KEY);

    const database = new DatabaseSync(path);
    const [one, two] = database.prepare("SELECT secrets FROM webhooks").all();
    database.close();

    assertNotEquals(one.secrets, two.secrets);
  }));

Deno.test("encrypted store leaves nothing of secrets in pages that were split, and of deleted ones", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const open = openSqliteStore({ path });
    const webhooks = Array.from({ length: 40 }, (_, index) =>
      aWebhook({
        secrets: [{ value: `RESIDUE-secret-number-${index}-${"s".repeat(40)}`, expiresAt: null }],
        headers: { authorization: `Bearer RESIDUE-HDR-${index}` },
      }));
    for (const webhook of webhooks) await open.webhooks.create(webhook);
    for (const { id } of webhooks.slice(0, 30)) await open.webhooks.remove(id, T0);
    await open.settings.set("colour", "blue");
    await open.close();
    const tables = schemaOf(path);

    const sealed = openSqliteStore({ path, encryptionKey: KEY });
    const left = await sealed.webhooks.all();
    await backUp(path, `${folder}/copy.db`);
    await sealed.close();

    assertFalse(allBytes(folder).includes("RESIDUE"));
    assertEquals(left.length, 10);
    assertStringIncludes(left[0].secrets[0].value, "RESIDUE-secret-number-");
    assertEquals(schemaOf(path), tables);
    const again = openSqliteStore({ path, encryptionKey: KEY });
    assertEquals(await again.settings.get("colour"), "blue");
    await again.close();
  }));

Deno.test("encrypted store finds the messages that were searchable before it had a key, and new ones", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const device = aDevice();
    const keep = async (store: Store, messageId: string) => {
      await store.inbox.keep([anInboxMessage(device.id, { messageId })]);
      const unread = await store.messageTexts.unread(9);
      const words = "invoice november";
      await store.messageTexts.put(
        unread.map(({ number }) => ({ number, deviceId: device.id, words, author: null })),
      );
    };
    const open = openSqliteStore({ path });
    await open.devices.create(device);
    await keep(open, "before");
    await open.close();

    const sealed = openSqliteStore({ path, encryptionKey: KEY });
    await keep(sealed, "after");
    const found = await sealed.messageTexts.find(device.id, ["invoice"], { limit: 9 });
    await sealed.close();

    assertEquals(found.map(({ message }) => message.messageId), ["after", "before"]);
  }));

Deno.test("store overwrites what is deleted from it", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path });
    const webhook = aWebhook({ secrets: [{ value: "RESIDUE of a removed webhook", expiresAt: null }] });
    await store.webhooks.create(webhook);

    await store.webhooks.remove(webhook.id, T0);
    await store.close();

    assertFalse(allBytes(folder).includes("RESIDUE"));
  }));

/** Every table, index and trigger, and the version. */
function schemaOf(path: string): unknown {
  const database = new DatabaseSync(path);
  const schema = database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all()
    .map((row) => ({ ...row }));
  const version = Object.values(database.prepare("PRAGMA user_version").get() ?? {})[0];
  database.close();
  return { schema, version };
}
