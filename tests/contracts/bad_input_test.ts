// What integrators send by mistake to /v1: each is refused with a sentence that helps, and nothing breaks.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

const URL = "https://your-app.com/webhook/whatsapp";
const GOOD = { url: URL, events: ["message.received"] };

/** What is wrong, the body, and what the answer says of it. */
type Mistake = readonly [what: string, body: unknown, says: RegExp];

const BODIES: readonly Mistake[] = [
  ["JSON that breaks off", '{"url": "https://your-app.com"', /JSON/],
  ["JSON with a comma too many", '{"url": "https://your-app.com",}', /JSON/],
  ["null", "null", /object/],
  ["a list", "[]", /object/],
  ["a string", '"https://your-app.com"', /object/],
];

const FIELDS: readonly Mistake[] = [
  ["a url that is a number", { ...GOOD, url: 3000 }, /`url` must be a string/],
  ["a url that is null", { ...GOOD, url: null }, /`url`/],
  ["an empty url", { ...GOOD, url: "" }, /url/],
  ["a url without a scheme", { ...GOOD, url: "your-app.com/hook" }, /url/i],
  ["a url of another scheme", { ...GOOD, url: "ftp://your-app.com" }, /http/],
  ["a url that is code", { ...GOOD, url: "javascript:alert(1)" }, /http/],
  ["a url without a host", { ...GOOD, url: "http://" }, /url/i],
  ["a url with an impossible port", { ...GOOD, url: "http://your-app.com:99999" }, /url/i],
  ["a url with credentials", { ...GOOD, url: "https://me:secret@your-app.com" }, /credential|password|user/i],
  [
    "a url of cloud metadata",
    { ...GOOD, url: "http://169.254.169.254/latest" },
    /169\.254|link-local|metadata/i,
  ],
  ["a url of metadata in hex", { ...GOOD, url: "http://0xa9fea9fe/" }, /link-local|metadata|169\.254/i],
  ["a url that is far too long", { ...GOOD, url: `${URL}?${"x".repeat(3000)}` }, /2048/],
  ["no events", { ...GOOD, events: [] }, /events/],
  ["events that are a string", { ...GOOD, events: "message.received" }, /`events` must be a list/],
  ["events that are an object", { ...GOOD, events: { a: 1 } }, /`events` must be a list/],
  ["an event that is a number", { ...GOOD, events: [1] }, /`events\[0\]` must be a string/],
  ["an event that does not exist", { ...GOOD, events: ["message.recieved"] }, /message\.received/],
  ["an event in capitals", { ...GOOD, events: ["Message.Received"] }, /message\.received/],
  ["a group that does not exist", { ...GOOD, events: ["messages.*"] }, /message\.\*/],
  ["an event of another format", { ...GOOD, format: "session", events: ["message.received"] }, /message_ack/],
  ["far too many events", { ...GOOD, events: Array(500).fill("message.received") }, /200/],
  ["a format that does not exist", { ...GOOD, format: "xml" }, /device.*session.*account.*instance/],
  ["a mistyped field", { ...GOOD, retires: [1] }, /`retry`/],
  ["a field of another system", { ...GOOD, retryCount: 3 }, /`retry`/],
  ["a field in capitals", { ...GOOD, Secret: "s" }, /`secret`/],
  ["a schedule with a negative wait", { ...GOOD, retry: [-1] }, /retry\[0\]/],
  ["a schedule with no wait", { ...GOOD, retry: [0] }, /retry\[0\]/],
  ["a schedule over 30 days", { ...GOOD, retry: [1, 2_592_001] }, /30 days/],
  ["a schedule that gets shorter", { ...GOOD, retry: [60, 5] }, /retry\[1\]/],
  ["a schedule of strings", { ...GOOD, retry: ["5", "10"] }, /retry/],
  ["a schedule of nulls", { ...GOOD, retry: [null] }, /retry/],
  ["an endless wait", '{"url":"https://a.example","events":["*"],"retry":[1e999]}', /retry/],
  ["a schedule of 21 waits", { ...GOOD, retry: Array(21).fill(1) }, /20/],
  ["a policy that does not exist", { ...GOOD, retry: "exponential" }, /standard/],
  ["a schedule that is a number", { ...GOOD, retry: 3 }, /retry/],
  ["a timeout of 0", { ...GOOD, timeout: 0 }, /timeout/],
  ["a negative timeout", { ...GOOD, timeout: -5 }, /timeout/],
  ["a timeout over a minute", { ...GOOD, timeout: 61 }, /60/],
  ["a timeout in milliseconds", { ...GOOD, timeout: 10_000 }, /60/],
  ["a timeout that is a string", { ...GOOD, timeout: "10" }, /timeout/],
  ["a header of ours", { ...GOOD, headers: { "X-Rijan-Signature": "x" } }, /X-Rijan-Signature/],
  ["a header of the connection", { ...GOOD, headers: { Host: "evil" } }, /Host/],
  ["a header with a line break", { ...GOOD, headers: { "X-A": "a\r\nX-B: b" } }, /X-A/],
  ["a header without a name", { ...GOOD, headers: { "": "a" } }, /header/],
  ["headers that are a list", { ...GOOD, headers: ["a"] }, /headers/],
  ["a header that is a number", { ...GOOD, headers: { "X-A": 1 } }, /X-A/],
  ["an ordering that does not exist", { ...GOOD, ordering: "fifo" }, /none.*chat.*device/],
  ["no devices", { ...GOOD, devices: [] }, /devices/],
  ["a device that does not exist", { ...GOOD, devices: ["device_x"] }, /devices\[0\]/],
  ["devices that are a string", { ...GOOD, devices: "device_x" }, /devices/],
  ["an empty secret", { ...GOOD, secret: "" }, /secret/],
  ["a secret that is a number", { ...GOOD, secret: 12345678 }, /secret/],
  ["a secret that is not what it says", { ...GOOD, secret: "whsec_!!!" }, /secret/],
  ["a status that does not exist", { ...GOOD, status: "off" }, /active.*paused/],
  ["a recovery that is a string", { ...GOOD, recovery: "yes" }, /recovery/],
];

