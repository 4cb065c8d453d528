// The first screen of the README: one command that ends in a gateway to look at.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../support/until.ts";
import { startKabar } from "../support/process.ts";

Deno.test("demo shows a retry that gets through, stays up to be looked at, and leaves nothing behind", async () => {
  const dir = await Deno.makeTempDir();
  const demo = startKabar(["demo", "--stay"], { dir, env: { TMPDIR: dir } });
  const [, url, key] = await until(
    () => /Open (http:\S+) in a browser and sign in with this key: (\S+)/.exec(demo.output()) ?? undefined,
    "the address to open",
  );

  const front = await fetch(url, { headers: { accept: "text/html" } });
  const page = await front.text();
  const webhooks = await (await fetch(`${url}/v1/webhooks`, { headers: { "X-API-Key": key } })).json();
  const code = await demo.stop();

  assertStringIncludes(demo.output(), "attempt 2, answered 200");
  assert(!demo.output().includes("SIGNATURE WRONG"));
  assertEquals(front.url, `${url}/ui/sign-in`);
  assertStringIncludes(page, "<form");
  assertEquals(webhooks.data.webhooks.length, 1);
  assertEquals(code, 0);
  assertEquals(await Array.fromAsync(Deno.readDir(dir), ({ name }) => name), []);
  await Deno.remove(dir, { recursive: true });
});
