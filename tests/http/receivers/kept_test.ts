import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setUpReceiving } from "../../support/receiving.ts";

const QISCUS = "/webhooks/qiscus";
const UNIVERSAL = "/api/whatsapp/webhook";

type Json = Record<string, unknown>;

function text(id: string, from = "628123456789") {
  return { messages: [{ from, id, timestamp: "1700000000", type: "text", text: { body: "halo" } }] };
}

function signed(secret: string, body: string) {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

const UNREAD = [
  [QISCUS, '{"messages":[{"id":"wamid.9","type":"text","text":{"body":"dari siapa?"}}]}'],
  [QISCUS, '{"type":"zzz"}'],
  [QISCUS, "not json \u0000"],
  [UNIVERSAL, '{"sessionId":"s1","event":"newest_event","data":{"a":"\\ud83d"}}'],
  [UNIVERSAL, '{"sessionId":"s1","event":"message","data":{"message":{"body":"tanpa id"}}}'],
] as const;

for (const [path, body] of UNREAD) {
  Deno.test(`receiver at ${path} keeps ${JSON.stringify(body).slice(0, 50)} whole, with a warning and counted`, async () => {
    await using server = await setUpReceiving();

    const answer = await server.post(path, body);

    const [line] = await server.store.systemLog.list({ level: "warn" }, { limit: 5 });
    assertEquals(answer.status, 200);
    assertEquals(line.metadata?.raw, body);
    assert((line.metadata?.unread as string[]).length > 0);
    assertEquals(server.counted.map((each) => each.split(" ")[1]), ["unread"]);
    assertEquals(await server.events(), []);
  });
}

Deno.test("receiver keeps the parts that it does not understand beside those that it does", async () => {
  await using server = await setUpReceiving();

  await server.post(QISCUS, { messages: [...text("wamid.1").messages, { id: "wamid.2" }] });

  const [line] = await server.store.systemLog.list({ level: "warn" }, { limit: 1 });
  assertEquals((await server.events()).map(({ type }) => type), ["message.received"]);
  assertStringIncludes(String(line.metadata?.raw), "wamid.2");
});

Deno.test("receiver keeps what says nothing without a warning, and no message that made an event", async () => {
  await using server = await setUpReceiving();

  await server.post(UNIVERSAL, { sessionId: "s1", event: "unread_count", data: { count: 3 } });
  await server.post(QISCUS, text("wamid.1"));

  const lines = await server.store.systemLog.list({}, { limit: 5 });
  assertEquals(lines.map(({ level }) => level), ["info", "info"]);
  assertEquals(lines.map(({ metadata }) => typeof metadata?.raw), ["undefined", "string"]);
  assertEquals(server.counted, ["universal nothing", "qiscus event"]);
});

Deno.test("receiver keeps a body that is no text, byte by byte", async () => {
  await using server = await setUpReceiving();
  const bytes = new Uint8Array([0xff, 0x00, 0x80]);

  const response = await server.app.request(QISCUS, { method: "POST", body: bytes }, {
    remoteAddr: { hostname: "127.0.0.1" },
  });

  const [line] = await server.store.systemLog.list({}, { limit: 1 });
  assertEquals([response.status, line.metadata?.rawBase64], [200, bytes.toBase64()]);
});

Deno.test("operator lists what was kept, sees one whole, and replays it once it can be read", async () => {
  await using server = await setUpReceiving();
  const long = { sessionId: "s1", event: "newest_event", data: { text: "x".repeat(5_000) } };
  await server.post(UNIVERSAL, long);
  // what an earlier version kept, as it did not know this event yet
  const body = { sessionId: "s1", event: "change_state", data: { state: "CONFLICT" } };
  await server.store.systemLog.write({
    level: "warn",
    message: "WhatsApp server webhook received: change_state",
    metadata: { source: "universal", outcome: "unread", raw: JSON.stringify(body) },
    createdAt: Date.now(),
  });
  const call = async (method: string, path: string) => {
    const response = await server.app.request(path, { method }, { remoteAddr: { hostname: "127.0.0.1" } });
    return { status: response.status, json: await response.json() as Json };
  };

  const listed = (await call("GET", "/api/logs/system?level=warn")).json.logs as {
    id: number;
    metadata: string;
  }[];
  const whole = await call("GET", `/api/logs/system/${listed[1].id}`);
  const replayed = await call("POST", `/api/logs/system/${listed[0].id}/replay`);
  const still = await call("POST", `/api/logs/system/${listed[1].id}/replay`);
  const missing = await call("POST", "/api/logs/system/999/replay");

  assertEquals(listed.length, 2);
  assert(listed[1].metadata.length < 3_000);
  assertEquals(JSON.parse((whole.json.log as { metadata: string }).metadata).raw, JSON.stringify(long));
  assertEquals([replayed.status, replayed.json.events, replayed.json.unread], [200, 1, []]);
  assertEquals([still.status, still.json.events], [200, 0]);
  assertEquals([missing.status, missing.json.success], [404, false]);
  assertEquals((await server.events()).map(({ type }) => type), ["device.state"]);
  const after = await server.store.systemLog.get(listed[0].id);
  assertEquals([after?.metadata?.outcome, typeof after?.metadata?.replayedAt], ["event", "string"]);
});

Deno.test("line that keeps no webhook cannot be replayed", async () => {
  await using server = await setUpReceiving();
  await server.post(QISCUS, text("wamid.1"));
  const [{ id }] = await server.store.systemLog.list({}, { limit: 1 });

  const response = await server.app.request(`/api/logs/system/${id}/replay`, { method: "POST" }, {
    remoteAddr: { hostname: "127.0.0.1" },
  });

  assertEquals(response.status, 409);
  await response.body?.cancel();
});

Deno.test("qiscus receiver knows whose message was deleted when Qiscus does not tell", async () => {
  await using server = await setUpReceiving();
  await server.post(QISCUS, text("wamid.O"));

  await server.post(QISCUS, { statuses: [{ id: "wamid.O", status: "deleted" }] });
  await server.post(QISCUS, { statuses: [{ id: "wamid.unknown", status: "deleted" }] });

  const events = await server.events();
  assertEquals(events.map(({ type }) => type), ["message.received", "message.deleted"]);
  assertEquals(events[1].type === "message.deleted" && events[1].data.messageId, "wamid.O");
  assertEquals(server.counted, ["qiscus event", "qiscus event", "qiscus unread"]);
});

Deno.test("receiver reads packed bodies and forms, signed in either way", async () => {
  await using server = await setUpReceiving({ secret: "SEC" });
  const report = (id: string) =>
    JSON.stringify({ sessionId: "s1", event: "call", data: { call: { id, from: "628123456789@c.us" } } });
  const post = async (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string>) => {
    const response = await server.app.request(UNIVERSAL, { method: "POST", body, headers }, {
      remoteAddr: { hostname: "127.0.0.1" },
    });
    await response.body?.cancel();
    return response.status;
  };
  const packed = new Uint8Array(gzipSync(report("C1")));
  const form = `payload=${encodeURIComponent(report("C3"))}`;
  const gzip = { "Content-Encoding": "gzip", "Content-Type": "application/json" };

  const statuses = [
    await post(packed, { ...gzip, "X-Webhook-Signature": signed("SEC", report("C1")) }),
    await post(new Uint8Array(gzipSync(report("C2"))), {
      ...gzip,
      "X-Webhook-Signature": `sha256=${
        createHmac("sha256", "SEC").update(gzipSync(report("C2"))).digest("hex")
      }`,
    }),
    await post(form, {
      "Content-Type": "application/x-www-form-urlencoded",
      "X-Webhook-Signature": signed("SEC", form),
    }),
    await post("no gzip", { ...gzip, "X-Webhook-Signature": signed("SEC", "no gzip") }),
    await post("{}", { "Content-Encoding": "zip", "X-Webhook-Signature": signed("SEC", "{}") }),
  ];

  assertEquals(statuses, [200, 200, 200, 400, 415]);
  assertEquals((await server.events()).length, 3);
});

Deno.test("universal receiver takes reports as large as the largest file, and no larger", async () => {
  await using server = await setUpReceiving({ maxAttachmentSize: "8000000" });
  const report = (bytes: number) => ({
    sessionId: "s1",
    event: "media",
    data: {
      messageMedia: { mimetype: "image/jpeg", data: "A".repeat(bytes) },
      message: { id: { fromMe: false, remote: "628123456789@c.us", id: `M${bytes}` } },
    },
  });

  const taken = await server.post(UNIVERSAL, report(6 * 1_048_576));
  const refused = await server.post(UNIVERSAL, report(13 * 1_048_576));

  assertEquals([taken.status, refused.status], [200, 413]);
  assertEquals((await server.events()).map(({ type }) => type), ["media.received"]);
});

Deno.test("universal receiver does not count what is rightly signed, and counts by its setting", async () => {
  await using server = await setUpReceiving({ secret: "SEC", universalPerMinute: "3" });
  const body = (id: number) =>
    JSON.stringify({
      sessionId: "s1",
      event: "call",
      data: { call: { id: `C${id}`, from: "628123456789@c.us" } },
    });
  const post = (id: number, signature: string) =>
    server.post(UNIVERSAL, body(id), { headers: { "X-Webhook-Signature": signature } });

  const right = [];
  for (let id = 0; id < 8; id++) right.push((await post(id, signed("SEC", body(id)))).status);
  const wrong = [];
  for (let id = 0; id < 5; id++) wrong.push((await post(id, signed("other", body(id)))).status);
  const after = await post(99, signed("SEC", body(99)));

  assertEquals(new Set(right), new Set([200]));
  assertEquals(wrong, [401, 401, 401, 429, 429]);
  assertEquals(after.status, 200);
});

Deno.test("events tell which kind of system they came in through", async () => {
  await using server = await setUpReceiving();

  await server.post(QISCUS, text("wamid.1"));
  await server.post(UNIVERSAL, { sessionId: "s1", event: "ready", data: {} });

  assertEquals((await server.events()).map(({ data }) => data.source), ["qiscus", "universal"]);
});
