import { assert, assertEquals, assertMatch } from "@std/assert";
import { call, KEY, startGatewayProcess } from "../support/process.ts";
import { until } from "../support/until.ts";
import { watched } from "../support/watched.ts";

const BROKEN = new URL("../support/broken_flush.ts", import.meta.url).pathname;

/** Tells the gateway's receiver something; whether it was acknowledged. */
async function tell(url: string, id: string): Promise<boolean> {
  const body = JSON.stringify({ sessionId: id, event: "qr", data: { qr: `2@${id}` } });
  const answer = await fetch(`${url}/api/whatsapp/webhook`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  }).catch(() => undefined); // it has ended by then
  await answer?.body?.cancel();
  return answer?.status === 200;
}

Deno.test("gateway whose disk fails to flush ends with a code and a line, and has all that it acknowledged", async () => {
  const dir = await Deno.makeTempDir();
  const mark = `${dir}/broken`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", BROKEN, mark],
    cwd: dir,
    env: { HOST: "127.0.0.1", PORT: "0", API_KEY: KEY, DATA_DIR: `${dir}/data`, LOG_DIR: `${dir}/logs` },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { output, ended } = watched(child);
  const url = await until(() => /listens on (\S+)/.exec(output())?.[1], "the gateway's address");
  const acknowledged: string[] = [];
  for (let i = 0; i < 5; i++) if (await tell(url, `before${i}`)) acknowledged.push(`before${i}`);

  await Deno.writeTextFile(mark, "");
  for (let i = 0; i < 5; i++) if (await tell(url, `after${i}`)) acknowledged.push(`after${i}`);
  const code = await ended();

  assertEquals(acknowledged.length, 5);
  assert(code !== 0, `it ended with ${code}`);
  assertMatch(output(), /flushing failed: Input\/output error/);
  const gateway = await startGatewayProcess({ dir });
  const { body } = await call(gateway.url, "GET", "/v1/devices?limit=100");
  const known: readonly string[] = body.data.devices.map(({ alias }: { alias: string }) => alias);
  assertEquals(acknowledged.filter((id) => !known.includes(id)), []);
  await gateway.stop();
  await Deno.remove(dir, { recursive: true });
});
