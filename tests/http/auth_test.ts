import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { HttpEnv } from "../../src/http/context.ts";
import { hashKey } from "../../src/tenants/keys.ts";
import { API_KEY, type Ask, MASTER_KEY, setUpHttp } from "../support/http.ts";

/** Tells who asks. */
function whoAmI() {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.get("/who", (c) => c.text(c.get("tenant").id));
  return routes;
}
const keyed = [{ at: "/v1", routes: whoAmI() }, { at: "/api", routes: whoAmI() }];

const accepted: readonly (readonly [what: string, path: string, ask: Ask])[] = [
  ["Bearer", "/v1/who", { key: API_KEY }],
  ["bearer in small letters", "/v1/who", { key: null, headers: { authorization: `bearer ${API_KEY}` } }],
  ["X-API-Key", "/v1/who", { key: null, headers: { "x-api-key": API_KEY } }],
  ["X-API-Key beside a proxy's Basic", "/v1/who", {
    key: null,
    headers: { "X-API-Key": API_KEY, Authorization: "Basic abc" },
  }],
  ["Bearer beside an empty X-API-Key", "/v1/who", { key: API_KEY, headers: { "X-API-Key": "" } }],
  ["X-API-Key on /api", "/api/who", { key: null, headers: { "X-API-Key": API_KEY } }],
  ["Bearer on /api", "/api/who", { key: API_KEY }],
  ["api_key in the query of /api", `/api/who?api_key=${API_KEY}`, { key: null }],
];

for (const [what, path, ask] of accepted) {
  Deno.test(`auth lets the default tenant in with its key (${what})`, async () => {
    await using http = await setUpHttp({ keyed });

    const answer = await http.ask("GET", path, ask);

    assertEquals([answer.status, answer.text], [200, "tenant_default"]);
  });
}

const refused: readonly (readonly [what: string, path: string, ask: Ask, code: string])[] = [
  ["no key", "/v1/who", { key: null }, "UNAUTHORIZED"],
  ["an empty key", "/v1/who", { key: null, headers: { "X-API-Key": "" } }, "UNAUTHORIZED"],
  ["another scheme", "/v1/who", { key: null, headers: { Authorization: "Basic abc" } }, "UNAUTHORIZED"],
  ["a wrong key", "/v1/who", { key: "kbr_wrong" }, "INVALID_API_KEY"],
  ["a key that is far too long", "/v1/who", { key: "k".repeat(5000) }, "INVALID_API_KEY"],
  ["the hash of the key", "/v1/who", { key: hashKey(API_KEY) }, "INVALID_API_KEY"],
  ["the master key", "/v1/who", { key: MASTER_KEY }, "INVALID_API_KEY"],
  ["api_key in the query of /v1", `/v1/who?api_key=${API_KEY}`, { key: null }, "UNAUTHORIZED"],
  ["no key on a path that does not exist", "/v1/nothing", { key: null }, "UNAUTHORIZED"],
];

for (const [what, path, ask, code] of refused) {
  Deno.test(`auth refuses ${what}`, async () => {
    await using http = await setUpHttp({ keyed });

    const answer = await http.ask("GET", path, ask);

    assertEquals([answer.status, answer.at("success"), answer.at("error.code")], [401, false, code]);
    assertMatch(String(answer.headers.get("WWW-Authenticate")), /^Bearer/);
  });
}

Deno.test("auth refuses on /api in both of its words", async () => {
  await using http = await setUpHttp({ keyed });

  const none = await http.ask("GET", "/api/who", { key: null });
  const wrong = await http.ask("GET", "/api/who?api_key=nonsense", { key: null });

  assertEquals(none.status, 401);
  assertEquals(none.at(""), { success: false, message: "API key is required", error: "API key is required" });
  assertEquals(wrong.at(""), { success: false, message: "Invalid API key", error: "Invalid API key" });
});

Deno.test("auth tells tenants apart by their keys", async () => {
  await using http = await setUpHttp({ keyed });
  const { id, key } = await http.anotherTenant();

  const answer = await http.ask("GET", "/v1/who", { key });

  assertEquals(answer.text, id);
});

Deno.test("auth refuses a suspended tenant with 403", async () => {
  await using http = await setUpHttp({ keyed });
  const { id, key } = await http.anotherTenant();
  await http.tenancy.suspend(id);

  const answer = await http.ask("GET", "/v1/who", { key });

  assertEquals([answer.status, answer.at("error.code")], [403, "FORBIDDEN"]);
});

for (const key of [null, "kbr_wrong", API_KEY]) {
  Deno.test(`auth that is off makes everybody the default tenant (key ${key})`, async () => {
    await using http = await setUpHttp({ keyed, apiAuth: "off" });

    const answer = await http.ask("GET", "/v1/who", { key });

    assertEquals(answer.text, "tenant_default");
  });
}

Deno.test("auth that is off still keeps /admin closed", async () => {
  await using http = await setUpHttp({ apiAuth: "off" });

  const answer = await http.ask("GET", "/admin/tenants", { key: null });

  assertEquals(answer.status, 401);
});

for (
  const [what, masterKey, given, status] of [
    ["plain", "open sesame", "open sesame", 200],
    ["a hash", hashKey("open sesame"), "open sesame", 200],
    ["a hash in capitals", hashKey("open sesame").toUpperCase(), "open sesame", 200],
    ["wrong", "open sesame", "open barley", 401],
    ["missing", "open sesame", undefined, 401],
    ["an API key", "open sesame", API_KEY, 401],
    ["not set", undefined, "open sesame", 401],
    ["not set and empty", undefined, "", 401],
  ] as const
) {
  Deno.test(`auth of /admin answers ${status} when the master key is ${what}`, async () => {
    await using http = await setUpHttp({ masterKey });

    const headers = given === undefined ? undefined : { "X-Master-Key": given };
    const answer = await http.ask("GET", "/admin/tenants", { headers });

    assertEquals(answer.status, status);
  });
}

Deno.test("auth of /admin explains that a hash is no key", async () => {
  const masterKey = hashKey("open sesame");
  await using http = await setUpHttp({ masterKey });

  const answer = await http.ask("GET", "/admin/tenants", { headers: { "X-Master-Key": masterKey } });

  assertEquals([answer.status, answer.at("error.code")], [401, "INVALID_MASTER_KEY"]);
  assertStringIncludes(String(answer.at("error.message")), "64 hex digits");
});
