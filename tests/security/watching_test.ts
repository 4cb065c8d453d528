import { assertEquals, assertMatch } from "@std/assert";
import { KEY, startGatewayProcess } from "../support/process.ts";

const STRANGER = { "X-Forwarded-For": "203.0.113.9" };

async function statusOf(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const answer = await fetch(url, { headers });
  await answer.body?.cancel();
  return answer.status;
}

for (
  const [setting, here, stranger] of [["loopback", 200, 401], ["key", 401, 401], ["open", 200, 200]] as const
) {
  Deno.test(`metrics with METRICS=${setting} are shown to those that it names, and with the key`, async () => {
    const dir = await Deno.makeTempDir();
    const gateway = await startGatewayProcess({ dir, env: { METRICS: setting } });
    try {
      const url = `${gateway.url}/metrics`;

      assertEquals([await statusOf(url), await statusOf(url, STRANGER)], [here, stranger]);
      assertEquals(await statusOf(url, { ...STRANGER, Authorization: `Bearer ${KEY}` }), 200);
    } finally {
      await gateway.kill();
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("a session's status is shown on this machine, and strangers learn of none that exists", async () => {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir });
  try {
    const url = `${gateway.url}/api/whatsapp/session/status/nobody`;

    assertEquals([await statusOf(url), await statusOf(url, STRANGER)], [404, 401]);
    assertEquals(await statusOf(url, { ...STRANGER, "X-API-Key": KEY }), 404);
  } finally {
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test({
  name: "logs can be read by their owner only, those of before too",
  ignore: Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    await Deno.mkdir(`${dir}/logs`);
    await Deno.writeTextFile(`${dir}/logs/app.log`, "", { mode: 0o644 });
    const gateway = await startGatewayProcess({ dir });
    const modes = ["app.log", "combined.log"].map((name) =>
      (Deno.statSync(`${dir}/logs/${name}`).mode ?? 0) & 0o777
    );
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });

    assertEquals(modes, [0o600, 0o600]);
  },
});

Deno.test("a store that is damaged or gone is noticed at the next start", async () => {
  const dir = await Deno.makeTempDir();
  const first = await startGatewayProcess({ dir });
  await first.stop();
  const path = `${dir}/data/logs.db`;
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.map((byte, at) => at >= 40_960 && at < 49_152 ? 0x5a : byte));

  const refused = await startGatewayProcess({ dir }).then(
    (gateway) => gateway.kill(),
    (error) => String(error),
  );

  for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(path + suffix).catch(() => {}); // some are not there
  const emptied = await startGatewayProcess({ dir });
  await emptied.stop();

  assertMatch(String(refused), /it is damaged/);
  assertMatch(await Deno.readTextFile(`${dir}/logs/combined.log`), /store\.missing/);
  await Deno.remove(dir, { recursive: true });
});
