import { assertEquals, assertMatch } from "@std/assert";
import { createOutbox } from "../../src/messages/outbox.ts";
import { createSendMessage } from "../../src/messages/send.ts";
import { type BulkResult, createSendAll } from "../../src/messages/send_all.ts";
import { clockAt, createManualClock } from "../support/manual_clock.ts";
import { storedMessages } from "../support/stored_messages.ts";
import { aDevice, FakeLine, NOW, recorder } from "../support/messaging.ts";
import { type Clock, systemClock } from "../../src/async/clock.ts";

function setUp(
  { answerWithinMs = 5_000, gapMs = 1, clock = systemClock }: {
    readonly answerWithinMs?: number;
    readonly gapMs?: number;
    readonly clock?: Clock;
  } = {},
) {
  const { messages } = storedMessages();
  const line = new FakeLine();
  const device = aDevice();
  const stopping = new AbortController();
  const suspended = { now: false };
  const now = () => NOW;
  const outbox = createOutbox({
    messages,
    devices: { get: () => Promise.resolve(device), list: () => Promise.resolve([device]) },
    publish: recorder().publish,
    sessionOf: line.sessionOf,
    phoneOf: line.phoneOf,
    files: { pathOf: (id) => id, discard: () => Promise.resolve() },
    clock: clockAt(now),
    retryWaitsMs: [],
  });
  const sendMessage = createSendMessage({
    messages,
    inbox: { get: () => Promise.resolve(undefined) },
    readInbox: () => Promise.resolve([]),
    outbox,
    schedule: { added: () => Promise.resolve() },
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
    isSuspended: () => suspended.now,
    stopping: stopping.signal,
    answerWithinMs,
    gapMs,
    clock,
  });
  const sendAll = (texts: readonly (readonly [to: string, text: string])[], idempotencyKey?: string) =>
    all(
      { tenantId: "tenant_default", device, idempotencyKey },
      texts.map(([to, text]) => ({ to, content: { kind: "text", text } })),
    );
  return { sendAll, line, messages, outbox, stopping, suspended };
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
  assertEquals((await messages.all()).length, 3);
});

Deno.test("sendAll pauses between two texts", async () => {
  const clock = createManualClock();
  const { sendAll, line } = setUp({ gapMs: 1_000, clock });
  const sentAt: number[] = [];
  line.answer = () => {
    sentAt.push(clock.now());
    return { ok: true, acceptedAt: NOW };
  };

  const sending = sendAll(SAME_CHAT);
  await clock.until(() => sentAt.length === 3, "all are sent");
  await sending;

  assertEquals(sentAt.map((at) => at - sentAt[0]), [0, 1_000, 2_000]);
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
  assertEquals((await messages.all()).length, 0);
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
  const [{ id }] = await messages.all();
  const decided = outbox.outcome(id, 60_000);
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

Deno.test("sendAll takes no more of a tenant that is suspended meanwhile", async () => {
  const { sendAll, line, suspended } = setUp();
  line.answer = () => {
    suspended.now = true;
    return { ok: true, acceptedAt: NOW };
  };

  const results = await sendAll(SAME_CHAT);

  const refusal = "The tenant was suspended before this message was taken";
  assertEquals(told(results), ["sent", refusal, refusal]);
  assertEquals(line.texts, ["one"]);
});
