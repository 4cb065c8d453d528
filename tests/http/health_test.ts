import { assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { setUpHttp } from "../support/http.ts";

Deno.test("health is told to everybody", async () => {
  const now = 1_703_145_600_500;
  await using http = await setUpHttp({ now: () => now });

  const answer = await http.ask("GET", "/health", { key: null });

  assertEquals(answer.status, 200);
  assertEquals(answer.at(""), {
    success: true,
    status: "alive",
    timestamp: 1_703_145_600,
    uptime: 5,
    version: VERSION,
  });
});

for (const [ready, status] of [[true, 200], [false, 503]] as const) {
  Deno.test(`readiness is ${status} when the gateway is ${ready ? "" : "not "}ready`, async () => {
    await using http = await setUpHttp({ ready: () => ready });

    const answer = await http.ask("GET", "/ready", { key: null });

    assertEquals([answer.status, answer.at("")], [status, { db: true, ready }]);
  });
}

Deno.test("health is told on /api in its own shape, without a key", async () => {
  await using http = await setUpHttp();

  const answer = await http.ask("GET", "/api/health", { key: null });

  assertEquals([answer.status, answer.at("success"), answer.at("version")], [200, true, VERSION]);
  assertMatch(String(answer.at("timestamp")), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});
