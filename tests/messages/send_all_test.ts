import { assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { createOutbox } from "../../src/messages/outbox.ts";
import { createSendMessage } from "../../src/messages/send.ts";
import { type BulkResult, createSendAll } from "../../src/messages/send_all.ts";
import { memoryMessages } from "../support/memory_messages.ts";
import { aDevice, FakeLine, NOW, recorder } from "../support/messaging.ts";

function setUp({ answerWithinMs = 5_000, gapMs = 1 } = {}) {
  const messages = memoryMessages();
  const line = new FakeLine();
  const device = aDevice();
  const stopping = new AbortController();
  const now = () => NOW;
  const outbox = createOutbox({
    messages,
    devices: { get: () => Promise.resolve(device), list: () => Promise.resolve([device]) },
    publish: recorder().publish,
    sessionOf: line.sessionOf,
    phoneOf: line.phoneOf,
    files: { pathOf: (id) => id, discard: () => Promise.resolve() },
    now,
    retryWaitsMs: [],
  });
  const sendMessage = createSendMessage({
    messages,
    inbox: { get: () => Promise.resolve(undefined) },
    outbox,
    isConnected: () => line.up,
    phoneOf: line.phoneOf,
    files: { bring: () => Promise.reject(new Error("no files here")), discard: () => Promise.resolve() },
    countryCode: "62",
    now,
  });
  const all = createSendAll({
    sendMessage,
    outbox,
    messages,
    stopping: stopping.signal,
    answerWithinMs,
    gapMs,
  });
  const sendAll = (texts: readonly (readonly [to: string, text: string])[], idempotencyKey?: string) =>
    all(
      { tenantId: "tenant_default", device, idempotencyKey },
      texts.map(([to, text]) => ({ to, content: { kind: "text", text } })),
    );
  return { sendAll, line, messages, outbox, stopping };
}

const SAME_CHAT = [["628123456789", "one"], ["628123456789", "two"], ["628123456789", "three"]] as const;

function told(results: readonly BulkResult[]): readonly string[] {
  return results.map((result) => result.ok ? result.message.status : result.error);
}

Deno.test("sendAll sends each text, those of a chat in their order", async () => {
  const { sendAll, line, messages } = setUp();

  const results = await sendAll(SAME_CHAT);

  assertEquals(told(results), ["sent", "sent", "sent"]);
  assertEquals(line.texts, ["one", "two", "three"]);
  assertEquals(messages.all.size, 3);
});

Deno.test("sendAll pauses between two texts", async () => {
  const { sendAll, line } = setUp({ gapMs: 100 });
  const sentAt: number[] = [];
  line.answer = () => {
    sentAt.push(performance.now());
    return { ok: true, acceptedAt: NOW };
  };

  await sendAll(SAME_CHAT);

  assertGreaterOrEqual(sentAt[1] - sentAt[0], 90);
  assertGreaterOrEqual(sentAt[2] - sentAt[1], 90);
});

Deno.test("sendAll tells what became of each, whatever became of the others", async () => {
  const { sendAll, line } = setUp();
  line.answer = ({ content }) =>
    content.kind === "text" && content.text === "two"
      ? { ok: false, code: 463, message: "locked (463)", retryable: false }
      : { ok: true, acceptedAt: NOW };

  const results = await sendAll([["628111111111", "one"], ["628222222222", "two"], ["nobody", "three"], [
    "628333333333",
    "four",
  ]]);

  const [one, two, three, four] = told(results);
  assertEquals([one, two, four], ["sent", "WhatsApp did not take the message: locked (463)", "sent"]);
  assertMatch(three, /phone number/);
});

Deno.test("sendAll refuses each text while the device is not connected, and stores none", async () => {
  const { sendAll, line, messages } = setUp();
  line.up = false;

  const results = await sendAll(SAME_CHAT);

  assertEquals(new Set(told(results)), new Set(['Cannot use "device_1": the device is not connected']));
  assertEquals(messages.all.size, 0);
});

Deno.test("sendAll tells what is still queued when the connection is lost, and that goes out later", async () => {
  const { sendAll, line, outbox, messages } = setUp({ answerWithinMs: 20 });
  line.answer = () => {
    line.up = false;
    return { ok: false, code: null, message: "lost", retryable: true };
  };

  const results = await sendAll([["628111111111", "one"]]);
  line.answer = () => ({ ok: true, acceptedAt: NOW });
  line.up = true;
  const [{ id }] = messages.all.values();
  const decided = outbox.outcome(id, 5_000);
  outbox.wake("device_1");

  assertEquals(told(results).map((status) => status === "queued" || status === "processing"), [true]);
  assertEquals((await decided)?.status, "sent");
});

Deno.test("sendAll sends once for one idempotency key, even while the device is away", async () => {
  const { sendAll, line } = setUp();

  const first = await sendAll(SAME_CHAT, "menu");
  line.up = false;
  const again = await sendAll(SAME_CHAT, "menu");

  const ids = (results: readonly BulkResult[]) => results.map((result) => result.ok && result.message.id);
  assertEquals(ids(again), ids(first));
  assertEquals(line.sent.length, 3);
});

Deno.test("sendAll takes nothing more, and waits for nothing, once the gateway stops", async () => {
  const { sendAll, line, stopping } = setUp();
  line.answer = () => {
    stopping.abort();
    return new Promise(() => {}); // WhatsApp does not answer
  };

  const results = await sendAll([["628111111111", "one"], ["628222222222", "two"]]);
  const later = await sendAll([["628333333333", "three"]]);

  assertEquals(results[0].ok, true);
  assertEquals(told(later), ["The gateway was stopped before this message was taken"]);
});
