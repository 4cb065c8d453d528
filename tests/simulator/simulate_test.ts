import { Buffer } from "node:buffer";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { simulate } from "../../src/simulator/simulate.ts";
import { BaileysClient } from "../support/baileys_client.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { trustRoot } from "../support/simulated.ts";
import { until } from "../support/until.ts";

Deno.test("simulate prints what a gateway needs, serves, and stops when told to", async () => {
  const lines: string[] = [];
  const stop = new AbortController();
  const printed = Promise.withResolvers<void>();
  const print = (line: string) => {
    lines.push(line);
    if (line.includes("?wait=10")) printed.resolve();
  };

  const running = simulate({ host: "127.0.0.1", port: 0, wsPort: 0 }, stop.signal, print);
  await printed.promise;
  const text = lines.join("\n");
  const url = text.match(/Control API: (\S+)/)?.[1] ?? "";
  const about = await (await fetch(url)).json();
  stop.abort();
  await running;

  assert(text.includes(`WHATSAPP_WS_URL=${about.url} WHATSAPP_ROOT_KEY=${about.rootKey}`), text);
  assertEquals(Buffer.from(about.rootKey, "hex").length, 32);
  await assertRejects(() => fetch(url), TypeError);
});

Deno.test("simulate stops what it started when its port is taken", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const settings = { host: "127.0.0.1", port: taken.addr.port, wsPort: 0 };

  const running = simulate(settings, new AbortController().signal, () => {});

  await assertRejects(() => running, Deno.errors.AddrInUse);
  taken.close();
});

Deno.test("simulate gives the same settings for the same seed, and keeps the authority's file", async () => {
  const seed = `test ${crypto.randomUUID()}`;
  const settingsOf = async (given: string) => {
    const lines: string[] = [];
    const stop = new AbortController();
    const printed = Promise.withResolvers<void>();
    const running = simulate({ host: "127.0.0.1", port: 0, wsPort: 0, seed: given }, stop.signal, (line) => {
      lines.push(line);
      if (line.includes("?wait=10")) printed.resolve();
    });
    await printed.promise;
    stop.abort();
    await running;
    const text = lines.join("\n");
    const path = text.match(/WHATSAPP_MEDIA_CA=(\S+)/)?.[1] ?? "";
    return { root: text.match(/ROOT_KEY=(\S+)/)?.[1], path, ca: await Deno.readTextFile(path) };
  };

  const [first, second, other] = [
    await settingsOf(seed),
    await settingsOf(seed),
    await settingsOf(`${seed}2`),
  ];

  assertEquals([first.root, first.path], [second.root, second.path]);
  assert(first.root !== other.root && first.path !== other.path);
  assert(first.ca.includes("BEGIN CERTIFICATE"));
  for (const { path } of [first, other]) await Deno.remove(path);
});

Deno.test("simulate plays a record to the first device that its phone links", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  const plain = Buffer.from(proto.Message.encode({ conversation: "Text 1" }).finish()).toString("base64");
  const enc = { tag: "enc", attrs: { v: "2", type: "msg" }, plain };
  const from = { from: "10000000000001@lid", sender_pn: "628110000002@s.whatsapp.net", t: "1900000000" };
  const lines = [
    {
      format: "kabar-wire",
      version: 1,
      startedAt: 1_900_000_000_000,
      me: { number: "628110000001" },
      texts: "dropped",
    },
    {
      at: 1,
      stanza: {
        tag: "message",
        attrs: { ...from, id: "R1", type: "text", notify: "Name 1" },
        children: [enc],
      },
    },
    {
      at: 2,
      stanza: {
        tag: "message",
        attrs: { ...from, id: "R2" },
        children: [{ ...enc, plain: undefined, unreadable: true }],
      },
    },
    { at: 3, stanza: { tag: "receipt", attrs: { from: "10000000000001@lid", id: "OURS", t: "1900000001" } } },
  ];
  await Deno.writeTextFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  quietLibsignal();
  let printed = "";
  const stop = new AbortController();
  const settings = { host: "127.0.0.1", port: 0, wsPort: 0, replay: path };
  const running = simulate(settings, stop.signal, (line) => printed += `${line}\n`);
  const [control, url, root] = await until(() => {
    const found = [/Control API: (\S+)/, /WS_URL=(\S+)/, /ROOT_KEY=(\S+)/].map((each) =>
      each.exec(printed)?.[1]
    );
    return printed.includes("is played to") && found.filter((each) => each !== undefined).length === 3 &&
      found.map(String);
  }, "where the simulator is");
  trustRoot(Buffer.from(root, "hex"));
  const client = new BaileysClient(url);

  const qr = await client.until(() => client.qr, "qr");
  await fetch(`${control}/phones/628110000001/scan`, { method: "POST", body: JSON.stringify({ qr }) });
  const { message } = await client.message("R1");
  await until(() => printed.includes("Played 2 stanzas; 1 could not be read"), "the end of the play");
  stop.abort();
  await running;

  assertEquals([message.message?.conversation, message.pushName, message.key.remoteJidAlt], [
    "Text 1",
    "Name 1",
    "628110000002@s.whatsapp.net",
  ]);
  assertEquals(Math.abs(Number(message.messageTimestamp) - Date.now() / 1_000) < 60, true);
  await client.end();
  await Deno.remove(path);
});

Deno.test("simulate says which option names a record that is not there", async () => {
  const settings = { host: "127.0.0.1", port: 0, wsPort: 0, replay: "/nowhere/record.jsonl" };

  const running = simulate(settings, new AbortController().signal, () => {});

  await assertRejects(
    () => running,
    Deno.errors.NotFound,
    "--replay /nowhere/record.jsonl: there is no such file",
  );
});

Deno.test("simulate refuses a record that is none, before it listens", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "hello\n");
  const settings = { host: "127.0.0.1", port: 0, wsPort: 0, replay: path };

  const running = simulate(settings, new AbortController().signal, () => {});

  await assertRejects(() => running, SyntaxError, "line 1");
  await Deno.remove(path);
});
