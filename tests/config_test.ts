import { assert, assertEquals, assertFalse } from "@std/assert";
import { parseSettings, SETTINGS, settingsTable } from "../src/config.ts";

function settingsOf(env: Record<string, string>) {
  const parsed = parseSettings(env);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}

function problemsOf(env: Record<string, string>): readonly string[] {
  const parsed = parseSettings(env);
  return parsed.ok ? [] : parsed.problems;
}

Deno.test("settings have defaults for everything", () => {
  const settings = settingsOf({});

  assertEquals(settings.PORT, 3000);
  assertEquals(settings.DATA_DIR, "./data");
  assertEquals(settings.API_AUTH, "on");
  assertEquals(settings.WEBHOOK_FORMAT, "account");
  assertEquals(settings.WEBHOOK_URL, undefined);
});

Deno.test("settings count an empty variable as not set", () => {
  assertEquals(settingsOf({ PORT: "", WEBHOOK_URL: "" }).PORT, 3000);
});

Deno.test("settings are read into what the program needs", () => {
  const settings = settingsOf({
    PORT: "8080",
    WEBHOOK_RETRY_SCALE: "0.01",
    WEBHOOK_ALLOW_PRIVATE: "10.1.0.0/16, 192.168.7.7",
  });

  assertEquals(settings.PORT, 8080);
  assertEquals(settings.WEBHOOK_RETRY_SCALE, 0.01);
  assertEquals(settings.WEBHOOK_ALLOW_PRIVATE, ["10.1.0.0/16", "192.168.7.7"]);
});

for (
  const [name, value, told] of [
    ["PORT", "http", 'PORT takes a port number from 0 to 65535 (0: any free one), but it is "http"'],
    ["PORT", "70000", 'PORT takes a port number from 0 to 65535 (0: any free one), but it is "70000"'],
    ["WEBHOOK_URL", "ftp://x", 'WEBHOOK_URL takes an http or https URL, but it is "ftp://x"'],
    [
      "WEBHOOK_FORMAT",
      "rijan",
      'WEBHOOK_FORMAT takes `device` or `session` or `account` or `instance`, but it is "rijan"',
    ],
    [
      "WEBHOOK_CONCURRENCY",
      "0",
      'WEBHOOK_CONCURRENCY takes a whole number from 1 to 1024, but it is "0"',
    ],
  ] as const
) {
  Deno.test(`settings name the variable, what it got and what it takes (${name}=${value})`, () => {
    assertEquals(problemsOf({ [name]: value }), [told]);
  });
}

Deno.test("settings tell all mistakes at once", () => {
  assertEquals(problemsOf({ PORT: "x", LOG_LEVEL: "loud" }).length, 2);
});

Deno.test("settings allow serving without keys only on loopback", () => {
  assertEquals(problemsOf({ API_AUTH: "off", HOST: "127.0.0.1" }), []);
  assertEquals(problemsOf({ API_AUTH: "off" }).length, 1);
});

Deno.test("settings never show a secret", () => {
  const secrets = Object.entries(SETTINGS).filter(([, { secret }]) => secret).map(([name]) => name);

  assert(secrets.includes("API_KEY") && secrets.includes("MASTER_KEY") && secrets.includes("WEBHOOK_SECRET"));
});

Deno.test("README lists the settings as they are", async () => {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));

  assert(readme.includes(settingsTable()), "run `deno task readme` to bring the table up to date");
  assertFalse(settingsTable().includes("undefined"));
});
