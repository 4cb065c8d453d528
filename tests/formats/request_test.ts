import { assert, assertEquals, assertFalse, assertNotEquals, assertStrictEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { Webhook as StandardWebhook } from "standardwebhooks";
import type { KabarEvent } from "../../src/events/event.ts";
import { FORMAT_NAMES, type FormatName, formatOf } from "../../src/formats/mod.ts";
import { Renderings, requestFor, type WebhookRequest } from "../../src/formats/request.ts";
import { newSecret } from "../../src/formats/standard_webhooks.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { anEvent, aText, aWebhook } from "../support/events.ts";

const AT = 1_703_145_600_500;
const A_TEXT = anEvent("message.received", aText("halo"));

interface Asked {
  readonly event?: KabarEvent;
  readonly name?: string;
  readonly attempt?: number;
  readonly at?: number;
}

function request(changes: Partial<Webhook> = {}, asked: Asked = {}, shared?: Renderings): WebhookRequest {
  const webhook = aWebhook(changes);
  const { event = A_TEXT, attempt = 1, at = AT } = asked;
  const { name = formatOf(webhook.format).says(event)[0]! } = asked;
  return requestFor({ event, name, webhook, deliveryId: "dlv_17", attempt, at }, shared);
}

Deno.test("request carries what every format carries", () => {
  for (const format of FORMAT_NAMES) {
    const { headers } = request({ format }, { attempt: 2 });

    assertEquals(headers["Content-Type"], "application/json");
    assertEquals(headers["User-Agent"], formatOf(format).userAgent);
    assertEquals(headers["X-Kabar-Attempt"], "2");
    assertEquals(headers["X-Kabar-Seq"], "3");
    assertEquals(headers["X-Kabar-Device"], "device_xyz789");
    assertEquals(headers["webhook-id"], "evt_01kabar");
    assertEquals(headers["webhook-timestamp"], "1703145600");
  }
});

function isSignature(header: string): boolean {
  return /signature/i.test(header);
}

Deno.test("request carries the signature of its own format only", () => {
  const signatures = FORMAT_NAMES.flatMap((format) => formatOf(format).ownHeaders).filter(isSignature);
  for (const format of FORMAT_NAMES) {
    const names = Object.keys(request({ format }).headers);

    assertEquals(
      names.filter((name) => signatures.includes(name)),
      formatOf(format).ownHeaders.filter(isSignature).filter((name) => !name.endsWith("-Next")),
    );
  }
  assertEquals(signatures.slice(0, 2), ["X-Rijan-Signature", "X-Rijan-Signature-Next"]);
});

Deno.test("request is verified by a Standard Webhooks library in every format", () => {
  const secret = newSecret();
  for (const format of FORMAT_NAMES) {
    const { headers, body } = request({ format, secrets: [{ value: secret, expiresAt: null }] }, {
      at: Date.now(),
    });

    assertEquals(new StandardWebhook(secret).verify(body, headers), JSON.parse(body));
  }
});

Deno.test("request is not signed (when the webhook has no secret)", () => {
  for (const format of FORMAT_NAMES) {
    const names = Object.keys(request({ format, secrets: [] }).headers);

    assertEquals(names.filter((name) => /signature|timestamp/i.test(name)), []);
    assert(names.includes("webhook-id"));
  }
});

Deno.test("request goes on with the old secret in hex while it is valid, with the new one beside it", () => {
  const secrets = [{ value: "new", expiresAt: null }, { value: "old", expiresAt: AT + 1 }];

  const { headers, body } = request({ secrets });

  const hex = (secret: string) => createHmac("sha256", secret).update(body).digest("hex");
  assertEquals(headers["X-Rijan-Signature"], hex("old"));
  assertEquals(headers["X-Rijan-Signature-Next"], hex("new"));
  assertEquals(headers["webhook-signature"]!.split(" ").length, 2);
});

Deno.test("request leaves out secrets that have expired", () => {
  const secrets = [{ value: "new", expiresAt: null }, { value: "old", expiresAt: AT }];

  const both = request({ secrets });
  const newest = request({ secrets: secrets.slice(0, 1) });

  assertEquals(both.headers, newest.headers);
});

Deno.test("request of a retry has the same body and id, and a signature of its own time", () => {
  const first = request({}, { attempt: 1, at: AT });
  const second = request({}, { attempt: 2, at: AT + 5_000 });

  assertEquals(second.body, first.body);
  assertEquals(second.headers["webhook-id"], first.headers["webhook-id"]);
  assertEquals(second.headers["X-Rijan-Signature"], first.headers["X-Rijan-Signature"]);
  assertNotEquals(second.headers["webhook-signature"], first.headers["webhook-signature"]);
});

Deno.test("request has another id under a second name, which is another message to those who count ids", () => {
  const status = anEvent("message.status", {
    messageId: "msg_1",
    waMessageId: "3EB0",
    chat: { kind: "person", jid: "628111@s.whatsapp.net" },
    status: "delivered",
    statusAt: AT,
  });

  const ids = ["message.status", "receipt.delivery"].map((name) =>
    request({}, { event: status, name }).headers["webhook-id"]
  );

  assertEquals(ids, ["evt_01kabar", "evt_01kabar_receipt-delivery"]);
});

Deno.test("request leaves a URL without placeholders exactly as it is", () => {
  const urls = [
    "https://a.example/hook?token=T&x=%20",
    "https://a.example/hook/T/",
    "http://127.0.0.1:3001/Hook?b=ü#f",
  ];

  assertEquals(urls.map((url) => request({ url }).url), urls);
});

Deno.test("request fills placeholders in, also escaped ones", () => {
  const event = anEvent("message.received", aText("halo"), { device: { id: "device_1", alias: "toko 1/a" } });

  const url =
    request({ url: "https://a.example/{sessionId}/%7Bdevice_id%7D?e={event}&{other}" }, { event }).url;

  assertEquals(url, "https://a.example/toko%201%2Fa/device_1?e=message.received&{other}");
});

Deno.test("request does not let a session's name climb out of its place in the URL", () => {
  const event = anEvent("message.received", aText("halo"), { device: { id: "device_1", alias: ".." } });

  const { url } = request({ url: "https://a.example/hooks/{sessionId}/in" }, { event });

  assertEquals(new URL(url).pathname, "/hooks/_/in");
});

Deno.test("request calls the session unknown in the URL (when the event has no device)", () => {
  const event = anEvent("webhook.test", { message: "Test" }, { device: null });

  const { url, headers } = request({ url: "https://a.example/{sessionId}" }, { event });

  assertEquals(url, "https://a.example/unknown");
  assertFalse("X-Kabar-Device" in headers);
});

Deno.test("request takes the webhook's own headers, but none that is ours", () => {
  const headers = {
    Authorization: "Bearer T",
    "content-type": "text/plain",
    "USER-AGENT": "me",
    "Webhook-Id": "1",
    "x-rijan-signature": "0",
    "X-Kabar-Seq": "9",
  };

  const made = request({ headers }).headers;

  assertEquals(made["Authorization"], "Bearer T");
  assertEquals(made["Content-Type"], "application/json");
  const lower = Object.keys(made).map((name) => name.toLowerCase());
  assertEquals(lower.length, new Set(lower).size);
});

Deno.test("request says retries and the delivery's id to subscribers of instances", () => {
  const { headers } = request({ format: "instance" }, { attempt: 2 });

  assertEquals(headers["X-Webhook-ID"], "dlv_17");
  assertEquals(headers["X-Retry-Attempt"], "1");
});

Deno.test("request renders an event once for all webhooks of a format that share renderings", () => {
  let reads = 0;
  const counted = anEvent("custom", {
    name: "x",
    get payload() {
      reads++;
      return { a: 1 };
    },
  });
  const shared = new Renderings();

  const bodies = Array.from(
    { length: 50 },
    (_, i) => request({ id: `wh_${i}` }, { event: counted }, shared).body,
  );
  const readsForFifty = reads;
  request({}, { event: counted });

  assertStrictEquals(new Set(bodies).size, 1);
  assertEquals(reads, 2 * readsForFifty); // one more rendering, for itself, reads as often as fifty did
});

Deno.test("request renders an event for each format and name that share renderings", () => {
  const event = anEvent("custom", { name: "x", payload: { a: 1 } });
  const shared = new Renderings();
  const bodyIn = (format: FormatName) => request({ format }, { event }, shared).body;

  const bodies = [bodyIn("device"), bodyIn("session"), bodyIn("device")];

  assertEquals(bodies[0], bodies[2]);
  assertEquals(new Set(bodies).size, 2);
  assertEquals(bodies[1], request({ format: "session" }, { event }).body);
});
