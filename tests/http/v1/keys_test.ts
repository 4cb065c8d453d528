import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { aDraft } from "../../store/contracts/samples.ts";
import { createDeviceRoutes } from "../../../src/http/v1/devices.ts";
import { hashKey } from "../../../src/tenants/keys.ts";
import { setUpHttp, type TestHttp } from "../../support/http.ts";
import { until } from "../../support/until.ts";

const T0 = Date.UTC(2026, 10, 27);

/** The HTTP side with two devices, and a clock that is set by hand. */
async function setUp() {
  const clock = { now: T0 };
  const http = await setUpHttp({
    now: () => clock.now,
    keyed: (store) => [{
      at: "/v1",
      routes: createDeviceRoutes({
        devices: {
          get: (tenantId: string, name: string) => store.devices.find(tenantId, name),
          list: async (tenantId: string) => ({ devices: await store.devices.list({ tenantId }), total: 2 }),
          proxiesOf: () => Promise.resolve(new Map()),
          // deno-lint-ignore no-explicit-any -- no other is called here
        } as any,
        now: () => clock.now,
      }),
    }],
  });
  await http.addDevice("device_a", { alias: "kasir" });
  await http.addDevice("device_b");
  return { http, clock };
}

async function newKey(http: TestHttp, wanted: Readonly<Record<string, unknown>>) {
  const answer = await http.ask("POST", "/v1/keys", { body: { name: "Assistant", ...wanted } });
  assertEquals(answer.status, 201, answer.text);
  return { id: String(answer.at("data.key_id")), key: String(answer.at("data.api_key")) };
}

Deno.test("POST keys shows the new key once, and only its hash is kept", async () => {
  const { http } = await setUp();
  await using _ = http;

  const made = await http.ask("POST", "/v1/keys", {
    body: { name: "Assistant", scopes: ["read"], devices: ["kasir"], expires_at: T0 / 1000 + 60 },
  });
  const listed = await http.ask("GET", "/v1/keys");

  const key = String(made.at("data.api_key"));
  assertMatch(key, /^kbr_[A-Za-z0-9]{43}$/);
  assertEquals((await http.store.apiKeys.byHash(hashKey(key)))?.name, "Assistant");
  assertEquals(listed.text.includes(key), false);
  assertEquals(listed.at("data.keys"), [{
    key_id: made.at("data.key_id"),
    name: "Assistant",
    scopes: ["read"],
    devices: ["device_a"],
    created_at: T0 / 1000,
    expires_at: T0 / 1000 + 60,
    last_used_at: null,
    read_chats: null,
    send_chats: null,
  }]);
});

Deno.test("POST keys names what it does not take", async () => {
  const { http } = await setUp();
  await using _ = http;
  const ask = (body: unknown) => http.ask("POST", "/v1/keys", { body });

  const scope = await ask({ name: "A", scopes: ["write"] });
  const none = await ask({ name: "A", scopes: [] });
  const field = await ask({ name: "A", scope: ["read"], scopes: ["read"] });
  const past = await ask({ name: "A", scopes: ["read"], expires_at: T0 / 1000 });
  const device = await ask({ name: "A", scopes: ["read"], devices: ["device_c"] });

  assertEquals([scope, none, field, past].map(({ status }) => status), [400, 400, 400, 400]);
  assertStringIncludes(String(field.at("error.message")), "did you mean `scopes`?");
  assertStringIncludes(String(past.at("error.message")), "`expires_at` must be in the future");
  assertEquals([device.status, device.at("error.message")], [404, 'Cannot find device "device_c"']);
});

