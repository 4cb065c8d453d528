import { createHmac } from "node:crypto";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type ReceivingOptions, setUpReceiving } from "../../support/receiving.ts";

const MESSAGE = {
  messages: [{
    from: "628111222333",
    id: "wamid.F1",
    timestamp: "1700000000",
    type: "text",
    text: { body: "x" },
  }],
};
const REPORT = {
  sessionId: "s",
  event: "message",
  data: {
    message: { id: { fromMe: false, remote: "628111222333@c.us", id: "W1" }, type: "chat", body: "x" },
  },
};
/** Both receivers, with a message that each makes an event of. */
const RECEIVERS = [["/webhooks/qiscus", MESSAGE], ["/api/whatsapp/webhook", REPORT]] as const;

type Headers = Readonly<Record<string, string>>;
interface From {
  readonly headers?: Headers;
  readonly from?: string;
}

/** Posts to both receivers: the statuses, and how many events came of it. */
async function post(options: ReceivingOptions, request: From) {
  await using server = await setUpReceiving(options);
  const answers = [];
  for (const [path, body] of RECEIVERS) answers.push(await server.post(path, body, request));
  return {
    statuses: answers.map(({ status }) => status),
    messages: answers.map(({ json }) => String(json.message)),
    events: (await server.events()).length,
  };
}

const STRANGERS: readonly (readonly [string, From, number])[] = [
  ["from another machine", { from: "203.0.113.7" }, 401],
  ["from the local network", { from: "192.168.1.7" }, 401],
  ["passed on by a proxy", { headers: { "X-Forwarded-For": "203.0.113.7" } }, 401],
  ["passed on by a proxy without a client", { headers: { Via: "1.1 proxy" } }, 401],
  ["of a web page", {
    headers: { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain" },
  }, 403],
  ["of a page that rebinds its name", { headers: { Host: "rebind.evil.example:3000" } }, 403],
];

for (const [what, request, status] of STRANGERS) {
  Deno.test(`receivers without a secret refuse requests ${what}`, async () => {
    const { statuses, events } = await post({}, request);

    assertEquals([statuses, events], [[status, status], 0]);
  });
}

Deno.test("receivers without a secret take what a program on this machine posts", async () => {
  const { statuses, events } = await post({}, { headers: { Host: "localhost:3000" } });

  assertEquals([statuses, events], [[200, 200], 2]);
});

for (const options of [{ appUrl: "https://kabar.example" }, { trustProxy: ["10.0.0.1"] }]) {
  Deno.test(`receivers without a secret take nothing with ${Object.keys(options)[0]}, which means a proxy`, async () => {
    const { statuses, events } = await post(options, {});

    assertEquals([statuses, events], [[401, 401], 0]);
  });
}

Deno.test("receivers that are open take anybody's requests", async () => {
  for (const [, request] of STRANGERS) {
    const { statuses, events } = await post({ open: true }, request);

    assertEquals([statuses, events], [[200, 200], 2]);
  }
});

Deno.test("receivers name the settings that open them", async () => {
  const { messages } = await post({}, { from: "203.0.113.7" });

  for (const message of messages) assertStringIncludes(message, "RECEIVERS_OPEN");
});

Deno.test("qiscus receiver with a secret hears unsigned requests of this machine only", async () => {
  await using server = await setUpReceiving({ secret: "qs" });
  const far = { from: "203.0.113.7" };
  const signature = createHmac("sha256", "qs").update(JSON.stringify(MESSAGE)).digest("hex");

  const unsigned = await server.post("/webhooks/qiscus", MESSAGE, far);
  const before = await server.events();
  const signed = await server.post("/webhooks/qiscus", MESSAGE, {
    ...far,
    headers: { "X-Qiscus-Signature": signature },
  });
  const near = await server.post("/webhooks/qiscus", MESSAGE);

  assertEquals([unsigned.status, signed.status, near.status], [401, 200, 200]);
  assertEquals([before.length, (await server.events()).length], [0, 1]);
});

Deno.test("qiscus receiver takes unsigned requests of allowed addresses", async () => {
  await using server = await setUpReceiving({ secret: "qs", allowedIps: ["203.0.113.0/24"] });

  const answers = [
    await server.post("/webhooks/qiscus", MESSAGE, { from: "203.0.113.7" }),
    await server.post("/webhooks/qiscus", MESSAGE, { from: "198.51.100.1" }),
  ];

  assertEquals(answers.map(({ status }) => status), [200, 403]);
});

Deno.test("qiscus receiver hears Qiscus, which does not sign, once its settings are complete", async () => {
  await using server = await setUpReceiving({ configured: true, appUrl: "https://kabar.example" });

  const answer = await server.post("/webhooks/qiscus", MESSAGE, { from: "203.0.113.7" });

  assertEquals(answer.status, 200);
});

Deno.test("receivers do not believe deliveries of this gateway for another tenant", async () => {
  await using server = await setUpReceiving();
  const eventOf = async (tenantId: string) => {
    const draft = { type: "webhook.test", tenantId, device: null, data: { message: "x" } } as const;
    const appended = await server.store.events.append(draft, [], Date.now());
    assert(!appended.duplicate);
    return appended.event.id;
  };
  await server.store.tenants.create({
    id: "tenant_other",
    name: "Other",
    status: "active",
    createdAt: 1,
    updatedAt: 1,
    // deno-lint-ignore no-explicit-any -- only the tenant's id matters here
  } as any, "hash");
  const [other, own] = [await eventOf("tenant_other"), await eventOf("tenant_default")];
  const delivered = (headers: Headers) =>
    server.post("/api/whatsapp/webhook", REPORT, { headers: { "X-Kabar-Attempt": "1", ...headers } });

  const answers = [
    await delivered({ "webhook-id": other }),
    await delivered({ "webhook-id": `${other}_message-status` }),
    await delivered({}),
    await delivered({ "webhook-id": own }),
    await delivered({ "webhook-id": "evt_00000000000000000000000000" }),
  ];

  assertEquals(answers.map(({ status }) => status), [401, 401, 401, 200, 200]);
});