function faultOf({ status, body, text }: { status: number; body: unknown; text: string }) {
  assertEquals(status, 400, text);
  const fault = body as { success: boolean; error: { code: string; message: string }; requestId: string };
  assertEquals(fault.success, false);
  assertEquals([typeof fault.error.code, typeof fault.requestId], ["string", "string"]);
  return fault.error;
}

for (
  const [what, body, says] of [...BODIES, ["an empty body", "", /`url` is required/] as const, ...FIELDS]
) {
  Deno.test(`registering a webhook with ${what} is refused`, async () => {
    await using gateway = await runGateway();

    const answer = await gateway.api("POST", "/v1/webhooks", body);

    assertMatch(faultOf(answer).message, says);
    assertEquals((await gateway.api("GET", "/v1/webhooks")).body.data.total, 0);
  });
}

Deno.test("changing a webhook is refused for the same mistakes, and changes nothing", async () => {
  await using gateway = await runGateway();
  const created = await gateway.api("POST", "/v1/webhooks", GOOD);
  const path = `/v1/webhooks/${created.body.data.webhook_id}`;
  const before = (await gateway.api("GET", path)).body;

  for (const method of ["PUT", "PATCH"]) {
    for (const [what, body, says] of [...BODIES, ...FIELDS]) {
      const answer = await gateway.api(method, path, body);
      assertMatch(faultOf(answer).message, says, `${method} with ${what}`);
    }
  }

  assertEquals((await gateway.api("GET", path)).body, before);
});

for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
  Deno.test(`a body of type ${type} is refused`, async () => {
    await using gateway = await runGateway();
    const body = JSON.stringify(GOOD);

    const answer = await gateway.api("POST", "/v1/webhooks", body, undefined, { "content-type": type });

    assert(answer.status === 415 || answer.status === 400, answer.text);
    assertEquals(answer.body.success, false);
    assertStringIncludes(answer.body.error.message, "JSON");
  });
}

Deno.test("a body of many megabytes is refused", async () => {
  await using gateway = await runGateway();
  const body = JSON.stringify({ ...GOOD, secret: "x".repeat(6 * 1_048_576) });

  const { status, body: fault } = await gateway.api("POST", "/v1/webhooks", body);

  assertEquals([status, fault.success], [413, false]);
});

Deno.test("a JSON object that aims at prototypes is refused, and does no harm", async () => {
  await using gateway = await runGateway();
  const body = '{"url":"https://a.example","events":["*"],"__proto__":{"status":"paused"},"constructor":1}';

  const answer = await gateway.api("POST", "/v1/webhooks", body);

  faultOf(answer);
  assertEquals(({} as Record<string, unknown>).status, undefined);
});

for (
  const [what, body] of [
    ["a negative time", { keep_old_for: -1 }],
    ["a time over 7 days", { keep_old_for: 604_801 }],
    ["a time that is a string", { keep_old_for: "1d" }],
    ["a secret that is empty", { secret: "" }],
    ["a field that does not exist", { keepOld: 1 }],
  ] as const
) {
  Deno.test(`rotating a secret with ${what} is refused`, async () => {
    await using gateway = await runGateway();
    const created = await gateway.api("POST", "/v1/webhooks", GOOD);

    const path = `/v1/webhooks/${created.body.data.webhook_id}/rotate-secret`;
    const answer = await gateway.api("POST", path, body);

    faultOf(answer);
  });
}

for (
  const path of [
    "/v1/webhooks/failed?limit=0",
    "/v1/webhooks/failed?limit=-1",
    "/v1/webhooks/failed?limit=many",
    "/v1/webhooks/failed?limit=501",
    "/v1/webhooks/failed?page=2",
    "/v1/deliveries?limit=0",
    "/v1/deliveries?status=ok",
    "/v1/deliveries?status_code=abc",
    "/v1/deliveries?since=yesterday",
    "/v1/deliveries?since=-5",
    "/v1/deliveries?cursor=dlv_x",
    "/v1/deliveries?cursor=12",
    "/v1/deliveries?webhook=wh_1",
  ]
) {
  Deno.test(`${path} is refused`, async () => {
    await using gateway = await runGateway();

    faultOf(await gateway.api("GET", path));
  });
}

