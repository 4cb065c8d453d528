import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { since } from "../../support/since.ts";
import { type Answer, setUpHttp, type TestHttp } from "../../support/http.ts";

const RX = "http://127.0.0.1:9/hook";
const WISH = { url: RX, events: ["message.received"], secret: "s3cret-of-the-caller" };

async function created(http: TestHttp, wish: Record<string, unknown> = {}): Promise<string> {
  const answer = await http.ask("POST", "/v1/webhooks", { body: { ...WISH, ...wish } });
  assertEquals(answer.status, 201, answer.text);
  return String(answer.at("data.webhook_id"));
}

function idsOf(answer: Answer): readonly unknown[] {
  return (answer.at("data.webhooks") as readonly { readonly webhook_id: string }[]).map((it) =>
    it.webhook_id
  );
}

Deno.test("webhooks are created with the fields that were given", async () => {
  await using http = await setUpHttp();
  const events = ["message.received", "message.status", "device.connected", "device.disconnected"];
  const isSince = since();

  const answer = await http.ask("POST", "/v1/webhooks", { body: { url: RX, events, secret: "s" } });

  assertEquals(answer.status, 201);
  assertEquals(answer.at("success"), true);
  assertMatch(String(answer.at("data.webhook_id")), /^wh_[A-Za-z0-9]+$/);
  assertEquals(answer.at("data.url"), RX);
  assertEquals(answer.at("data.events"), events);
  assertEquals(answer.at("data.status"), "active");
  assert(isSince(Number(answer.at("data.created_at")) * 1000));
});

Deno.test("webhooks never show a secret that the caller gave", async () => {
  await using http = await setUpHttp();

  const answer = await http.ask("POST", "/v1/webhooks", { body: WISH });
  const list = await http.ask("GET", "/v1/webhooks");

  assertFalse((answer.text + list.text).includes(WISH.secret));
  assertEquals(answer.at("data.secret"), undefined);
});

