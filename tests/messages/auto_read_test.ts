import { assertEquals } from "@std/assert";
import type { EventDraft } from "../../src/events/event.ts";
import { createAutoRead } from "../../src/messages/auto_read.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { NOW, recorder } from "../support/messaging.ts";

const DAY_MS = 24 * 3_600_000;

type Received = Extract<EventDraft, { type: "message.received" }>;

function received(messageId: string, change: Partial<Received["data"]> = {}): Received {
  const jid = "628123456789@s.whatsapp.net";
  return {
    type: "message.received",
    tenantId: "tenant_default",
    device: { id: "device_1", alias: null },
    dedupeKey: messageId,
    data: {
      messageId,
      chat: { kind: "person", jid },
      from: { pn: jid, lid: null },
      fromMe: false,
      sentAt: NOW,
      offline: false,
      content: { kind: "text", text: "Halo" },
      ...change,
    },
  };
}

function setUp(answer: () => Promise<void> = () => Promise.resolve()) {
  const marked: (readonly string[])[] = [];
  const chats: (string | undefined)[] = [];
  const { publish, drafts } = recorder();
  const session = {
    markRead(messageIds: readonly string[], chat?: string) {
      marked.push(messageIds);
      chats.push(chat);
      return answer().then(() => messageIds);
    },
  };
  const clock = createManualClock(NOW);
  const seen = createAutoRead({ publish, sessionOf: () => session, clock });
  return { seen, clock, marked, chats, drafts };
}

Deno.test("seen marks what came in together at once, each once", async () => {
  const { seen, clock, marked } = setUp();

  await Promise.all([received("A"), received("B"), received("A")].map(seen.publish));
  await clock.advance(299);
  const before = marked.length;
  await clock.advance(1);

  assertEquals([before, marked], [0, [["A", "B"]]]);
});

Deno.test("seen leaves what a phone hands over of the past as it is", async () => {
  const { seen, clock, marked, drafts } = setUp();

  await seen.publish(received("A", { backfilled: true }));
  await clock.advance(1_000);

  assertEquals([drafts.length, marked], [1, []]);
});

Deno.test("seen marks each message in its own chat", async () => {
  const { seen, clock, marked, chats } = setUp();
  const [budi, family] = ["628123456789@s.whatsapp.net", "120363025246@g.us"];

  await seen.publish(received("A"));
  const inGroup = received("A", { chat: { kind: "group", jid: family } });
  await seen.publish({ ...inGroup, dedupeKey: "A in the family" });
  await clock.advance(300);

  assertEquals(chats.map((chat, index) => [chat, marked[index]]), [[budi, ["A"]], [family, ["A"]]]);
});

Deno.test("seen leaves alone what is ours, for everybody, or older than a day", async () => {
  const { seen, clock, marked, drafts } = setUp();
  const left = [
    received("OURS", { fromMe: true }),
    received("STATUS", { chat: { kind: "broadcast", jid: "status@broadcast" } }),
    received("CHANNEL", { chat: { kind: "newsletter", jid: "1@newsletter" } }),
    received("OLD", { sentAt: NOW - DAY_MS - 1, offline: true }),
  ];

  await Promise.all([...left, received("NEW", { sentAt: NOW - DAY_MS, offline: true })].map(seen.publish));
  await clock.advance(300);

  assertEquals(marked, [["NEW"]]);
  assertEquals(drafts.length, 5);
});

Deno.test("seen goes on when WhatsApp takes no mark", async () => {
  const { seen, clock, marked } = setUp(() => Promise.reject(new Error("not connected")));

  await seen.publish(received("A"));
  await clock.advance(300);
  await seen.publish(received("B"));
  await clock.advance(300);

  assertEquals(marked, [["A"], ["B"]]);
});
