import { assertEquals } from "@std/assert";
import { createPausedMessages, PAUSED_AT } from "../../../src/messages/paused.ts";
import { systemClock } from "../../../src/async/clock.ts";
import { createScheduledRoutes } from "../../../src/http/v1/scheduled_messages.ts";
import { createMessageSchedule } from "../../../src/messages/schedule.ts";
import { nobodySuspended } from "../../support/rights.ts";
import { setUpHttp } from "../../support/http.ts";
import { aMessage } from "../../support/messaging.ts";

const SEND_AT = 4_000_000_000_000;

/** The routes over a store with one scheduled message of each of two devices. */
async function setUp() {
  const left: string[] = [];
  const toOutbox = ({ id }: { readonly id: string }) => void left.push(id);
  const http = await setUpHttp({
    keyed: ({ messages, devices, tenants }) => {
      const schedule = createMessageSchedule({
        messages,
        outbox: { add: toOutbox },
        isSuspended: nobodySuspended,
        files: { discard: () => Promise.resolve() },
        clock: systemClock,
      });
      return [{
        at: "/v1",
        routes: createScheduledRoutes({
          devices: { get: async (tenantId, name) => (await devices.find(tenantId, name))! },
          messages,
          schedule,
          paused: createPausedMessages({
            tenants,
            messages,
            devices,
            outbox: { add: toOutbox, withdraw: () => undefined },
            clock: systemClock,
          }),
        }),
      }];
    },
  });
  await http.addDevice("device_a", { alias: "kasir" });
  await http.addDevice("device_b");
  const add = async (deviceId: string, sendAt: number) => {
    const message = aMessage({ id: `msg_${deviceId}${sendAt}`, deviceId, status: "scheduled", sendAt });
    await http.store.messages.create(message);
    return message.id;
  };
  const ids = { a: await add("device_a", SEND_AT), b: await add("device_b", SEND_AT + 1) };
  const made = await http.ask("POST", "/v1/keys", {
    body: { name: "Kasir", scopes: ["read", "send"], devices: ["device_a"] },
  });
  return { http, ids, add, left, key: String(made.at("data.api_key")) };
}

Deno.test("GET messages/scheduled pages through what leaves next", async () => {
  const { http, ids } = await setUp();
  await using _ = http;

  const first = await http.ask("GET", "/v1/messages/scheduled?limit=1");
  const second = await http.ask(
    "GET",
    `/v1/messages/scheduled?limit=1&cursor=${first.at("data.next_cursor")}`,
  );
  const strange = await http.ask("GET", "/v1/messages/scheduled?cursor=msg_none");

  assertEquals([first.at("data.messages.0.id"), first.at("data.messages.0.send_at")], [
    ids.a,
    SEND_AT / 1000,
  ]);
  assertEquals([second.at("data.messages.0.id"), second.at("data.next_cursor")], [ids.b, null]);
  assertEquals([strange.status, strange.at("error.code")], [400, "VALIDATION_ERROR"]);
});

Deno.test("a key for some devices sees and cancels their scheduled messages, and no others", async () => {
  const { http, ids, key } = await setUp();
  await using _ = http;

  const listed = await http.ask("GET", "/v1/messages/scheduled", { key });
  const others = await http.ask("GET", "/v1/messages/scheduled?device=device_b", { key });
  const foreign = await http.ask("DELETE", `/v1/messages/scheduled/${ids.b}`, { key });
  const own = await http.ask("DELETE", `/v1/messages/scheduled/${ids.a}`, { key });

  assertEquals([listed.at("data.messages.0.id"), listed.at("data.messages.1")], [ids.a, undefined]);
  assertEquals(others.at("data.messages"), []);
  assertEquals([foreign.status, own.status], [404, 200]);
  assertEquals((await http.store.messages.get(ids.b))?.status, "scheduled");
});

Deno.test("POST messages/scheduled/resume sends what is paused of the key's devices, and leaves the rest", async () => {
  const { http, ids, add, left, key } = await setUp();
  await using _ = http;
  const paused = { a: await add("device_a", PAUSED_AT), b: await add("device_b", PAUSED_AT) };

  const listed = await http.ask("GET", "/v1/messages/scheduled?limit=1");
  const one = await http.ask("POST", "/v1/messages/scheduled/resume", { key });
  const other = await http.ask("POST", "/v1/messages/scheduled/resume");
  const none = await http.ask("POST", "/v1/messages/scheduled/resume");

  assertEquals([listed.at("data.messages.0.id"), listed.at("data.messages.0.send_at")], [
    paused.a,
    undefined,
  ]);
  assertEquals([one, other, none].map((answer) => answer.at("data.resumed")), [1, 1, 0]);
  assertEquals(left, [paused.a, paused.b]);
  const statuses = [paused.a, ids.a].map(async (id) => (await http.store.messages.get(id))?.status);
  assertEquals(await Promise.all(statuses), ["queued", "scheduled"]);
});
