// What integrators send by mistake to /api/webhook and /api/instance, and who may call what at all.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Answer, runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

type Mistake = readonly [what: string, body: unknown, says: RegExp];

const BODIES: readonly Mistake[] = [
  ["JSON that breaks off", '{"eventType": "test"', /JSON/],
  ["null", "null", /object/],
  ["a list", "[]", /object/],
  ["a string", '"test"', /object/],
];

const TESTS: readonly Mistake[] = [
  ...BODIES,
  ["a url that is a number", { url: 3000 }, /url/],
  ["a url without a scheme", { url: "your-webhook-endpoint.com/webhook" }, /url/i],
  ["a url of another scheme", { url: "ftp://your-webhook-endpoint.com" }, /http/],
  ["a url with credentials", { url: "https://me:secret@your-app.com" }, /credential|password|user/i],
  ["a url of cloud metadata", { url: "http://169.254.169.254/latest" }, /169\.254|link-local|metadata/i],
  ["an event that is a number", { eventType: 1 }, /eventType/],
  ["an event without a name", { eventType: "" }, /eventType/],
  ["an event with an endless name", { eventType: "x".repeat(500) }, /eventType/],
  ["data that is a string", { eventType: "test", data: "hello" }, /data/],
  ["data that is a list", { eventType: "test", data: [1] }, /data/],
];

const SENDS: readonly Mistake[] = [
  ...BODIES,
  ["no event", {}, /eventType/],
  ["another name for the event", { event: "custom.event", data: {} }, /eventType/],
  ["an event that is null", { eventType: null }, /eventType/],
  ["an event that is a list", { eventType: ["a"] }, /eventType/],
  ["an event of blanks", { eventType: "   " }, /eventType/],
];

const CLEARS: readonly Mistake[] = [
  ...BODIES,
  ["days that are a string", { days: "30" }, /days/],
  ["negative days", { days: -1 }, /days/],
  ["an instance that is a number", { instanceId: 5 }, /instanceId/],
  ["a mistyped field", { instanceID: "x" }, /instanceId/],
];

/** Both words for what is wrong: each family of clients reads its own. */
function faultOf({ status, body, text }: Answer, expected = 400): string {
  assertEquals(status, expected, text);
  assertEquals([body.success, typeof body.message, body.error], [false, "string", body.message]);
  return body.message;
}

for (
  const [method, path, mistakes] of [
    ["POST", "/api/webhook/test", TESTS],
    ["POST", "/api/webhook/send", SENDS],
    ["DELETE", "/api/webhook/logs", CLEARS],
  ] as const
) {
  for (const [what, body, says] of mistakes) {
    Deno.test(`${method} ${path} with ${what} is refused`, async () => {
      await using rx = await startReceiver();
      await using gateway = await runGateway({ settings: { WEBHOOK_URL: rx.url } });

      const answer = await gateway.api(method, path, body);

      assertMatch(faultOf(answer), says);
      assertEquals(rx.requests.length, 0);
    });
  }
}

Deno.test("a test without anything to send to is refused", async () => {
  await using gateway = await runGateway();

  assertMatch(faultOf(await gateway.api("POST", "/api/webhook/test", {})), /URL/);
  assertMatch(faultOf(await gateway.api("POST", "/api/webhook/test")), /URL/);
});

Deno.test("a body that is announced but not sent counts as an empty object", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway({ settings: { WEBHOOK_URL: rx.url } });

  const tested = await gateway.api("POST", "/api/webhook/test", "");
  const sent = await gateway.api("POST", "/api/webhook/send", "");
  const cleared = await gateway.api("DELETE", "/api/webhook/logs", "");

  assertEquals([tested.status, tested.body.result.success], [200, true]);
  assertMatch(faultOf(sent), /eventType/);
  assertEquals([cleared.status, cleared.body.deletedCount], [200, 1]);
});

Deno.test("an event that nobody can get is answered as a failure", async () => {
  await using gateway = await runGateway();

  const tested = await gateway.api("POST", "/api/webhook/test", { eventType: "test" });
  const sent = await gateway.api("POST", "/api/webhook/send", { eventType: "custom.event" });

  for (const { status, body } of [tested, sent]) {
    assertEquals([status, body.result.success], [200, false]);
    assertMatch(body.result.error, /WEBHOOK_URL/);
  }
});

for (
  const query of [
    "logs?status=ok",
    "logs?limit=0",
    "logs?limit=-5",
    "logs?limit=ten",
    "logs?instanceID=x",
    "stats?days=0",
    "stats?days=week",
    "stats?days=-7",
    "stats?days=1.5",
  ]
) {
  Deno.test(`GET /api/webhook/${query} is refused`, async () => {
    await using gateway = await runGateway();

    faultOf(await gateway.api("GET", `/api/webhook/${query}`));
  });
}

