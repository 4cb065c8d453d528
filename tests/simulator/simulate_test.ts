import { Buffer } from "node:buffer";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { simulate } from "../../src/simulator/simulate.ts";

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