Deno.test("a named key reaches what its scopes allow, and the refusal names the one that is missing", async () => {
  const { http } = await setUp();
  await using _ = http;
  const reader = await newKey(http, { scopes: ["read"] });
  const sender = await newKey(http, { scopes: ["send"] });
  const manager = await newKey(http, { scopes: ["manage"] });
  const webhook = { url: "https://a.example/hook", events: ["*"] };
  const asked = async (key: string) => [
    (await http.ask("GET", "/v1/webhooks", { key })).status,
    (await http.ask("POST", "/v1/devices/device_a/messages/text", { key, body: {} })).status, // no such route here
    (await http.ask("POST", "/v1/webhooks", { key, body: webhook })).status,
  ];

  const refused = await http.ask("POST", "/v1/devices/device_a/messages/text", { key: reader.key, body: {} });

  assertEquals(await asked(reader.key), [200, 403, 403]);
  assertEquals(await asked(sender.key), [403, 404, 403]);
  assertEquals(await asked(manager.key), [403, 403, 201]);
  assertEquals(refused.at("error"), {
    code: "INSUFFICIENT_SCOPE",
    message: 'This needs a key with the scope "send"; yours has: read',
  });
  assertEquals(
    refused.headers.get("WWW-Authenticate"),
    'Bearer realm="kabar", error="insufficient_scope", scope="send"',
  );
});

Deno.test("a named key gives no more than it has", async () => {
  const { http } = await setUp();
  await using _ = http;
  const { key } = await newKey(http, { scopes: ["manage"] });

  const more = await http.ask("POST", "/v1/keys", { key, body: { name: "B", scopes: ["manage", "send"] } });
  const same = await http.ask("POST", "/v1/keys", { key, body: { name: "B", scopes: ["manage"] } });

  assertEquals([more.status, more.at("error.code")], [403, "KEY_HAS_LESS"]);
  assertEquals(more.at("error.message"), "Cannot give what your key does not have: send");
  assertEquals(same.status, 201);
});

Deno.test("a key for some devices reaches them by id and alias, and nothing else", async () => {
  const { http } = await setUp();
  await using _ = http;
  const { key } = await newKey(http, { scopes: ["read", "send", "manage"], devices: ["device_a"] });
  const status = async (method: string, path: string) => (await http.ask(method, path, { key })).status;

  const listed = await http.ask("GET", "/v1/devices", { key });
  const foreign = await http.ask("GET", "/v1/devices/device_b", { key });
  const unknown = await http.ask("GET", "/v1/devices/device_x", { key });
  const all = await http.ask("GET", "/v1/events", { key });

  assertEquals(await status("GET", "/v1/devices/device_a/events"), 200);
  assertEquals(await status("GET", "/v1/devices/kasir/events"), 200);
  assertEquals(await status("GET", "/v1/events?devices=kasir"), 200);
  assertEquals(await status("GET", "/v1/events?devices=kasir,device_b"), 403);
  assertEquals(await status("GET", "/v1/events?devices=kasir&devices=device_b"), 403);
  assertEquals(await status("GET", "/v1/webhooks"), 403);
  assertEquals(await status("POST", "/v1/devices"), 403);
  assertEquals(await status("GET", "/v1/keys"), 403);
  assertEquals(await status("POST", "/v1/keys"), 403);
  assertEquals(await status("POST", "/api/messages/blast"), 403);
  assertEquals(await status("POST", "/graph/628000000142/messages"), 403);
  assertEquals([foreign.status, foreign.at("error.code")], [403, "DEVICE_NOT_ALLOWED"]);
  assertEquals(unknown.status, 403); // as if it were somebody else's
  assertStringIncludes(String(all.at("error.message")), "name them in the parameter `devices`");
  assertEquals([listed.at("data.count"), listed.at("data.total"), listed.at("data.devices.0.id")], [
    1,
    1,
    "device_a",
  ]);
});

Deno.test("a named key is another tenant's neither to see nor to revoke", async () => {
  const { http } = await setUp();
  await using _ = http;
  const own = await newKey(http, { scopes: ["read"] });
  const other = await http.anotherTenant();

  const listed = await http.ask("GET", "/v1/keys", { key: other.key });
  const revoked = await http.ask("DELETE", `/v1/keys/${own.id}`, { key: other.key });

  assertEquals(listed.at("data.keys"), []);
  assertEquals(revoked.status, 404);
  assertEquals((await http.ask("GET", "/v1/webhooks", { key: own.key })).status, 200);
});