Deno.test("an instance that does not exist is not found on any route", async () => {
  await using gateway = await runGateway();

  for (const id of ["no-such", "%00", "..%2f..", "__proto__", "x".repeat(3000)]) {
    faultOf(await gateway.api("GET", `/api/webhook/logs?instanceId=${id}`), 404);
    faultOf(await gateway.api("GET", `/api/webhook/stats?instanceId=${id}`), 404);
    faultOf(await gateway.api("DELETE", "/api/webhook/logs", { instanceId: decodeURIComponent(id) }), 404);
    faultOf(await gateway.api("GET", `/api/webhook/logs/${id}`), 404);
    faultOf(await gateway.api("POST", `/api/webhook/retry/${id}`), 404);
    faultOf(await gateway.api("PUT", `/api/instance/${id}`, { webhookUrl: "https://a.example" }), 404);
  }
});

for (
  const [what, body] of [
    ...BODIES,
    ["a url that is a number", { webhookUrl: 3000 }],
    ["a url without a scheme", { webhookUrl: "your-webhook-endpoint.com" }],
    ["a url of another scheme", { webhookUrl: "ftp://your-webhook-endpoint.com" }],
    ["a url of cloud metadata", { webhookUrl: "http://169.254.169.254/" }],
    ["a mistyped field", { webhookURL: "https://your-webhook-endpoint.com/webhook" }],
  ] as const
) {
  Deno.test(`PUT /api/instance/… with ${what} is refused`, async () => {
    await using gateway = await runGateway();
    const id = await gateway.device();

    faultOf(await gateway.api("PUT", `/api/instance/${id}`, body));

    assertEquals((await gateway.api("GET", "/v1/webhooks")).body.data.total, 0);
  });
}

Deno.test("what belongs to another tenant is found on no route of /api", async () => {
  await using rx = await startReceiver(500);
  await using gateway = await runGateway({ settings: { WEBHOOK_URL: rx.url } });
  const id = await gateway.device();
  await gateway.api("POST", "/api/webhook/send", { eventType: "custom.event" });
  const { body: { data: [row] } } = await gateway.api("GET", "/api/webhook/logs");
  const { key } = await gateway.tenant();

  const found = await Promise.all([
    gateway.api("GET", `/api/webhook/logs/${row.webhookId}`, undefined, key),
    gateway.api("POST", `/api/webhook/retry/${row.webhookId}`, undefined, key),
    gateway.api("GET", `/api/webhook/logs?instanceId=${id}`, undefined, key),
    gateway.api("GET", `/api/webhook/stats?instanceId=${id}`, undefined, key),
    gateway.api("DELETE", "/api/webhook/logs", { instanceId: id }, key),
    gateway.api("PUT", `/api/instance/${id}`, { webhookUrl: "https://a.example" }, key),
  ]);
  for (const answer of found) faultOf(answer, 404);
  const cleared = await gateway.api("DELETE", "/api/webhook/logs", {}, key);
  assertEquals(cleared.body.deletedCount, 0);
  const listed = await gateway.api("GET", "/api/webhook/logs", undefined, key);
  assertEquals(listed.body.data, []);
  const status = await gateway.api("GET", "/api/webhook/status", undefined, key);
  assertEquals([status.body.data.enabled, status.text.includes(rx.url)], [false, false]);
  assertEquals((await gateway.api("GET", "/api/webhook/logs")).body.count, 1);
});

/** Every operation that the API document lists and that wants a key. */
async function keyedOperations(api: (method: string, path: string) => Promise<Answer>) {
  const { body } = await api("GET", "/openapi.json");
  type Operation = { readonly security?: readonly unknown[] };
  const paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> = body.paths;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security = [] }]) => security.length > 0)
      .map(([method]) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, "x")] as const)
  );
}

for (const [what, key] of [["no key", null], ["a wrong key", "wrong"]] as const) {
  Deno.test(`every route that wants a key refuses ${what}`, async () => {
    await using gateway = await runGateway();
    const operations = await keyedOperations(gateway.api);
    assert(operations.length > 40, `${operations.length} operations`);

    for (const [method, path] of operations) {
      const { status, body } = await gateway.api(method, path, undefined, key);
      assertEquals([status, body.success], [401, false], `${method} ${path}`);
    }
  });
}

Deno.test("no route breaks on bodies and parameters that make no sense", async () => {
  await using gateway = await runGateway();
  const operations = (await keyedOperations(gateway.api)).filter(([, path]) => !path.includes("stream"));
  const bodies = ['{"a":', "null", "[]", "7", '"\\u0000"', "{}", '{"id":{}}', `{"a":${"[".repeat(500)}`];

  for (const [method, path] of operations) {
    const tries = method === "GET" ? [undefined] : bodies;
    for (const body of tries) {
      const { status, text } = await gateway.api(method, `${path}?limit=%00&x[]=1&wait=0`, body);
      assert(status < 500, `${method} ${path} ${body}: ${status} ${text}`);
    }
  }
});

Deno.test("GET /api/webhook/logs and stats take what forms and caches add, and as much as there may be", async () => {
  await using gateway = await runGateway();

  const statuses = [];
  for (
    const path of [
      "/api/webhook/logs?instanceId=&status=&limit=50",
      "/api/webhook/logs?limit=1000",
      "/api/webhook/logs?limit=&_=17",
      "/api/webhook/stats?instanceId=&days=",
    ]
  ) statuses.push((await gateway.api("GET", path)).status);

  assertEquals(statuses, [200, 200, 200, 200]);
});
