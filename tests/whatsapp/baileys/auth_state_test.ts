import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { BufferJSON, proto } from "@whiskeysockets/baileys";
import { type Logger, logOf } from "../../../src/log.ts";
import type { Mapping } from "../../../src/whatsapp/baileys/contact_changes.ts";
import { openAuthState } from "../../../src/whatsapp/baileys/auth_state.ts";
import { systemClock } from "../../../src/async/clock.ts";
import { createLedger } from "../../../src/whatsapp/baileys/ledger.ts";
import { type KeptStore, keptStore } from "../../support/kept_store.ts";

const ID = "device_1";

function setUp(
  { credentials, inbox, history }: Pick<KeptStore, "credentials" | "inbox" | "history"> = keptStore(),
) {
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
    inbox,
    history,
    trying,
    onGone: () => {},
  });
  const warnings: (readonly [string, unknown])[] = [];
  const log = { warn: (...told: [string, unknown]) => void warnings.push(told) };
  const open = () =>
    openAuthState(
      ID,
      credentials,
      ledger,
      (found) => void mappings.push(...found),
      log as Pick<Logger, "warn">,
    );
  return { credentials, inbox, history, ledger, open, mappings, warnings };
}

Deno.test("auth state keeps an identity that is linked", async () => {
  const { credentials, inbox, history, ledger, open } = setUp();
  const first = await open();
  first.creds.me = { id: "628:1@s.whatsapp.net" };
  first.creds.account = { details: Uint8Array.of(1) };
  first.save();
  await ledger.durable();

  const second = await setUp({ credentials, inbox, history }).open();

  assertEquals([first.paired, second.paired], [false, true]);
  assertEquals(Buffer.from(second.creds.noiseKey.private), Buffer.from(first.creds.noiseKey.private));
});

Deno.test("auth state throws away an identity whose pairing code nobody typed", async () => {
  const { credentials, inbox, history, ledger, open } = setUp();
  const first = await open();
  first.creds.me = { id: "628@s.whatsapp.net", name: "~" };
  first.save();
  await ledger.durable();

  const second = await setUp({ credentials, inbox, history }).open();

  assertEquals([second.paired, second.creds.me], [false, undefined]);
  assertNotEquals(second.creds.advSecretKey, first.creds.advSecretKey);
});

Deno.test("auth state gives back every kind of key as it was", async () => {
  const { credentials, inbox, history, ledger, open } = setUp();
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

  const { keys: fresh } = await setUp({ credentials, inbox, history }).open();

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

  const stored = JSON.parse(await credentials.load(ID) ?? "", BufferJSON.reviver);
  assertEquals(stored.signedIdentityKey.public, Buffer.from(creds.signedIdentityKey.public));
});

Deno.test("auth state takes rows that cannot be read for none, and tells of each once", async () => {
  const { credentials, open, warnings } = setUp();
  const rows = { "628_reverse": '"62', "629_reverse": "17", "630_reverse": '"62811"' };
  await credentials.setKeys(
    ID,
    Object.entries(rows).map(([id, value]) => ({ type: "lid-mapping", id, value })),
  );
  const { keys } = await open();

  await keys.get("lid-mapping", Object.keys(rows));
  const found = await keys.get("lid-mapping", Object.keys(rows));

  assertEquals(found, { "630_reverse": "62811" });
  assertEquals(
    warnings,
    ["628_reverse", "629_reverse"].map((id) =>
      ["session.key_unreadable", { deviceId: ID, type: "lid-mapping", id }] as const
    ),
  );
});
