import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { setUpReceiving } from "../../support/receiving.ts";

const PATHS = ["/webhooks/qiscus", "/webhooks/test", "/api/whatsapp/webhook", "/api/whatsapp/webhook/s-1"];
const DEEP = 100_000;

/** Bodies that make readers stumble, each with what may surround it. */
const strange = fc.oneof(
  fc.constant("[".repeat(DEEP) + "]".repeat(DEEP)),
  fc.constant(`{"a":`.repeat(DEEP) + "1" + "}".repeat(DEEP)),
  fc.constant(`{"sessionId":"s","event":"message","data":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`),
  fc.constant(`{"messages":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`),
  fc.constant(`{"sessionId":"s","event":"x","data":{"t":"${"[".repeat(DEEP)}"}}`),
  fc.constant(
    '{"sessionId":"s","event":"message","data":{"message":{"id":"\\ud83d","body":"\\u0000\\udc00"}}}',
  ),
  fc.constant(
    '{"messages":[{"from":"62812345678","id":"w\\ud800","type":"text","text":{"body":"\\u0000\\ud83d"}}]}',
  ),
  fc.constant('{"statuses":[{"id":"__proto__","status":"constructor"}]}'),
  fc.constant("1e999999"),
  fc.constant('"\ud83d"'),
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.json({ maxDepth: 20 }),
);
const headers = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { "Content-Type": "text/plain" },
  { "Content-Type": "application/x-www-form-urlencoded" },
  { "Content-Type": "multipart/form-data; boundary=x" },
  { "Content-Encoding": "gzip" },
  { "Content-Encoding": "x" },
  { "X-Qiscus-Signature": "\u00e4", "X-Webhook-Signature": "sha256=zz" },
);

for (const secret of [undefined, "SEC"]) {
  Deno.test(`receivers answer no body with a fault of their own (${secret === undefined ? "open" : "signed"})`, async () => {
    await using server = await setUpReceiving({ secret, universalPerMinute: "0" });

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), strange, headers, async (path, body, more) => {
        const { status } = await server.post(path, body, { headers: more });

        assert(status < 500, `${path} answered ${status} to ${body.slice(0, 80)}`);
      }),
      { numRuns: 300 },
    );
  });
}

Deno.test("receivers keep or refuse what is nested too deeply, and read brackets in a text as text", async () => {
  await using server = await setUpReceiving();
  const deep = `{"sessionId":"s","event":"x","data":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`;
  const brackets = `{"sessionId":"s","event":"change_state","data":{"state":"\\"${"[".repeat(2_000)}"}}`;

  const statuses = [
    (await server.post("/webhooks/qiscus", deep)).status,
    (await server.post("/webhooks/test", deep)).status,
    (await server.post("/api/whatsapp/webhook", deep)).status,
    (await server.post("/api/whatsapp/webhook", brackets)).status,
  ];

  assertEquals(statuses, [200, 400, 400, 200]);
  assertEquals((await server.events()).map(({ type }) => type), ["device.state"]);
});

Deno.test("qiscus is heard although another system's session has the name of its channel", async () => {
  await using server = await setUpReceiving();
  await server.post("/api/whatsapp/webhook", { sessionId: "4711", event: "ready", data: {} });

  const message = { from: "628123456789", id: "wamid.1", type: "text", text: { body: "halo" } };
  const answer = await server.post("/webhooks/qiscus", { messages: [message] });

  const events = await server.events();
  assertEquals(answer.status, 200);
  assertEquals(events.map(({ device }) => device?.alias), ["4711", "qiscus-4711"]);
});
