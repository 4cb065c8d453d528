import { assertEquals } from "@std/assert";
import { advance, begin } from "../../src/messages/status.ts";
import { aMessage, NOW } from "../support/messaging.ts";

const LATER = NOW + 5_000;

Deno.test("advance marks a queued message sent (on acceptance)", () => {
  const message = aMessage({ status: "processing" });

  const change = advance(message, { status: "sent", at: LATER }, NOW);

  assertEquals(change, { status: "sent", error: null, sentAt: LATER, statusAt: LATER });
});

Deno.test("advance takes a receipt as proof that a message was sent", () => {
  const message = aMessage({ status: "processing" });

  const change = advance(message, { status: "delivered", at: LATER }, NOW);

  assertEquals(change, {
    status: "sent",
    receipt: "delivered",
    error: null,
    statusAt: LATER,
    sentAt: LATER,
    deliveredAt: LATER,
  });
});

Deno.test("advance never goes back (delivered after read)", () => {
  const message = aMessage({ status: "sent", receipt: "read" });

  const change = advance(message, { status: "delivered", at: LATER }, NOW);

  assertEquals(change, null);
});

Deno.test("advance never goes back (sent after delivered)", () => {
  const message = aMessage({ status: "sent", receipt: "delivered" });

  const change = advance(message, { status: "sent", at: LATER }, NOW);

  assertEquals(change, null);
});

Deno.test("advance keeps the first delivery time when the message is played", () => {
  const message = aMessage({ status: "sent", receipt: "delivered", sentAt: NOW, deliveredAt: NOW });

  const change = advance(message, { status: "played", at: LATER }, NOW);

  assertEquals(change?.deliveredAt, NOW);
  assertEquals(change?.readAt, LATER);
});

Deno.test("advance fails a message that nobody has got", () => {
  const message = aMessage({ status: "sent" });
  const reason = { code: 463, message: "locked" };

  const change = advance(message, { status: "failed", at: LATER, reason }, NOW);

  assertEquals(change, { status: "failed", error: reason, statusAt: LATER });
});

Deno.test("advance does not fail a message that somebody has got", () => {
  const message = aMessage({ status: "sent", receipt: "delivered" });

  const change = advance(message, { status: "failed", at: LATER }, NOW);

  assertEquals(change, null);
});

Deno.test("advance revives a message that was given up when a receipt comes after all", () => {
  const message = aMessage({
    status: "failed",
    statusAt: LATER,
    error: { code: null, message: "timed out" },
  });

  const change = advance(message, { status: "read", at: NOW }, NOW);

  assertEquals(change?.status, "sent");
  assertEquals(change?.error, null);
});

Deno.test("advance lets a provider's later report win (failed, then sent)", () => {
  const message = aMessage({ channel: "qiscus", status: "failed", statusAt: NOW });

  const later = advance(message, { status: "sent", at: LATER }, NOW);
  const earlier = advance(message, { status: "sent", at: NOW - 1 }, NOW);

  assertEquals(later?.status, "sent");
  assertEquals(earlier, null);
});

Deno.test("advance lets a provider's last report win (without times)", () => {
  const sent = aMessage({ channel: "qiscus", status: "sent", statusAt: null });
  const failed = aMessage({ channel: "qiscus", status: "failed", statusAt: null });

  assertEquals(advance(sent, { status: "failed", at: null }, NOW)?.error?.message, "Delivery failed");
  assertEquals(advance(failed, { status: "sent", at: null }, NOW)?.sentAt, NOW);
});

Deno.test("begin never lowers a message that has come further", () => {
  const message = aMessage({ status: "sent" });

  const change = begin(message, 1);

  assertEquals(change, null);
});
