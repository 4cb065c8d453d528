import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setUpHttp } from "../support/http.ts";

Deno.test("rate limit tells where a tenant stands", async () => {
  await using http = await setUpHttp({ rateLimitPerMinute: 10 });

  const first = await http.ask("GET", "/v1/webhooks");
  const second = await http.ask("GET", "/v1/webhooks");

  const names = ["RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining"];
  assertEquals(names.map((name) => first.headers.get(name)), ["10;w=60", "10", "9"]);
  assertEquals(second.headers.get("RateLimit-Remaining"), "8");
  assert(Number(first.headers.get("RateLimit-Reset")) <= 60);
});

Deno.test("rate limit refuses what is too much and says when to come again", async () => {
  await using http = await setUpHttp({ rateLimitPerMinute: 2 });

  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await http.ask("GET", "/v1/webhooks"));

  assertEquals(answers.map(({ status }) => status), [200, 200, 429]);
  const wait = Number(answers[2].headers.get("Retry-After"));
  assert(wait >= 1 && wait <= 60, `${wait}`);
  assertEquals(answers[2].at("error.code"), "RATE_LIMIT_EXCEEDED");
  assertStringIncludes(String(answers[2].at("error.message")), `in ${wait} s`);
});

Deno.test("rate limit is each tenant's own, and only on /v1", async () => {
  await using http = await setUpHttp({ rateLimitPerMinute: 1 });
  const { key } = await http.anotherTenant();
  await http.ask("GET", "/v1/webhooks");

  const again = await http.ask("GET", "/v1/webhooks");
  const other = await http.ask("GET", "/v1/webhooks", { key });
  const api = await http.ask("GET", "/api/health");
  const admin = await http.admin("GET", "/admin/tenants");

  assertEquals([again, other, api, admin].map(({ status }) => status), [429, 200, 200, 200]);
});

Deno.test("rate limit of 0 is none", async () => {
  await using http = await setUpHttp({ rateLimitPerMinute: 0 });

  const answer = await http.ask("GET", "/v1/webhooks");

  assertEquals([answer.status, answer.headers.get("RateLimit-Limit")], [200, null]);
});
