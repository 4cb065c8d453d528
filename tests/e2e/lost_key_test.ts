// `kabar key`, on data at rest and on a gateway that runs.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runKabar, startGatewayProcess } from "../support/process.ts";

/** No API_KEY: the gateway makes its own. */
const OWN_KEY = { API_KEY: "" };

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  await test(dir);
  await Deno.remove(dir, { recursive: true });
}

async function statusWith(url: string, key: string | undefined): Promise<number> {
  const response = await fetch(`${url}/v1/devices`, { headers: { authorization: `Bearer ${key}` } });
  await response.body?.cancel();
  return response.status;
}

function keyIn(output: string): string | undefined {
  return /\bkbr_\w{43}\b/.exec(output)?.[0];
}

Deno.test("a lost key is replaced while the gateway is stopped; the old one stops to count", () =>
  withDir(async (dir) => {
    const first = await startGatewayProcess({ dir, env: OWN_KEY });
    const lost = keyIn(first.output());
    await first.stop();

    const { code, stdout } = await runKabar(["key"], { dir, env: OWN_KEY });

    const second = await startGatewayProcess({ dir, env: OWN_KEY });
    assertEquals(code, 0);
    assertEquals(await statusWith(second.url, keyIn(stdout)), 200);
    assertEquals(await statusWith(second.url, lost), 401);
    assertEquals(keyIn(second.output()), undefined);
    await second.stop();
  }));

Deno.test("a lost key is replaced while the gateway runs, for those who have its master key", () =>
  withDir(async (dir) => {
    const gateway = await startGatewayProcess({ dir, env: { ...OWN_KEY, MASTER_KEY: "the operator's" } });
    const port = new URL(gateway.url).port;

    const without = await runKabar(["key"], { dir, env: { ...OWN_KEY, PORT: port } });
    const wrong = await runKabar(["key"], { dir, env: { ...OWN_KEY, PORT: port, MASTER_KEY: "a guess" } });
    const right = await runKabar(["key"], {
      dir,
      env: { ...OWN_KEY, PORT: port, MASTER_KEY: "the operator's" },
    });

    assertEquals([without.code, wrong.code, right.code], [1, 1, 0]);
    assertStringIncludes(
      without.stderr,
      `(process ${gateway.pid}) is running on it. Stop it and try again, or set MASTER_KEY`,
    );
    assertStringIncludes(wrong.stderr, "MASTER_KEY is not the gateway's");
    assertEquals(await statusWith(gateway.url, keyIn(right.stdout)), 200);
    await gateway.stop();
  }));

Deno.test("no key is made when the setting says what it is, nor where there is no data", () =>
  withDir(async (dir) => {
    const set = await runKabar(["key"], { dir });
    const empty = await runKabar(["key"], { dir, env: OWN_KEY });

    assertEquals([set.code, empty.code], [1, 1]);
    assertStringIncludes(set.stderr, "the setting API_KEY says what it is");
    assertStringIncludes(empty.stderr, `There is no ${dir}/data/logs.db: DATA_DIR says where`);
    assertEquals(await Array.fromAsync(Deno.readDir(dir)), []);
  }));

Deno.test({
  name: "data that root restores stays its owner's",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () =>
    withDir(async (dir) => {
      const OWNER = 1234;
      const first = await startGatewayProcess({ dir });
      await first.stop();
      await runKabar(["backup", `${dir}/copy.db`], { dir });
      await Deno.chmod(`${dir}/data`, 0o750);
      await Deno.chown(`${dir}/data`, OWNER, OWNER);
      for await (const { name } of Deno.readDir(`${dir}/data`)) {
        await Deno.chown(`${dir}/data/${name}`, OWNER, OWNER);
      }

      const { code } = await runKabar(["restore", `${dir}/copy.db`, "--force"], { dir });

      const stat = await Deno.stat(`${dir}/data`);
      const files = await Array.fromAsync(Deno.readDir(`${dir}/data`), async ({ name }) => {
        const { uid, gid } = await Deno.stat(`${dir}/data/${name}`);
        return [name, uid, gid];
      });
      assertEquals([code, stat.mode! & 0o777, stat.uid], [0, 0o750, OWNER]);
      assertEquals(
        files.filter(([, uid, gid]) => uid !== OWNER || gid !== OWNER),
        [],
      );
      assertMatch(files.map(([name]) => name).join(" "), /\blogs\.db\b/);
    }),
});
