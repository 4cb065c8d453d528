import { assertEquals, assertMatch } from "@std/assert";
import { createFirstAnswers } from "../../src/http/first_answers.ts";
import { setUpHttp } from "../support/http.ts";

const NOW = 1_703_145_600_500;
const now = () => NOW;

function firstAnswers(ready = true) {
  return createFirstAnswers({
    readiness: () => Promise.resolve({ ready, checks: { db: true } }),
    startedAt: NOW - 5_000,
    now,
  });
}

const asking = (path: string, init: RequestInit = {}) =>
  new Request(`http://gateway.test${path}`, { ...init, headers: { "X-Request-Id": "r1", ...init.headers } });

for (const path of ["/health", "/api/health", "/ready", "/ready?from=balancer"]) {
  for (const ready of [true, false]) {
    Deno.test(`${path} is answered before the routes are there as after it (${ready ? "" : "not "}ready)`, async () => {
      await using http = await setUpHttp({ now, ready: () => ready });

      const first = await firstAnswers(ready)(asking(path));
      const later = await http.app.request(asking(path));

      assertEquals(first?.status, later.status);
      assertEquals([...first!.headers], [...later.headers]);
      assertEquals(await first?.json(), await later.json());
    });
  }
}

Deno.test("whoever brings no id is given one", async () => {
  const answer = await firstAnswers()(new Request("http://gateway.test/ready"));

  assertMatch(answer?.headers.get("x-request-id") ?? "", /^req_/);
});

for (
  const [what, request] of [
    ["another path", asking("/v1/devices")],
    ["what objects have by themselves", asking("/constructor")],
    ["another method", asking("/ready", { method: "POST" })],
    ["a gateway's own request", asking("/health", { headers: { "X-Kabar-From": "mark" } })],
  ] as const
) {
  Deno.test(`${what} waits for the routes`, async () => {
    assertEquals(await firstAnswers()(request), undefined);
  });
}