Deno.test("webhooks show a secret that was made once", async () => {
  await using http = await setUpHttp();

  const { secret: _, ...wish } = WISH;
  const answer = await http.ask("POST", "/v1/webhooks", { body: wish });
  const secret = String(answer.at("data.secret"));
  const again = await http.ask("GET", `/v1/webhooks/${answer.at("data.webhook_id")}`);

  assertMatch(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assertEquals(again.status, 200);
  assertEquals(again.at("data.signed"), true);
  assertFalse(again.text.includes(secret));
});

Deno.test("webhooks keep every option", async () => {
  await using http = await setUpHttp();
  await http.addDevice("device_1", { alias: "shop" });
  const options = {
    format: "account",
    events: ["message.*"],
    retry: [1, 5, 60],
    timeout: 2.5,
    headers: { "X-Token": "t0ken" },
    ordering: "chat",
    devices: ["shop", "device_1"],
    recovery: false,
    status: "paused",
  };

  const id = await created(http, options);
  const answer = await http.ask("GET", `/v1/webhooks/${id}`);

  const { headers, devices, ...same } = options;
  for (const [field, value] of Object.entries(same)) assertEquals(answer.at(`data.${field}`), value, field);
  assertEquals(answer.at("data.devices"), ["device_1"], `${devices}`);
  assertEquals(answer.at("data.headers"), { "X-Token": "***" }, `${Object.keys(headers)}`);
});

Deno.test("webhooks say what holds when nothing was asked for", async () => {
  await using http = await setUpHttp();

  const answer = await http.ask("GET", `/v1/webhooks/${await created(http)}`);

  const fields = ["format", "retry", "timeout", "headers", "ordering", "devices", "recovery", "source"];
  assertEquals(
    fields.map((field) => answer.at(`data.${field}`)),
    ["device", "device", 10, {}, "none", null, true, "api"],
  );
});

for (const [retry, shown] of [["standard", "standard"], [[], "none"], [[7, 8], [7, 8]]] as const) {
  Deno.test(`webhooks show retry ${JSON.stringify(retry)} as it can be given again`, async () => {
    await using http = await setUpHttp();
    const path = `/v1/webhooks/${await created(http, { retry })}`;

    const first = await http.ask("GET", path);
    const second = await http.ask("PUT", path, { body: { retry: first.at("data.retry") } });

    assertEquals([first.at("data.retry"), second.at("data.retry")], [shown, shown]);
  });
}

const refused: readonly (readonly [what: string, body: unknown, field: string, words: string])[] = [
  ["no url", { events: ["*"] }, "url", "`url` is required"],
  ["an empty url", { ...WISH, url: "" }, "url", "`url`"],
  ["a url that is none", { ...WISH, url: "nonsense" }, "url", "https://host/path"],
  ["a url of another protocol", { ...WISH, url: "ftp://a/b" }, "url", "http"],
  ["a url with a password", { ...WISH, url: "http://a:b@c.example/" }, "url", "password"],
  ["a url of cloud metadata", { ...WISH, url: "http://169.254.169.254/" }, "url", "never allowed"],
  ["a url that is too long", { ...WISH, url: `http://a.example/${"x".repeat(2100)}` }, "url", "2048"],
  ["no events", { url: RX }, "events", "`events` is required"],
  ["empty events", { ...WISH, events: [] }, "events", "at least 1 item"],
  ["a string for events", { ...WISH, events: "message.received" }, "events", "must be a list of event names"],
  ["an unknown event", { ...WISH, events: ["message.recieved"] }, "events[0]", "message.received"],
  ["an event of another format", { ...WISH, events: ["qr"] }, "events[0]", "message.received"],
  ["an unknown format", { ...WISH, format: "slack" }, "format", "device, session, account, instance"],
  ["an empty secret", { ...WISH, secret: "" }, "secret", "must not be empty"],
  ["a secret that is too long", { ...WISH, secret: "x".repeat(257) }, "secret", "256"],
  ["a whsec_ secret that is no Base64", { ...WISH, secret: "whsec_###" }, "secret", "Base64"],
  ["an unknown policy", { ...WISH, retry: "forever" }, "retry", "standard"],
  ["a negative wait", { ...WISH, retry: [1, -5] }, "retry[1]", "above 0"],
  ["waits that shrink", { ...WISH, retry: [5, 1] }, "retry[1]", "shorter"],
  ["a wait over 30 days", { ...WISH, retry: [2_592_001] }, "retry[0]", "30 days"],
  ["no time at all", { ...WISH, timeout: 0 }, "timeout", "at least 1"],
  ["a timeout in milliseconds", { ...WISH, timeout: 5000 }, "timeout", "at most 60"],
  ["a header that is ours", { ...WISH, headers: { "Content-Type": "a" } }, "headers.Content-Type", "itself"],
  ["a signature of one's own", { ...WISH, headers: { "webhook-id": "a" } }, "headers.webhook-id", "itself"],
  ["a header of the connection", { ...WISH, headers: { Connection: "a" } }, "headers.Connection", "itself"],
  ["a header's name with a blank", { ...WISH, headers: { "a b": "c" } }, "headers.a b", "not the name"],
  ["a header's value with a line", { ...WISH, headers: { a: "b\r\nc: d" } }, "headers.a", "printable"],
  ["a header's value that is a number", { ...WISH, headers: { a: 1 } }, "headers.a", "must be a string"],
  ["one header twice", { ...WISH, headers: { a: "b", A: "c" } }, "headers.A", "twice"],
  ["the mask of a header that is not there", { ...WISH, headers: { a: "***" } }, "headers.a", "***"],
  [
    "too many headers",
    { ...WISH, headers: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, "a"])) },
    "headers",
    "at most 20",
  ],
  ["an unknown order", { ...WISH, ordering: "strict" }, "ordering", "none, chat, device"],
  ["no devices", { ...WISH, devices: [] }, "devices", "at least one"],
  ["an unknown device", { ...WISH, devices: ["device_x"] }, "devices[0]", "no device of yours"],
  ["the gateway's own status", { ...WISH, status: "disabled" }, "status", "active, paused"],
  ["a word for a flag", { ...WISH, recovery: "yes" }, "recovery", "true or false"],
  ["a typo", { url: RX, event: ["*"] }, "event", "did you mean `events`?"],
  ["an array", [], "", "must be an object"],
  ["null", null, "", "must be an object"],
];

