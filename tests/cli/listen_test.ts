// `kabar webhook listen` against a gateway of its own, and a program that takes what is forwarded.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Webhook as StandardWebhook } from "standardwebhooks";
import type { Clock } from "../../src/async/clock.ts";
import { listen, type ListenOptions } from "../../src/cli/listen/listen.ts";
import { GatewayError } from "../../src/cli/gateway_client.ts";
import { UsageError } from "../../src/cli/verb.ts";
import { hexSignature } from "../../src/formats/signature.ts";
import { until } from "../support/until.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

const NOTHING: ListenOptions = {
  forward: undefined,
  events: undefined,
  devices: undefined,
  format: undefined,
  after: undefined,
  secret: undefined,
};

/** Listens in the background; `type` is what somebody types. */
function startListening(
  url: string,
  key: string,
  options: Partial<ListenOptions>,
  clock?: Pick<Clock, "now" | "wait">,
) {
  const ending = new AbortController();
  const printed: string[] = [];
  const typed = new TransformStream<string, string>();
  const writer = typed.writable.getWriter();
  const over = listen({ ...NOTHING, ...options }, settingsFor(url, key), {
    signal: ending.signal,
    print: (line) => printed.push(line),
    typed: typed.readable,
    clock,
  });
  return {
    printed,
    over,
    type: (line: string) => writer.write(line),
    line: (part: string) => until(() => printed.find((line) => line.includes(part)), `the line "${part}"`),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await over;
      await writer.close();
    },
  };
}

function settingsFor(url: string, key: string | undefined) {
  return { HOST: "127.0.0.1", PORT: 1, APP_URL: url, API_KEY: key, MASTER_KEY: undefined };
}

/** Time that passes at once, and what was waited for. */
function quickClock(): Pick<Clock, "now" | "wait"> & { readonly waited: number[] } {
  const waited: number[] = [];
  return {
    waited,
    now: Date.now,
    wait(ms) {
      waited.push(ms);
      return Promise.resolve();
    },
  };
}

/** A gateway that publishes what it is told to. */
async function setUp() {
  const sink = await startReceiver();
  const gateway = await runGateway({ settings: { WEBHOOK_URL: sink.url } });
  return {
    gateway,
    async publish(name: string, data: unknown = {}) {
      const { status } = await gateway.api("POST", "/api/webhook/send", { eventType: name, data });
      assertEquals(status, 200);
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await sink.stop();
    },
  };
}

Deno.test("listen shows events as they happen, and one in full when its number is typed", async () => {
  await using world = await setUp();
  await using listening = startListening(world.gateway.url, KEY, {});
  await listening.line("Listening to");
  await until(async () => {
    await world.publish("order.paid", { order: 1042 });
    return listening.printed.some((line) => line.includes("order.paid"));
  }, "the first event");

  const [, number] = /#(\d+) order\.paid/.exec(
    listening.printed.find((line) => line.includes("order.paid"))!,
  )!;
  await listening.type(`${number}\n`);

  const shown = await listening.line('"order": 1042');
  assertStringIncludes(shown, '"event": "order.paid"');
});

Deno.test("listen forwards each event signed as a webhook's request", async () => {
  await using world = await setUp();
  await using rx = await startReceiver();
  await world.publish("order.paid", { order: 1042 });
  await using _listening = startListening(world.gateway.url, KEY, {
    forward: rx.url,
    after: "0",
    secret: "shh",
  });

  const [request] = await rx.waitFor(1);

  assertEquals(request.json.data, { order: 1042 });
  assertEquals("seq" in request.json, false);
  assertEquals(request.headers["webhook-id"], request.json.event_id);
  assertEquals(request.headers["x-rijan-signature"], hexSignature("shh", request.body));
  assertEquals(request.headers["x-kabar-attempt"], "1");
  new StandardWebhook("shh", { format: "raw" }).verify(request.body, { ...request.headers });
});

Deno.test("listen forwards in the format that was asked for", async () => {
  await using world = await setUp();
  await using rx = await startReceiver();
  await world.publish("order.paid", { order: 1042 });
  const options = { forward: rx.url, after: "0", secret: "shh", format: "session" };
  await using _listening = startListening(world.gateway.url, KEY, options);

  const [request] = await rx.waitFor(1);

  assertEquals(Object.keys(request.json), ["sessionId", "event", "data"]);
  assertEquals(request.headers["x-webhook-signature"], `sha256=${hexSignature("shh", request.body)}`);
  assertEquals(request.headers["user-agent"], "WhatsApp-Server/1.0");
});

