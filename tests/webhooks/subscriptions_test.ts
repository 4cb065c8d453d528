import { assert, assertEquals, assertExists, assertRejects } from "@std/assert";
import { InvalidError, NotFoundError } from "../../src/errors.ts";
import { createRegistry } from "../../src/webhooks/registry.ts";
import { setUpHttp, type TestHttp } from "../support/http.ts";

const TENANT = "tenant_default";
const URL_A = "https://a.example/hook";
const URL_B = "https://b.example/hook";

const environment = { url: URL_A, format: "account", secret: "s" } as const;
const device = { id: "device_1", tenantId: TENANT };

/** What a gateway would know after a restart. */
async function stored(http: TestHttp) {
  return await http.store.webhooks.all();
}

Deno.test("subscriptions store what they tell the registry", async () => {
  await using http = await setUpHttp();
  const { webhook } = await http.subscriptions.create(TENANT, { url: URL_A, events: ["*"] });
  await http.subscriptions.update(TENANT, webhook.id, { headers: { "X-A": "b" }, ordering: "chat" });
  await http.subscriptions.pause(TENANT, webhook.id);

  const restarted = await createRegistry(http.store);

  assertEquals([...restarted.all()], [...http.registry.all()]);
  assertEquals(restarted.get(webhook.id)?.status, "paused");
});

Deno.test("subscriptions that cannot be stored are not in the registry", async () => {
  await using http = await setUpHttp();
  Object.assign(http.store.webhooks, { create: () => Promise.reject(new Error("disk full")) });

  await assertRejects(
    () => http.subscriptions.create(TENANT, { url: URL_A, events: ["*"] }),
    Error,
    "disk full",
  );

  assertEquals([...http.registry.all()], []);
});

Deno.test("subscriptions change in turn when many change at once", async () => {
  await using http = await setUpHttp();
  const { webhook: { id } } = await http.subscriptions.create(TENANT, {
    url: URL_A,
    events: ["*"],
    secret: "s0",
  });

  await Promise.all(
    ["s1", "s2", "s3"].map((secret) =>
      http.subscriptions.rotateSecret(TENANT, id, { secret, keepOldSeconds: 60 })
    ),
  );

  assertEquals(http.registry.get(id)?.secrets.map(({ value }) => value), ["s3", "s2", "s1", "s0"]);
});

Deno.test("subscriptions that are disabled say why, until they are resumed", async () => {
  await using http = await setUpHttp();
  const { webhook: { id } } = await http.subscriptions.create(TENANT, { url: URL_A, events: ["*"] });

  await http.subscriptions.disable(id, "The endpoint answered 410");
  const disabled = http.registry.get(id);
  const resumed = await http.subscriptions.resume(TENANT, id);

  assertEquals([disabled?.status, disabled?.statusReason], ["disabled", "The endpoint answered 410"]);
  assertEquals([resumed.status, resumed.statusReason], ["active", null]);
});

Deno.test("subscriptions that were removed are not disabled", async () => {
  await using http = await setUpHttp();

  await http.subscriptions.disable("wh_gone", "The endpoint answered 410");

  assertEquals(await stored(http), []);
});

Deno.test("subscriptions of another tenant cannot be paused", async () => {
  await using http = await setUpHttp();
  const { webhook: { id } } = await http.subscriptions.create(TENANT, { url: URL_A, events: ["*"] });

  await assertRejects(() => http.subscriptions.pause("tenant_other", id), NotFoundError);
});

Deno.test("subscriptions check topics again when only the format changes", async () => {
  await using http = await setUpHttp();
  const { webhook: { id } } = await http.subscriptions.create(TENANT, {
    url: URL_A,
    events: ["call.received"],
  });

  const error = await assertRejects(
    () => http.subscriptions.update(TENANT, id, { format: "account" }),
    InvalidError,
  );

  assertEquals(error.field, "events[0]");
});

Deno.test("environment's webhook gets everything and keeps its id over restarts", async () => {
  await using http = await setUpHttp();

  const first = await http.subscriptions.ensureEnvironmentWebhook(environment);
  const second = await http.subscriptions.ensureEnvironmentWebhook({
    ...environment,
    url: URL_B,
    secret: undefined,
  });

  assertExists(first);
  const { events, devices, format, source, secrets } = first;
  assertEquals({ events, devices, format, source }, {
    events: ["*"],
    devices: null,
    format: "account",
    source: "environment",
  });
  assertEquals(secrets.map(({ value, expiresAt }) => [value, expiresAt]), [["s", null]]);
  assertEquals([second?.id, second?.url, second?.secrets], [first.id, URL_B, []]);
  assertEquals((await stored(http)).length, 1);
});

Deno.test("environment's webhook is awake after a restart, unless its owner paused it", async () => {
  await using http = await setUpHttp();
  const { id } = (await http.subscriptions.ensureEnvironmentWebhook(environment))!;

  await http.subscriptions.disable(id, "The endpoint answered 410");
  const awake = await http.subscriptions.ensureEnvironmentWebhook(environment);
  await http.subscriptions.pause(TENANT, id);
  const paused = await http.subscriptions.ensureEnvironmentWebhook(environment);

  assertEquals([awake?.status, paused?.status], ["active", "paused"]);
});

Deno.test("environment's webhook goes when its setting goes", async () => {
  await using http = await setUpHttp();
  await http.subscriptions.ensureEnvironmentWebhook(environment);

  await http.subscriptions.ensureEnvironmentWebhook({ ...environment, url: undefined });

  assertEquals(await stored(http), []);
  assertEquals([...http.registry.all()], []);
});

Deno.test("environment's webhook is checked like any other", async () => {
  await using http = await setUpHttp();
  const wish = { ...environment, url: "http://169.254.169.254/" };

  await assertRejects(() => http.subscriptions.ensureEnvironmentWebhook(wish), InvalidError);
});

Deno.test("instance's webhook is made, changed and removed with its device's URL", async () => {
  await using http = await setUpHttp();

  const made = await http.subscriptions.setInstanceWebhook(device, URL_A);
  const changed = await http.subscriptions.setInstanceWebhook(device, URL_B);
  const other = await http.subscriptions.setInstanceWebhook({ ...device, id: "device_2" }, URL_A);
  const known = http.subscriptions.instanceWebhookOf(device);
  await http.subscriptions.setInstanceWebhook(device, null);

  assertExists(made);
  assertEquals([made.format, made.source, made.devices], ["instance", "instance", ["device_1"]]);
  assertEquals([changed?.id, known?.url], [made.id, URL_B]);
  assert(other?.id !== made.id);
  assertEquals((await stored(http)).map(({ id }) => id), [other!.id]);
});

Deno.test("instance's webhook that never was is removed without a word", async () => {
  await using http = await setUpHttp();

  assertEquals(await http.subscriptions.setInstanceWebhook(device, null), undefined);
});