const ODD_IDS = [
  "x",
  "wh_",
  "constructor",
  "__proto__",
  "%00",
  "%2e%2e%2fadmin",
  "%F0%9F%8E%89",
  "%E0%A4%A",
  "'%20OR%201=1--",
  "dlv_-1",
  "dlv_1e3",
  "dlv_9007199254740993",
  "dlv_99999999999999999999999",
  "x".repeat(4000),
];

for (
  const [method, before, after] of [
    ["GET", "/v1/webhooks/", ""],
    ["DELETE", "/v1/webhooks/", ""],
    ["POST", "/v1/webhooks/", "/test"],
    ["POST", "/v1/webhooks/", "/rotate-secret"],
    ["POST", "/v1/webhooks/failed/", "/retry"],
    ["GET", "/v1/deliveries/", ""],
    ["POST", "/v1/deliveries/", "/retry"],
    ["GET", "/v1/deliveries/replay/", ""],
  ] as const
) {
  Deno.test(`${method} ${before}…${after} finds nothing under odd ids`, async () => {
    await using gateway = await runGateway();

    for (const id of ODD_IDS) {
      const { status, body, text } = await gateway.api(method, before + id + after);
      assertEquals([status, body?.success], [404, false], `${id}: ${text}`);
    }
  });
}

for (
  const [what, body] of [
    ["a status that cannot be replayed", { status: "pending" }],
    ["a time that is a string", { since: "2026-01-01" }],
    ["a negative time", { until: -1 }],
    ["a field that does not exist", { webhook: "wh_1" }],
    ["a dry run that is a string", { dry_run: "true" }],
  ] as const
) {
  Deno.test(`replaying with ${what} is refused`, async () => {
    await using gateway = await runGateway();

    faultOf(await gateway.api("POST", "/v1/deliveries/replay", body));
  });
}

Deno.test("what belongs to another tenant is found on no route of /v1", async () => {
  await using rx = await startReceiver(500);
  await using gateway = await runGateway({ whatsapp: true });
  const device = await gateway.pair();
  const created = await gateway.api("POST", "/v1/webhooks", { ...GOOD, url: rx.url, retry: [] });
  const webhookId = created.body.data.webhook_id;
  await gateway.simulator.contact("628123456789", "Budi").sendText(device.phone, "Halo");
  await rx.waitFor(1);
  const { key } = await gateway.tenant("Toko Lain");
  const { body } = await gateway.api("GET", "/v1/deliveries");
  const { delivery_id, event_id } = body.data.deliveries[0];

  const asked = [
    ["GET", `/v1/webhooks/${webhookId}`, undefined],
    ["PUT", `/v1/webhooks/${webhookId}`, { status: "paused" }],
    ["PATCH", `/v1/webhooks/${webhookId}`, { status: "paused" }],
    ["DELETE", `/v1/webhooks/${webhookId}`, undefined],
    ["POST", `/v1/webhooks/${webhookId}/test`, undefined],
    ["POST", `/v1/webhooks/${webhookId}/rotate-secret`, {}],
    ["POST", `/v1/webhooks/failed/${event_id}/retry`, undefined],
    ["GET", `/v1/deliveries/${delivery_id}`, undefined],
    ["POST", `/v1/deliveries/${delivery_id}/retry`, undefined],
  ] as const;
  for (const [method, path, sent] of asked) {
    const { status, body } = await gateway.api(method, path, sent, key);
    assertEquals([status, body.success], [404, false], `${method} ${path}`);
  }
  const lists = await Promise.all(
    [
      "/v1/webhooks/failed",
      "/v1/deliveries",
      `/v1/deliveries?webhook_id=${webhookId}`,
      `/v1/deliveries?event_id=${event_id}`,
      `/v1/deliveries?device_id=${device.id}`,
    ].map((path) => gateway.api("GET", path, undefined, key)),
  );
  for (const { body } of lists) assertEquals(body.data.deliveries ?? body.data.failed_events, []);
  const replay = await gateway.api(
    "POST",
    "/v1/deliveries/replay",
    { webhook_id: webhookId, dry_run: true },
    key,
  );
  assertEquals(replay.body.data.count, 0);
  const theirs = await gateway.api("POST", "/v1/webhooks", { ...GOOD, devices: [device.id] }, key);
  assertEquals(theirs.status, 400);
  assertEquals(rx.requests.length, 1);
});

Deno.test("a tenant's webhook may not point inside the operator's network", async () => {
  await using gateway = await runGateway();
  const { key } = await gateway.tenant();

  for (
    const host of ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "2130706433", "0177.0.0.1", "127.1", "0"]
  ) {
    const url = `http://${host}:8080/hook`;
    const answer = await gateway.api("POST", "/v1/webhooks", { ...GOOD, url }, key);
    assertStringIncludes(faultOf(answer).message, "WEBHOOK_ALLOW_PRIVATE", url);
  }
});