for (const [what, body, field, words] of refused) {
  Deno.test(`webhooks refuse ${what}`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("POST", "/v1/webhooks", { body });

    assertEquals(answer.status, 400, answer.text);
    assertEquals(answer.at("error.code"), "VALIDATION_ERROR");
    const fields = (answer.at("error.details") as readonly { readonly field: string }[]).map((it) =>
      it.field
    );
    assert(fields.includes(field), `${fields} has no ${field}`);
    assertStringIncludes(String(answer.at("error.message")), words);
    assertEquals(http.registry.list("tenant_default"), []);
  });
}

Deno.test("webhooks refuse the same on change, and stay as they are", async () => {
  await using http = await setUpHttp();
  const path = `/v1/webhooks/${await created(http)}`;
  const before = await http.ask("GET", path);

  for (const body of [{ url: "ftp://x" }, { events: [] }, { format: "session" }, { evnts: ["*"] }]) {
    const answer = await http.ask("PUT", path, { body });
    assertEquals(answer.status, 400, answer.text);
  }

  assertEquals((await http.ask("GET", path)).at(""), before.at(""));
});

Deno.test("webhooks of other tenants may not be on private addresses", async () => {
  await using http = await setUpHttp();
  const { key } = await http.anotherTenant();

  const answer = await http.ask("POST", "/v1/webhooks", { key, body: WISH });

  assertEquals([answer.status, answer.at("error.details.0.field")], [400, "url"]);
  assertStringIncludes(answer.text, "WEBHOOK_ALLOW_PRIVATE");
});

Deno.test("webhooks keep tokens in the URL as they were given", async () => {
  await using http = await setUpHttp();
  const url = "https://your-app.com/Hook/%7btoken%7D?token=A b&x=é";

  const answer = await http.ask("POST", "/v1/webhooks", { body: { ...WISH, url } });

  assertEquals(answer.at("data.url"), url);
});

Deno.test("webhooks are listed oldest first", async () => {
  await using http = await setUpHttp();
  const ids = [await created(http), await created(http), await created(http)];

  const answer = await http.ask("GET", "/v1/webhooks");

  assertEquals([answer.status, idsOf(answer), answer.at("data.total")], [200, ids, 3]);
});

for (const method of ["PUT", "PATCH"]) {
  Deno.test(`webhooks change by ${method} only in what was given`, async () => {
    await using http = await setUpHttp();
    const id = await created(http, { ordering: "chat" });

    const answer = await http.ask(method, `/v1/webhooks/${id}`, {
      body: { events: ["message.received", "message.status"] },
    });

    assertEquals(answer.status, 200);
    const list = await http.ask("GET", "/v1/webhooks");
    assertEquals(list.at("data.webhooks.0.events"), ["message.received", "message.status"]);
    assertEquals(list.at("data.webhooks.0.url"), RX);
    assertEquals(list.at("data.webhooks.0.ordering"), "chat");
  });
}

Deno.test("webhooks go back to the format's own retry, timeout and all devices by null", async () => {
  await using http = await setUpHttp();
  await http.addDevice("device_1");
  const path = `/v1/webhooks/${await created(http, { retry: [9], timeout: 3, devices: ["device_1"] })}`;

  const answer = await http.ask("PUT", path, { body: { retry: null, timeout: null, devices: null } });

  assertEquals(["retry", "timeout", "devices"].map((it) => answer.at(`data.${it}`)), ["device", 10, null]);
});

Deno.test("webhooks keep a header whose mask is given back", async () => {
  await using http = await setUpHttp();
  const id = await created(http, { headers: { "X-Token": "t0ken", "X-Old": "o" } });

  await http.ask("PUT", `/v1/webhooks/${id}`, { body: { headers: { "x-token": "***", "X-New": "n" } } });

  assertEquals(http.registry.get(id)?.headers, { "x-token": "t0ken", "X-New": "n" });
});

Deno.test("webhooks are removed once", async () => {
  await using http = await setUpHttp();
  const id = await created(http);

  const first = await http.ask("DELETE", `/v1/webhooks/${id}`);
  const second = await http.ask("DELETE", `/v1/webhooks/${id}`);
  const list = await http.ask("GET", "/v1/webhooks");

  assertEquals(first.status, 200);
  assertEquals(first.at(""), { success: true, data: { webhook_id: id, deleted: true } });
  assertEquals(second.status, 404);
  assertEquals(idsOf(list), []);
});

