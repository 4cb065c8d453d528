// Whatever comes to the Graph endpoints is answered in Meta's shape, and never with 500.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { KEY, runGateway } from "../../support/gateway.ts";

const json = fc.jsonValue({ maxDepth: 3 });
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("", "\ud800", "\0", "628000000142"),
);
const TYPES = [
  "text",
  "image",
  "audio",
  "location",
  "contacts",
  "reaction",
  "interactive",
  "template",
  "order",
];

/** Bodies that are nearly right: known keys with values of any kind. */
const body = fc.record({
  messaging_product: fc.constantFrom("whatsapp", "whatsapp", "other", null),
  recipient_type: fc.constantFrom(undefined, "individual", "group"),
  to: fc.oneof(text, fc.constant(undefined), json),
  recipient: fc.oneof(fc.constant(undefined), text),
  type: fc.oneof(fc.constantFrom(...TYPES), json),
  context: fc.oneof(fc.constant(null), json, fc.record({ message_id: text })),
  status: fc.constantFrom(undefined, undefined, "read", 7),
  message_id: fc.oneof(fc.constant(undefined), text),
  ...Object.fromEntries(TYPES.map((type) => [
    type,
    fc.oneof(
      json,
      fc.record({
        body: json,
        id: json,
        link: json,
        latitude: json,
        longitude: json,
        message_id: json,
        emoji: json,
      }),
      fc.record({
        type: fc.constantFrom("button", "list", "cta_url", "x"),
        body: json,
        action: json,
        name: json,
      }),
    ),
  ])),
});

Deno.test("graph answers any body in Meta's shape, and never fails by itself", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const id = (await gateway.pair({ alias: "shop" })).phone.number;
  const post = (sent: string) =>
    gateway.api("POST", `/graph/${id}/messages`, sent, null, { Authorization: `Bearer ${KEY}` });

  await fc.assert(
    fc.asyncProperty(
      fc.oneof(body.map((value) => JSON.stringify(value)), text, json.map((one) => JSON.stringify(one))),
      async (sent) => {
        const answer = await post(sent);

        assert(answer.status < 500 || answer.body?.error?.code === 131016, `${sent}: ${answer.text}`);
        if (answer.status === 200) return;
        assertEquals(typeof answer.body.error.message, "string", sent);
        assert(Number.isInteger(answer.body.error.code), answer.text);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("graph answers any path in Meta's shape", async () => {
  await using gateway = await runGateway();
  const part = fc.oneof(
    fc.webPath({ size: "small" }),
    text.map((one) => `/${encodeURIComponent(one.toWellFormed())}`),
  );

  await fc.assert(
    fc.asyncProperty(fc.constantFrom("GET", "POST", "DELETE"), part, async (method, path) => {
      const answer = await gateway.api(method, `/graph${path}`, undefined, null, {
        Authorization: `Bearer ${KEY}`,
      });

      assert(answer.status < 500, `${method} ${path}: ${answer.text}`);
      if (answer.status >= 400) {
        assertEquals(typeof answer.body.error.code, "number", `${path}: ${answer.text}`);
      }
    }),
    { numRuns: 150 },
  );
});