Deno.test("listen forwards Meta's Cloud API as Meta writes and signs it", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  await using rx = await startReceiver();
  const { phone } = await gateway.pair();
  await gateway.simulator.contact("628123456789", "Budi").sendText(phone, "Halo é 🎉");
  const options = { forward: rx.url, after: "0", secret: "shh", format: "cloud", events: "messages" };
  await using listening = startListening(gateway.url, KEY, options);

  const [request] = await rx.waitFor(1);

  assertEquals(Object.keys(request.json), ["object", "entry"]);
  assertEquals(request.json.entry[0].changes[0].value.messages[0].text.body, "Halo é 🎉");
  assertEquals(/[^\x20-\x7e]/.test(request.body), false);
  assertEquals(request.headers["x-hub-signature-256"], `sha256=${hexSignature("shh", request.body)}`);
  await listening.line(" messages");
});

Deno.test("listen tries an event again until the program takes it, before the next one", async () => {
  await using world = await setUp();
  await using rx = await startReceiver("reset", 500, 200);
  const clock = quickClock();
  for (const order of [1, 2]) await world.publish("order.paid", { order });
  await using listening = startListening(world.gateway.url, KEY, { forward: rx.url, after: "0" }, clock);

  const requests = await rx.waitFor(4);

  assertEquals(requests.map(({ json }) => json.data.order), [1, 1, 1, 2]);
  assertEquals(requests.map(({ headers }) => headers["x-kabar-attempt"]), ["1", "2", "3", "1"]);
  assertEquals(clock.waited, [1_000, 2_000]);
  assertEquals(new Set(requests.slice(0, 3).map(({ headers }) => headers["webhook-id"])).size, 1);
  assertStringIncludes(await listening.line("again in 2 s"), "500 in ");
});

Deno.test("listen gives an event up in the end, goes on, and forwards it again on request", async () => {
  await using world = await setUp();
  await using rx = await startReceiver(...new Array(6).fill(503), 200, 200);
  for (const order of [1, 2]) await world.publish("order.paid", { order });
  await using listening = startListening(
    world.gateway.url,
    KEY,
    { forward: rx.url, after: "0" },
    quickClock(),
  );
  await rx.waitFor(7);
  const [, number] = /`again (\d+)`/.exec(await listening.line("given up"))!;

  await listening.type(`again ${number}\n`);

  const requests = await rx.waitFor(8);
  assertEquals(requests.map(({ json }) => json.data.order), [1, 1, 1, 1, 1, 1, 2, 1]);
  await listening.line(`#${number} again → 200`);
});

Deno.test("listen goes on after the gateway was away, without a gap", async () => {
  await using world = await setUp();
  await using rx = await startReceiver();
  await world.publish("first");
  const port = Number(new URL(world.gateway.url).port);
  await using listening = startListening(world.gateway.url, KEY, { forward: rx.url, after: "0" });
  await rx.waitFor(1);

  await world.gateway.stop();
  await listening.line("Connection lost");
  await world.gateway.start({ PORT: String(port) });
  await world.publish("second");

  const requests = await rx.waitFor(2);
  assertEquals(requests.map(({ json }) => json.event), ["first", "second"]);
  await listening.line("Connected again");
});

/** A terminal at which nothing is typed. */
function silent() {
  return {
    signal: new AbortController().signal,
    print: () => {},
    typed: new ReadableStream<string>({ start: (controller) => controller.close() }),
  };
}

const REFUSALS = [
  [undefined, "Set API_KEY to the key that the gateway printed at its first start"],
  ["wrong", "API_KEY is not a key of this gateway; `kabar key` makes a new one"],
] as const;
for (const [key, hint] of REFUSALS) {
  Deno.test(`listen says which setting to mend when the key is ${key ?? "not set"}`, async () => {
    await using gateway = await runGateway();

    await assertRejects(() => listen(NOTHING, settingsFor(gateway.url, key), silent()), GatewayError, hint);
  });
}

Deno.test("listen says which setting to mend when nobody answers", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response());
  const url = `http://127.0.0.1:${server.addr.port}`;
  await server.shutdown();

  await assertRejects(
    () => listen(NOTHING, settingsFor(url, "key"), silent()),
    GatewayError,
    "Is the gateway running? APP_URL says where it is",
  );
});

for (const wrong of [{ format: "xml" }, { forward: "localhost:8080" }]) {
  Deno.test(`listen refuses ${JSON.stringify(wrong)}`, async () => {
    const [name] = Object.keys(wrong);

    await assertRejects(
      () =>
        listen({ ...NOTHING, ...wrong }, settingsFor("http://127.0.0.1:1", "key"), {
          signal: new AbortController().signal,
          print: () => {},
          typed: new ReadableStream<string>(),
        }),
      UsageError,
      `--${name} takes `,
    );
  });
}
