import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { call, KEY } from "../support/process.ts";
import { watched } from "../support/watched.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The command of `SECURITY.md` for those who give the program no more than it needs, with folders of the test. */
async function tightCommand(dir: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${ROOT}.github/SECURITY.md`);
  const command = /^ {4}deno (run [^]*? serve)$/m.exec(text)?.[1] ?? "";
  return command.replaceAll("\\\n", " ").replaceAll("/var/lib/kabar", `${dir}/data`).replaceAll(
    "/var/log/kabar",
    `${dir}/logs`,
  ).split(/\s+/);
}

Deno.test("gateway works with no more rights than SECURITY.md names", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${dir}/data`);
  await Deno.mkdir(`${dir}/logs`);
  const args = await tightCommand(dir);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { HOST: "127.0.0.1", PORT: "0", API_KEY: KEY, DATA_DIR: `${dir}/data`, LOG_DIR: `${dir}/logs` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { output, ended } = watched(child);
  try {
    const url = await until(() => /listens on (\S+)/.exec(output())?.[1], "the gateway's address")
      .catch((error) => {
        throw new Error(`${error}: ${output()}`);
      });
    await until(async () => {
      const answer = await fetch(`${url}/ready`);
      await answer.body?.cancel();
      return answer.status === 200;
    }, "the gateway to be ready");

    const made = await call(url, "POST", "/v1/devices", { label: "Kasir" });
    const shown = await call(url, "GET", `/v1/devices/${made.body.data.id}`);

    assertEquals([made.status, shown.status], [201, 200]);
    assertMatch(args.join(" "), /--allow-write=\S+data,\S+logs /);
  } finally {
    child.kill("SIGTERM");
    await ended();
    await Deno.remove(dir, { recursive: true });
  }
  assertEquals(output().includes("NotCapable"), false, output());
});
