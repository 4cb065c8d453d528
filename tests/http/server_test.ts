import { DeviceOfflineError } from "../../src/devices/offline.ts";
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  ConflictError,
  InvalidError,
  NotFoundError,
  RefusedError,
  StoreUnavailableError,
} from "../../src/errors.ts";
import type { HttpEnv } from "../../src/http/context.ts";
import { apiQuery } from "../../src/http/fields.ts";
import { type Answer, setUpHttp } from "../support/http.ts";

function failing(error: unknown) {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.get("/fail", () => {
    throw error;
  });
  return [{ at: "/v1", routes }, { at: "/api", routes }, { at: "/admin", routes }];
}

const failures: readonly (readonly [error: Error, status: number, code: string])[] = [
  [new InvalidError("url", "Bad url"), 400, "VALIDATION_ERROR"],
  [new NotFoundError("webhook", "wh_x"), 404, "NOT_FOUND"],
  [new ConflictError("There already"), 409, "ALREADY_EXISTS"],
  [new DeviceOfflineError("device_1", "disconnected"), 409, "DEVICE_NOT_CONNECTED"],
  [new RefusedError("NOT_ON_WHATSAPP", "Nobody there"), 422, "NOT_ON_WHATSAPP"],
  [new StoreUnavailableError("disk I/O error"), 503, "STORE_UNAVAILABLE"],
  [new Error("password=hunter2 at /home/me"), 500, "INTERNAL_ERROR"],
];

for (const [error, status, code] of failures) {
  Deno.test(`server answers a ${error.name} with ${status} on every surface`, async () => {
    await using http = await setUpHttp({ keyed: failing(error) });

    const v1 = await http.ask("GET", "/v1/fail");
    const admin = await http.admin("GET", "/admin/fail");
    const api = await http.ask("GET", "/api/fail");

    assertEquals([v1.status, admin.status, api.status], [status, status, status]);
    assertEquals([v1.at("success"), v1.at("error.code"), admin.at("error.code")], [false, code, code]);
    assertMatch(String(v1.at("requestId")), /^req_/);
    assertEquals(Object.keys(api.at("") as object), ["success", "message", "error"]);
    assertEquals(api.at("message"), api.at("error"));
  });
}

Deno.test("server tells nothing of an unforeseen failure but where to look", async () => {
  await using http = await setUpHttp({ keyed: failing(new Error("password=hunter2 at /home/me")) });

  const answer = await http.ask("GET", "/v1/fail");

  assertFalse(/hunter2|home|\.ts/.test(answer.text), answer.text);
  assertStringIncludes(answer.text, String(answer.at("requestId")));
});

Deno.test("server says when to come again while the store is not available", async () => {
  await using http = await setUpHttp({ keyed: failing(new StoreUnavailableError("disk I/O error")) });

  const answer = await http.ask("GET", "/v1/fail");

  assertEquals(answer.headers.get("Retry-After"), "5");
  assertFalse(answer.text.includes("disk"));
});

for (const [path, envelope] of [["/v1/nothing", "v1"], ["/nothing", "v1"], ["/api/nothing", "api"]]) {
  Deno.test(`server answers 404 to ${path} in the envelope of its surface`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("GET", path);

    assertEquals([answer.status, answer.at("success")], [404, false]);
    if (envelope === "v1") assertEquals(answer.at("error.code"), "NOT_FOUND");
    else assertEquals(answer.at("message"), answer.at("error"));
  });
}

for (const path of ["/v1/webhooks", "/api/fail", "/admin/tenants"]) {
  Deno.test(`server answers 405 to a method that ${path} does not take, and says which it takes`, async () => {
    await using http = await setUpHttp({ keyed: failing(new Error()) });

    const answer = path.startsWith("/admin") ? await http.admin("PUT", path) : await http.ask("PUT", path);

    const allowed = path === "/api/fail" ? "GET" : "GET, POST";
    assertEquals([answer.status, answer.headers.get("Allow"), answer.at("success")], [405, allowed, false]);
    assertStringIncludes(answer.text, `Cannot PUT ${path}: it takes ${allowed}`);
  });
}

Deno.test("server says that a parameter was given twice", async () => {
  await using http = await setUpHttp();

  const answer = await http.admin("GET", "/admin/tenants?limit=1&limit=2");

  assertEquals([answer.status, answer.at("error.message")], [
    400,
    "Parameter `limit` must be given only once",
  ]);
});

