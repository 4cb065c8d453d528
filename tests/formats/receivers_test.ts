import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { KabarEvent } from "../../src/events/event.ts";
import { device } from "../../src/formats/device.ts";
import { instance } from "../../src/formats/instance.ts";
import { requestFor, type WebhookRequest } from "../../src/formats/request.ts";
import { session } from "../../src/formats/session.ts";
import type { FormatName } from "../../src/formats/mod.ts";
import { ANY_EVENT } from "../support/arbitrary_events.ts";
import { anEvent, aText, aWebhook } from "../support/events.ts";

// Receivers as their authors write them, by the documentation of the gateway that they were written for.

const SECRET = "your-webhook-secret-key";

/** An Express application: the body was parsed, so it is serialised again to verify it. */
function verifiesReserialised(parsed: unknown, signature: string | undefined): boolean {
  return createHmac("sha256", SECRET).update(JSON.stringify(parsed)).digest("hex") === signature;
}

/** A PHP script: `hash_hmac` over what came in, compared as it is. */
function verifiesRaw(raw: Uint8Array, signature: string | undefined): boolean {
  return createHmac("sha256", SECRET).update(raw).digest("hex") === signature;
}

function requestOf(format: FormatName, event: KabarEvent, name: string): WebhookRequest {
  return requestFor({
    event,
    name,
    webhook: aWebhook({ format, secrets: [{ value: SECRET, expiresAt: null }] }),
    deliveryId: "dlv_1",
    attempt: 1,
    at: 1_703_145_600_000,
  });
}

function forEvery(check: (event: KabarEvent) => void): void {
  fc.assert(fc.property(ANY_EVENT, check), { numRuns: 5_000 }); // enough to meet what is rare, too
}

Deno.test("a receiver that serialises the body again accepts everything that device sends", () => {
  forEvery((event) => {
    for (const name of device.says(event)) {
      const { body, headers } = requestOf("device", event, name);
      assert(verifiesReserialised(JSON.parse(body), headers["X-Rijan-Signature"]));
    }
  });
});

Deno.test("a receiver that reads raw bytes accepts everything that device sends", () => {
  forEvery((event) => {
    for (const name of device.says(event)) {
      const { body, headers } = requestOf("device", event, name);
      assert(verifiesRaw(new TextEncoder().encode(body), headers["X-Rijan-Signature"]));
    }
  });
});

Deno.test("a receiver of sessions accepts every signature, over raw bytes and serialised again", () => {
  forEvery((event) => {
    for (const name of session.says(event)) {
      const { body, headers } = requestOf("session", event, name);
      const [prefix, digest] = headers["X-Webhook-Signature"]!.split("=");

      assertEquals(prefix, "sha256");
      assert(verifiesRaw(new TextEncoder().encode(body), digest));
      assert(verifiesReserialised(JSON.parse(body), digest));
    }
  });
});

Deno.test("a bot that reads text, or else caption, survives every message", () => {
  const answerTo = ({ event, data }: { event: string; data: { from: string; text: string } }) => {
    if (event !== "message.received") return undefined;
    const to = data.from.replace("@s.whatsapp.net", "");
    return data.text.toLowerCase().includes("harga") ? { to, text: "Berikut daftar harga kami" } : undefined;
  };

  forEvery((event) => {
    if (event.type === "message.received") answerTo(JSON.parse(device.render(event, "message.received")));
  });

  const price = anEvent("message.received", aText("Berapa HARGA?"));
  assertEquals(answerTo(JSON.parse(device.render(price, "message.received"))), {
    to: "628123456789",
    text: "Berikut daftar harga kami",
  });
});

Deno.test("a receiver that checks each event of a session strictly accepts them all", () => {
  const message = z.object({ id: z.object({ id: z.string().nullable() }) });
  const data: Readonly<Record<string, z.ZodType>> = {
    qr: z.object({ qr: z.string() }),
    auth_failure: z.object({ msg: z.string() }),
    change_state: z.object({ state: z.string() }),
    disconnected: z.object({ reason: z.string() }),
    loading_screen: z.object({ percent: z.number(), message: z.string() }),
    message: z.object({ message }),
    message_create: z.object({ message }),
    media_uploaded: z.object({ message }),
    message_ack: z.object({ message, ack: z.number().int().min(-1).max(4) }),
    call: z.object({ call: z.object({ id: z.string(), from: z.string() }) }),
    media: z.object({ messageMedia: z.object({ mimetype: z.string().nullable() }), message }),
    ready: z.object({}),
    authenticated: z.object({}),
  };
  const seen = new Set<string>();

  forEvery((event) => {
    for (const name of event.type === "custom" ? [] : session.says(event)) {
      const body = JSON.parse(session.render(event, name));
      seen.add(name);
      assertEquals(Object.keys(body), ["sessionId", "event", "data"]);
      assert(typeof body.sessionId === "string" && body.sessionId !== "");
      data[name]?.parse(body.data);
    }
  });

  assertEquals(Object.keys(data).filter((name) => !seen.has(name)), []);
});

Deno.test("a receiver that knows four statuses and four states meets no other", () => {
  forEvery((event) => {
    if (event.type === "message.status") {
      const { status } = JSON.parse(device.render(event, "message.status")).data;
      assert(["sent", "delivered", "read", "failed"].includes(status));
    }
    if (instance.says(event).includes("session.status") && event.type !== "custom") {
      const { status } = JSON.parse(instance.render(event, "session.status")).data;
      assert(["qr", "connecting", "connected", "disconnected"].includes(status));
    }
  });
});
