import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { BufferJSON, proto } from "@whiskeysockets/baileys";
import { logOf } from "../../src/log.ts";
import type { Mapping } from "../../src/whatsapp/acquaintances.ts";
import { openAuthState } from "../../src/whatsapp/auth_state.ts";
import { systemClock } from "../../src/whatsapp/clock.ts";
import { createLedger } from "../../src/whatsapp/ledger.ts";
import { MemoryCredentials, MemoryInbox } from "../support/memory_store.ts";

const ID = "device_1";

function setUp(credentials = new MemoryCredentials()) {
  const mappings: Mapping[] = [];
  const trying = {
    signal: new AbortController().signal,
    clock: systemClock,
    random: Math.random,
    log: logOf("test"),
  };
  const ledger = createLedger({
    deviceId: ID,
    credentials,
    inbox: new MemoryInbox(),
    trying,
    onGone: () => {},
  });
  const open = () => openAuthState(ID, credentials, ledger, (found) => void mappings.push(...found));
  return { credentials, ledger, open, mappings };
}

Deno.test("auth state keeps an identity that is linked", async () => {
  const { credentials, ledger, open } = setUp();
  const first = await open();
  first.creds.me = { id: "628:1@s.whatsapp.net" };
  first.creds.account = { details: Uint8Array.of(1) };
  first.save();
  await ledger.durable();

  const second = await setUp(credentials).open();

  assertEquals([first.paired, second.paired], [false, true]);
  assertEquals(Buffer.from(second.creds.noiseKey.private), Buffer.from(first.creds.noiseKey.private));
});

Deno.test("auth state throws away an identity whose pairing code nobody typed", async () => {
  const { credentials, ledger, open } = setUp();
  const first = await open();
  first.creds.me = { id: "628@s.whatsapp.net", name: "~" };
  first.save();
  await ledger.durable();

  const second = await setUp(credentials).open();

  assertEquals([second.paired, second.creds.me], [false, undefined]);
  assertNotEquals(second.creds.advSecretKey, first.creds.advSecretKey);
});

Deno.test("auth state gives back every kind of key as it was", async () => {
  const { credentials, ledger, open } = setUp();
  const { keys } = await open();
  const appStateKey = proto.Message.AppStateSyncKeyData.fromObject({
    keyData: Buffer.from("key"),
    timestamp: 7,
  });
  await keys.set({
    "pre-key": { "1": { public: Buffer.from("pub"), private: Buffer.from("priv") } },
    "sender-key": { g: Buffer.from("sender") },
    "app-state-sync-key": { k: appStateKey },
    "lid-mapping": { "628": "81" },
    tctoken: { a: { token: Buffer.from("t"), timestamp: "9" } },
  });
  await ledger.durable();

  const { keys: fresh } = await setUp(credentials).open();

  const [preKey, senderKey, appState, mapping, token] = await Promise.all([
    fresh.get("pre-key", ["1", "2"]),
    fresh.get("sender-key", ["g"]),
    fresh.get("app-state-sync-key", ["k"]),
    fresh.get("lid-mapping", ["628"]),
    fresh.get("tctoken", ["a"]),
  ]);
  assertEquals(Object.keys(preKey), ["1"]);
  assertEquals(preKey["1"].private, Buffer.from("priv"));
  assertEquals(senderKey.g, Buffer.from("sender"));
  assert(appState.k instanceof proto.Message.AppStateSyncKeyData);
  assertEquals([mapping["628"], token.a.token], ["81", Buffer.from("t")]);
});

Deno.test("auth state is not changed by whoever changes what it gave", async () => {
  const { open } = setUp();
  const { keys } = await open();
  await keys.set({ "device-list": { "628": ["0"] } });

  const { "628": given } = await keys.get("device-list", ["628"]);
  given.push("1");

  assertEquals(await keys.get("device-list", ["628"]), { "628": ["0"] });
});

Deno.test("auth state reads an entry from the store once, even one that is not there", async () => {
  const { credentials, open } = setUp();
  const { keys } = await open();
  await keys.get("session", ["a"]);
  const before = credentials.reads;

  await keys.get("session", ["a"]);

  assertEquals(credentials.reads, before);
});

Deno.test("auth state gives what is not on disk yet, however many entries came since", async () => {
  const { credentials, open } = setUp();
  credentials.setKeys = () => new Promise(() => {});
  const { keys } = await open();
  await keys.set({ "lid-mapping": { first: "1" } });
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`n${n}`, "x"]));

  await keys.set({ "lid-mapping": many });

  assertEquals(await keys.get("lid-mapping", ["first"]), { first: "1" });
});

Deno.test("auth state forgets what is set to null", async () => {
  const { open } = setUp();
  const { keys } = await open();
  await keys.set({ "lid-mapping": { "628": "81" } });

  await keys.set({ "lid-mapping": { "628": null } });

  assertEquals(await keys.get("lid-mapping", ["628"]), {});
});

Deno.test("auth state tells which LIDs got a number", async () => {
  const { open, mappings } = setUp();
  const { keys } = await open();

  await keys.set({ "lid-mapping": { "628": "81", "81_reverse": "628" } });

  assertEquals(mappings, [{ pn: "628@s.whatsapp.net", lid: "81@lid" }]);
});

Deno.test("auth state stores credentials as text that survives", async () => {
  const { credentials, ledger, open } = setUp();
  const { creds, save } = await open();

  save();
  await ledger.durable();

  const stored = JSON.parse(credentials.creds.get(ID) ?? "", BufferJSON.reviver);
  assertEquals(stored.signedIdentityKey.public, Buffer.from(creds.signedIdentityKey.public));
});