const bodies: readonly (readonly [what: string, body: string, type: string, status: number, code: string])[] =
  [
    ["broken JSON", '{"url": "http', "application/json", 400, "INVALID_JSON"],
    ["no JSON at all", "", "application/json", 400, "INVALID_JSON"],
    ["a form", "url=x", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["plain text", '{"url":"x"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["deep nesting", "[".repeat(100_000), "application/json", 400, "INVALID_JSON"],
  ];

for (const [what, body, type, status, code] of bodies) {
  Deno.test(`server refuses ${what} with ${status}`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("POST", "/v1/webhooks", { body, headers: { "Content-Type": type } });

    assertEquals([answer.status, answer.at("error.code")], [status, code]);
  });
}

Deno.test("server takes JSON with a charset", async () => {
  await using http = await setUpHttp();

  const answer = await http.ask("POST", "/v1/webhooks", {
    body: { url: "https://a.example", events: ["*"] },
    headers: { "Content-Type": "application/json; charset=utf-8" },
  });

  assertEquals(answer.status, 201);
});

Deno.test("server refuses a body over 5 MiB with 413, whether its length was told or not", async () => {
  await using http = await setUpHttp();
  const text = JSON.stringify({ name: "x".repeat(6 * 1_048_576) });
  const stream = new Response(text).body!;

  const told = await http.ask("POST", "/v1/webhooks", {
    body: text,
    headers: { "Content-Length": String(text.length) },
  });
  const untold = await http.app.request("/api/anything", { method: "POST", body: stream });

  assertEquals([told.status, told.at("error.code")], [413, "BODY_TOO_LARGE"]);
  assertEquals(untold.status, 413);
  assertEquals((await untold.json()).success, false);
});

function headersOf(answer: Answer, names: readonly string[]): readonly (string | null)[] {
  return names.map((name) => answer.headers.get(name));
}

for (const path of ["/v1/webhooks", "/v1/nothing", "/health", "/api/x"]) {
  Deno.test(`server sends careful headers with ${path}`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("GET", path);

    assertEquals(
      headersOf(answer, ["X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control"]),
      ["nosniff", "DENY", "no-referrer", "no-store"],
    );
    assertStringIncludes(String(answer.headers.get("Content-Security-Policy")), "default-src 'none'");
  });
}

Deno.test("server gives every request an id, or keeps the client's", async () => {
  await using http = await setUpHttp();

  const given = await http.ask("GET", "/v1/nothing", { headers: { "X-Request-Id": "my-id.1" } });
  const made = await http.ask("GET", "/v1/nothing", { headers: { "X-Request-Id": "<script>" } });

  assertEquals([given.headers.get("X-Request-Id"), given.at("requestId")], ["my-id.1", "my-id.1"]);
  assertMatch(String(made.headers.get("X-Request-Id")), /^req_[0-9a-z]{26}$/);
  assertEquals(made.at("requestId"), made.headers.get("X-Request-Id"));
});

Deno.test("server takes a path with a slash at its end for the same", async () => {
  await using http = await setUpHttp();

  const answer = await http.ask("GET", "/v1/webhooks/");

  assertEquals(answer.status, 200);
});

Deno.test("server lets open groups be without a key, also below /api", async () => {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.post("/whatsapp/webhook", (c) => c.text("taken"));
  await using http = await setUpHttp({ open: [{ at: "/api", routes }] });

  const open = await http.ask("POST", "/api/whatsapp/webhook", { key: null });
  const closed = await http.ask("POST", "/api/whatsapp/send-message", { key: null });

  assertEquals([open.text, closed.status], ["taken", 401]);
});

Deno.test("server takes the key among the parameters of /api routes", async () => {
  const routes = new OpenAPIHono<HttpEnv>();
  const route = createRoute({
    method: "get",
    path: "/things",
    request: { query: apiQuery({ days: z.string().optional() }) },
    responses: { 200: { description: "Things" } },
  });
  routes.openapi(route, (c) => c.text(c.req.valid("query").days ?? "none"));
  await using http = await setUpHttp({ keyed: [{ at: "/api", routes }] });

  const good = await http.ask("GET", "/api/things?days=7&api_key=kbr_the_default_tenants_key", { key: null });
  const bad = await http.ask("GET", "/api/things?day=7");

  assertEquals(good.text, "7");
  assertEquals(bad.status, 400);
  assertEquals(bad.at("message"), "Unknown parameter `day`: did you mean `days`?");
  assertEquals(bad.at("error"), bad.at("message"));
});

Deno.test("server answers a mistake in the query with the parameter's name", async () => {
  await using http = await setUpHttp();

  const answer = await http.ask("GET", "/v1/events?limit=many");

  assertEquals(
    answer.at("error.message"),
    'Parameter `limit` must be a whole number from 1 to 500, got "many"',
  );
});

Deno.test("server survives requests of every kind of nonsense", async () => {
  await using http = await setUpHttp();

  for (
    const path of ["/v1/webhooks/%", "/v1/webhooks/%00", "/v1/webhooks/..%2f..", "/%ff", "//v1//x", "/v1/💥"]
  ) {
    const answer = await http.ask("GET", path);
    assert([400, 404].includes(answer.status), `${path}: ${answer.status}`);
  }
});