Deno.test("webhooks of another tenant do not exist", async () => {
  await using http = await setUpHttp();
  const id = await created(http);
  const { key } = await http.anotherTenant();

  const list = await http.ask("GET", "/v1/webhooks", { key });
  const others = await Promise.all(
    ([["GET", ""], ["PUT", "", { url: "https://a.example" }], ["PATCH", "", {}], ["DELETE", ""], [
      "POST",
      "/rotate-secret",
    ]] as const)
      .map(([method, rest, body]) => http.ask(method, `/v1/webhooks/${id}${rest}`, { key, body })),
  );

  assertEquals(idsOf(list), []);
  assertEquals(others.map(({ status }) => status), [404, 404, 404, 404, 404]);
  assertEquals(http.registry.get(id)?.url, RX);
});

Deno.test("webhooks of another tenant cannot name devices of ours", async () => {
  await using http = await setUpHttp();
  await http.addDevice("device_1");
  const { key } = await http.anotherTenant();

  const body = { ...WISH, url: "https://a.example", devices: ["device_1"] };
  const answer = await http.ask("POST", "/v1/webhooks", { key, body });

  assertEquals([answer.status, answer.at("error.details.0.field")], [400, "devices[0]"]);
});

Deno.test("webhooks have new secrets while the old one still signs", async () => {
  await using http = await setUpHttp();
  const id = await created(http);
  const isSince = since();

  const answer = await http.ask("POST", `/v1/webhooks/${id}/rotate-secret`);
  const shown = await http.ask("GET", `/v1/webhooks/${id}`);

  assertEquals(answer.status, 200);
  const secrets = http.registry.get(id)!.secrets;
  assertEquals(secrets.map(({ value }) => value), [String(answer.at("data.secret")), WISH.secret]);
  assert(isSince((Number(answer.at("data.old_secrets_valid_until")) - 86_400) * 1000));
  assert(isSince(Number(shown.at("data.secret_created_at")) * 1000));
});

Deno.test("webhooks forget the old secret at once when asked to", async () => {
  await using http = await setUpHttp();
  const id = await created(http);

  const answer = await http.ask("POST", `/v1/webhooks/${id}/rotate-secret`, {
    body: { secret: "my-own", keep_old_for: 0 },
  });

  assertEquals(answer.at(""), { success: true, data: { webhook_id: id, old_secrets_valid_until: null } });
  assertEquals(http.registry.get(id)?.secrets.map(({ value, expiresAt }) => [value, expiresAt]), [
    ["my-own", null],
  ]);
});

for (const keep_old_for of [-1, 604_801, 1.5, "day"]) {
  Deno.test(`webhooks refuse to keep an old secret for ${keep_old_for}`, async () => {
    await using http = await setUpHttp();
    const id = await created(http);

    const answer = await http.ask("POST", `/v1/webhooks/${id}/rotate-secret`, { body: { keep_old_for } });

    assertEquals([answer.status, answer.at("error.details.0.field")], [400, "keep_old_for"]);
  });
}

Deno.test("webhooks of the environment are changed by settings only", async () => {
  await using http = await setUpHttp();
  const wish = { url: RX, format: "account", secret: undefined } as const;
  const { id } = (await http.subscriptions.ensureEnvironmentWebhook(wish))!;

  const changed = await http.ask("PUT", `/v1/webhooks/${id}`, { body: { url: "https://a.example" } });
  const removed = await http.ask("DELETE", `/v1/webhooks/${id}`);
  const rotated = await http.ask("POST", `/v1/webhooks/${id}/rotate-secret`);
  const paused = await http.ask("PUT", `/v1/webhooks/${id}`, { body: { status: "paused" } });

  assertEquals([changed.status, removed.status, rotated.status, paused.status], [409, 409, 409, 200]);
  assertStringIncludes(changed.text, "WEBHOOK_URL");
});

Deno.test("webhooks do not take a static segment for an id", async () => {
  await using http = await setUpHttp();

  const answer = await http.ask("GET", "/v1/webhooks/failed");

  assertEquals(answer.status, 404);
});