Deno.test("revoking a key ends its streams and polls at once, and refuses it from then on", async () => {
  const { http } = await setUp();
  await using _ = http;
  const { id, key } = await newKey(http, { scopes: ["read"] });
  const other = await newKey(http, { scopes: ["read"] });
  await http.publish(aDraft());
  const open = (key: string, path: string) =>
    http.app.request(path, { headers: { Authorization: `Bearer ${key}` } });
  const stream = await open(key, "/v1/events/stream");
  const poll = await open(key, "/v1/events?after=1&wait=30");
  const otherStream = await open(other.key, "/v1/events/stream");
  const ended = Promise.all([stream.text(), poll.text()]);
  await until(() => Promise.resolve(http.listening("tenant_default") === 3), "three to listen");

  const revoked = await http.ask("DELETE", `/v1/keys/${id}`);
  await ended;

  assertEquals(revoked.at("data"), { key_id: id, revoked: true });
  assertEquals(http.listening("tenant_default"), 1); // the other key's stream goes on
  assertEquals((await http.ask("GET", "/v1/webhooks", { key })).status, 401);
  assertEquals((await http.ask("GET", "/v1/webhooks", { key: other.key })).status, 200);
  await otherStream.body?.cancel();
});

Deno.test("suspending a tenant ends what its named keys opened", async () => {
  const { http } = await setUp();
  await using _ = http;
  const { id, key: own } = await http.anotherTenant();
  const made = await http.ask("POST", "/v1/keys", { key: own, body: { name: "A", scopes: ["read"] } });
  const key = String(made.at("data.api_key"));
  const stream = await http.app.request("/v1/events/stream", { headers: { Authorization: `Bearer ${key}` } });
  const ended = stream.text();

  await http.tenancy.suspend(id);
  await ended;

  assertEquals((await http.ask("GET", "/v1/webhooks", { key })).status, 403);
});

Deno.test("a key that expired is refused, and what it opened has ended", async () => {
  const { http, clock } = await setUp();
  await using _ = http;
  const { key } = await newKey(http, { scopes: ["read"], expires_at: T0 / 1000 + 1 });
  clock.now = T0 + 999; // so that a millisecond of it is left
  const stream = await http.app.request("/v1/events/stream", { headers: { Authorization: `Bearer ${key}` } });
  clock.now = T0 + 1_000;

  await stream.text();

  assertEquals((await http.ask("GET", "/v1/webhooks", { key })).status, 401);
});

Deno.test("the last use of a key is written at most once a minute", async () => {
  const { http, clock } = await setUp();
  await using _ = http;
  const { key } = await newKey(http, { scopes: ["read"] });
  const usedAt = async (at: number) => {
    clock.now = at;
    await http.ask("GET", "/v1/webhooks", { key });
    return async () => (await http.store.apiKeys.byHash(hashKey(key)))?.lastUsedAt;
  };

  const first = await usedAt(T0 + 1_000);
  await until(async () => await first() === T0 + 1_000, "the first use to be noted");
  await usedAt(T0 + 60_999);
  const third = await usedAt(T0 + 61_000);
  await until(async () => await third() !== T0 + 1_000, "another use to be noted");

  assertEquals(await third(), T0 + 61_000);
});

Deno.test("the tenant's own key may do all, whatever named keys there are", async () => {
  const { http } = await setUp();
  await using _ = http;
  await newKey(http, { scopes: ["read"], devices: ["device_a"] });

  const made = await http.ask("POST", "/v1/webhooks", {
    body: { url: "https://a.example/hook", events: ["*"] },
  });

  assert(made.status === 201, made.text);
});

Deno.test("a key that ends makes no key that outlasts it", async () => {
  const { http } = await setUp();
  await using _ = http;
  const endsAt = T0 / 1000 + 3_600;
  const { key } = await newKey(http, { scopes: ["read", "manage"], expires_at: endsAt });
  const make = (wanted: Readonly<Record<string, unknown>>) =>
    http.ask("POST", "/v1/keys", { key, body: { name: "A", scopes: ["read"], ...wanted } });

  const refused = [await make({}), await make({ expires_at: endsAt + 1 })];
  const made = await make({ expires_at: endsAt });

  assertEquals(refused.map((answer) => [answer.status, answer.at("error.code")]), [
    [403, "KEY_HAS_LESS"],
    [403, "KEY_HAS_LESS"],
  ]);
  assertStringIncludes(refused[0].text, `\`expires_at\` must be at most ${endsAt}`);
  assertEquals(made.status, 201);
});
