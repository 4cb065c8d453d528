import { assert, assertEquals, assertFalse } from "@std/assert";
import { filesIn, parseSettings, SETTINGS, settingsTable, strangeIn } from "../src/config.ts";

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
      'WEBHOOK_FORMAT takes `device` or `session` or `account` or `instance` or `cloud`, but it is "rijan"',
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

for (
  const [name, value, read] of [
    ["PORT", "3000\r", 3000],
    ["API_KEY", "secret\r", "secret"],
    ["API_KEY", " secret ", "secret"],
    ["API_KEY", "  ", undefined],
    ["MASTER_KEY", "master\n", "master"],
    ["WEBHOOK_SECRET", "sek\r", "sek"],
    ["QISCUS_SECRET_KEY", "k\r\n", "k"],
    ["DATA_DIR", "data\r", "data"],
    ["WEBHOOK_URL", "https://a.example/x ", "https://a.example/x"],
  ] as const
) {
  Deno.test(`settings leave out the white space around ${name}=${JSON.stringify(value)}`, () => {
    assertEquals(settingsOf({ [name]: value })[name], read);
  });
}

for (
  const [name, value, problem] of [
    ["PORT", "30\r00", 'PORT takes a port number from 0 to 65535 (0: any free one), but it is "30\\u000d00"'],
    [
      "PORT",
      "\u200b3000",
      'PORT takes a port number from 0 to 65535 (0: any free one), but it is "\\u200b3000"',
    ],
    ["DATA_DIR", "da\u0000ta", 'DATA_DIR takes text without control characters, but it is "da\\u0000ta"'],
    ["API_KEY", "a\tb", "API_KEY takes text without control characters, but it is something else"],
    [
      "APP_URL",
      "https://kabar.example/webhooks/qiscus",
      "APP_URL takes an http or https URL without a query, and without the path of a receiver such as " +
      '/webhooks/qiscus, but it is "https://kabar.example/webhooks/qiscus"',
    ],
    [
      "APP_URL",
      "https://kabar.example/?a=1",
      "APP_URL takes an http or https URL without a query, and without the path of a receiver such as " +
      '/webhooks/qiscus, but it is "https://kabar.example/?a=1"',
    ],
    ["WEBHOOK_URL", "ftp://n8n:pw@x", 'WEBHOOK_URL takes an http or https URL, but it is "ftp://***@x"'],
    [
      "WEBHOOK_URL",
      "https://n8n:pw@n8n.example/x",
      "WEBHOOK_URL must not carry a user name or password: start without them, then set a header `Authorization` with " +
      "PUT /v1/webhooks/<id>, whose id GET /v1/webhooks shows",
    ],
    [
      "WEBHOOK_URL",
      "http://169.254.169.254/h",
      'WEBHOOK_URL takes the address of a receiver: "169.254.169.254" leads to a link-local address, which is never ' +
      "allowed (not even by WEBHOOK_ALLOW_PRIVATE)",
    ],
    [
      "WEBHOOK_URL",
      `https://a.example/${"x".repeat(2_100)}`,
      "WEBHOOK_URL takes at most 2048 characters, but it has 2118",
    ],
  ] as const
) {
  Deno.test(`settings refuse ${name}=${JSON.stringify(value).slice(0, 60)} by name`, () => {
    assertEquals(problemsOf({ [name]: value }), [problem]);
  });
}

Deno.test("settings refuse a secret that cannot sign", () => {
  const problems = problemsOf({ WEBHOOK_URL: "https://a.example", WEBHOOK_SECRET: "whsec_!!!" });

  assertEquals(problems, ["WEBHOOK_SECRET cannot sign: the secret must be Base64 after `whsec_`"]);
});

Deno.test("settings that are strange are told, not refused", () => {
  const strange = strangeIn({
    API_KEY: '"secret-of-many-letters"',
    PORT: "3000",
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  });

  assertEquals(strange.map((line) => line.split(" ")[0]), ["API_KEY", "NODE_TLS_REJECT_UNAUTHORIZED"]);
  assertEquals(strange.some((line) => line.includes("secret-of")), false);
  assertEquals(strangeIn({ API_KEY: "secret", NODE_TLS_REJECT_UNAUTHORIZED: "1" }), []);
});

Deno.test("settings of proxies may be written in lower case, as other programs have them", () => {
  const read = (env: Record<string, string>) => {
    const parsed = parseSettings(env);
    return parsed.ok ? [parsed.settings.HTTPS_PROXY, parsed.settings.NO_PROXY] : parsed.problems;
  };
  const [lower, upper] = ["http://lower.example:3128", "http://upper.example:3128"];

  assertEquals(read({ https_proxy: lower, no_proxy: "a.example" }), [lower, ["a.example"]]);
  assertEquals(read({ https_proxy: lower, HTTPS_PROXY: upper }), [upper, undefined]);
  assertEquals(read({ https_proxy: lower, HTTPS_PROXY: "" }), [lower, undefined]);
  assertEquals(
    read({ https_proxy: "proxy" })[0]?.toString().split(",")[0],
    "https_proxy takes an http or https URL",
  );
  assertEquals(read({ port: "abc", Https_Proxy: lower }), [undefined, undefined]);
});

Deno.test("settings name the roles of a gateway, and refuse to leave some out where nobody else does them", () => {
  const shared = {
    DATABASE_URL: "postgres://kabar:secret@db:5432/kabar",
    API_KEY: "a key of many characters",
  };
  const parsed = parseSettings({ ...shared, GATEWAY_ROLES: "http, http,deliveries" });
  const unknown = parseSettings({ ...shared, GATEWAY_ROLES: "http,sending" });
  const alone = parseSettings({ GATEWAY_ROLES: "http" });

  assertEquals(parsed.ok && parsed.settings.GATEWAY_ROLES, ["http", "deliveries"]);
  assertEquals([unknown, alone].map((each) => !each.ok && each.problems), [
    [
      "GATEWAY_ROLES takes one or more of `http`, `devices` and `deliveries`, separated by commas, but it is " +
      '"http,sending"',
    ],
    [
      "GATEWAY_ROLES takes all of http,devices,deliveries without DATABASE_URL, as nobody else does the rest, but it " +
      "is http",
    ],
  ]);
});

Deno.test("settings put files where every gateway finds them, unless they say otherwise", () => {
  const shared = {
    DATABASE_URL: "postgres://kabar:secret@db:5432/kabar",
    API_KEY: "a key of many characters",
  };
  const placeOf = (env: Readonly<Record<string, string>>) => {
    const parsed = parseSettings(env);
    return parsed.ok ? filesIn(parsed.settings) : parsed.problems;
  };

  assertEquals([placeOf({}), placeOf(shared), placeOf({ ...shared, FILES: "disk" })], [
    "disk",
    "database",
    "disk",
  ]);
  assertEquals(placeOf({ FILES: "database" }), [
    "FILES takes `database` only with DATABASE_URL, but that is not set",
  ]);
});
