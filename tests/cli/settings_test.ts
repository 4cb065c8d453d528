import { assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { envFile, init } from "../../src/cli/init.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import { CommandError, SettingsError } from "../../src/cli/verb.ts";
import { parseSettings, SETTINGS, sourceOf } from "../../src/config.ts";

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  await test(dir);
  await Deno.remove(dir, { recursive: true });
}

Deno.test("settings are read from a file, and the environment decides where both set one", () =>
  withDir(async (dir) => {
    await Deno.writeTextFile(
      `${dir}/a.env`,
      '# ours\nPORT=4000\nWEBHOOK_SECRET="a b"\nexport LOG_LEVEL=debug\n',
    );

    const settings = readSettings({ PORT: "5000" }, `${dir}/a.env`);

    assertEquals([settings.PORT, settings.WEBHOOK_SECRET, settings.LOG_LEVEL], [5000, "a b", "debug"]);
    const from = (["PORT", "LOG_LEVEL", "HOST"] as const).map((name) => sourceOf(settings, name));
    assertEquals(from, ["environment", "file", "default"]);
  }));

Deno.test("a file of settings that is not there is named", () => {
  const error = assertThrows(() => readSettings({}, "/no/such/kabar.env"), SettingsError);

  assertStringIncludes(error.message, "Cannot read --env-file /no/such/kabar.env");
});

Deno.test("a name in the file that is no setting is told with the one that was meant, and without its value", () =>
  withDir(async (dir) => {
    const lines = [
      "WEBHOK_URL=https://hush.example",
      "ELSEWHERE_USED=hush",
      "TZ=Asia/Jakarta",
      "c2VjcmV0Cg==",
      "no_proxy=b.example",
    ];
    await Deno.writeTextFile(`${dir}/a.env`, lines.join("\n"));
    const warned: string[] = [];

    readSettings({ WEBHOK_SECRET: "hush" }, `${dir}/a.env`, (line) => warned.push(line));

    assertEquals(warned, [`WEBHOK_URL in ${dir}/a.env is no setting; did you mean WEBHOOK_URL?`]);
  }));

Deno.test("a wrong value in the file is told as one in the environment", () =>
  withDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/a.env`, "PORT=many\n");

    const error = assertThrows(() => readSettings({}, `${dir}/a.env`), SettingsError);

    assertStringIncludes(
      error.message,
      'PORT takes a port number from 0 to 65535 (0: any free one), but it is "many"',
    );
  }));

Deno.test("init writes every setting with its default, all of them switched off", () =>
  withDir(async (dir) => {
    const printed: string[] = [];

    await init(`${dir}/kabar.env`, { force: false, print: (line) => printed.push(line) });

    const text = await Deno.readTextFile(`${dir}/kabar.env`);
    assertEquals((await Deno.stat(`${dir}/kabar.env`)).mode! & 0o777, 0o600);
    assertEquals(readSettings({}, `${dir}/kabar.env`), readSettings({}, undefined));
    for (const name of Object.keys(SETTINGS)) assertMatch(text, new RegExp(`^#${name}=`, "m"));
    assertStringIncludes(printed[1], `kabar --env-file ${dir}/kabar.env`);
  }));

Deno.test("init's file means the same when every line of it is switched on", () => {
  const on = envFile().replaceAll(/^#([A-Z_]+=)/gm, "$1");
  const lines = on.split("\n").filter((line) => /^[A-Z]/.test(line));
  const env = Object.fromEntries(
    lines.map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]),
  );

  const parsed = parseSettings(env);

  assertEquals(parsed, parseSettings({}));
});

Deno.test("init replaces a file only when it is told to", () =>
  withDir(async (dir) => {
    const path = `${dir}/kabar.env`;
    await Deno.writeTextFile(path, "PORT=4000\n");
    const printed: string[] = [];
    const print = (line: string) => printed.push(line);

    const refused = await assertRejects(() => init(path, { force: false, print }), CommandError);
    const kept = await Deno.readTextFile(path);
    await init(path, { force: true, print });

    assertEquals(refused.message, `Cannot write ${path}: it exists. --force replaces it`);
    assertEquals(kept, "PORT=4000\n");
    assertStringIncludes(await Deno.readTextFile(path), "#PORT=3000");
  }));
