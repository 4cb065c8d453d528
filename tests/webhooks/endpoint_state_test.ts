import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { createWebhookStateRoutes } from "../../src/http/v1/webhook_state.ts";
import { aText, runEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { aWebhook } from "../support/events.ts";
import { setUpHttp } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";

const ONE_TRY = { waitsMs: [], jitter: 0 };
/** No probe comes by itself within a test. */
const SLOW = 1;

Deno.test("endpoint that takes everything is ok", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver(200);
  const webhook = await running.subscribe({ url: receiver.url });
  await running.engine.publish(aText("1"));
  await until(async () => await running.store.deliveries.count({ status: "success" }, 9) === 1, "delivery");

  const state = await running.engine.endpointState(webhook);

  assertEquals([state.health, state.since, state.failures, state.waiting, state.failed], [
    "ok",
    null,
    0,
    0,
    0,
  ]);
  await receiver.stop();
});

Deno.test("endpoint whose requests fail is failing until retries are used up, then given up", async () => {
  await using running = await runEngine({ retryScale: SLOW });
  const receiver = await startReceiver(503);
  const waits = { waitsMs: [600_000], jitter: 0 };
  const events = ["message.received"];
  const retrying = await running.subscribe({ url: receiver.url, events, retry: waits, recovery: true });
  const once = await running.subscribe({ url: receiver.url, events, retry: ONE_TRY, recovery: true });
  await running.engine.publish(aText("1"));
  await until(async () => await running.store.deliveries.count({ status: "failed" }, 9) === 1, "failure");
  await until(() => running.engine.endpointState(retrying).then(({ failures }) => failures === 1), "streak");

  const failing = await running.engine.endpointState(retrying);
  const givenUp = await running.engine.endpointState(once);

  assertEquals([failing.health, failing.waiting, failing.failed, failing.nextProbeAt], [
    "failing",
    1,
    0,
    null,
  ]);
  assertEquals([failing.lastStatusCode, failing.failures], [503, 1]);
  assertEquals([givenUp.health, givenUp.waiting, givenUp.failed], ["given_up", 0, 1]);
  assertGreater(givenUp.nextProbeAt ?? 0, Date.now());
  assertEquals(givenUp.probesLeft, 9);
  await receiver.stop();
});

Deno.test("endpoint that was given up is probed at once when asked, and drains", async () => {
  await using running = await runEngine({ retryScale: SLOW });
  const receiver = await startReceiver(503);
  const webhook = await running.subscribe({ url: receiver.url, retry: ONE_TRY, recovery: true });
  for (const text of ["1", "2"]) await running.engine.publish(aText(text));
  await until(async () => await running.store.deliveries.count({ status: "failed" }, 9) === 2, "failures");
  receiver.respond(200);

  const probed = running.engine.probeNow(webhook.id);

  assert(probed);
  await until(
    async () => await running.store.deliveries.count({ status: "success" }, 9) === 2,
    "all recovered",
  );
  await until(() => running.engine.endpointState(webhook).then(({ health }) => health === "ok"), "health");
  assertEquals(running.engine.probeNow(webhook.id), false);
  await receiver.stop();
});

Deno.test("endpoint that was given up is probed with an event, not with a test that had failed before", async () => {
  await using running = await runEngine({ retryScale: SLOW });
  const receiver = await startReceiver(503);
  const webhook = await running.subscribe({ url: receiver.url, retry: ONE_TRY, recovery: true });
  await running.engine.testDeliveries.test(webhook);
  await running.engine.publish(aText("1"));
  await until(
    () => running.engine.endpointState(webhook).then(({ health }) => health === "given_up"),
    "its end",
  );

  running.engine.probeNow(webhook.id);

  const [, , probe] = await receiver.waitFor(3);
  await until(
    () => running.engine.endpointState(webhook).then(({ nextProbeAt }) => nextProbeAt !== null),
    "the next probe to be planned",
  );
  assertEquals(probe.json.event, "message.received");
  await receiver.stop();
});

Deno.test("webhook state is shown to its own tenant only, and probes nothing that works", async () => {
  const mine = aWebhook({ id: "wh_mine", tenantId: DEFAULT_TENANT });
  await using http = await setUpHttp({
    keyed: [{
      at: "/v1",
      routes: createWebhookStateRoutes({
        webhooksOf: (tenantId) => tenantId === mine.tenantId ? [mine] : [],
        endpointState: () =>
          Promise.resolve({
            health: "ok",
            since: null,
            failures: 0,
            lastError: null,
            lastStatusCode: null,
            waiting: 3,
            failed: 0,
            oldestWaitingAt: 5_999,
            nextProbeAt: null,
            probesLeft: 0,
          }),
        probeNow: () => false,
      }),
    }],
  });
  const other = await http.anotherTenant();

  const own = await http.ask("GET", "/v1/webhooks/wh_mine/state");
  const foreign = await http.ask("GET", "/v1/webhooks/wh_mine/state", { key: other.key });
  const probe = await http.ask("POST", "/v1/webhooks/wh_mine/probe");

  assertEquals([own.at("data.health"), own.at("data.waiting"), own.at("data.oldest_waiting_at")], [
    "ok",
    3,
    5,
  ]);
  assertEquals(foreign.status, 404);
  assertEquals([probe.status, probe.at("error.code")], [409, "NOTHING_TO_PROBE"]);
  assertStringIncludes(probe.text, "/v1/deliveries/replay");
});
