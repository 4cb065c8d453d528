import { assertEquals } from "@std/assert";
import type { EventDraft } from "../../src/events/event.ts";
import { createSeen } from "../../src/messages/seen.ts";
import { NOW, recorder, until } from "../support/messaging.ts";

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
  const { publish, drafts } = recorder();
  const session = {
    markRead(messageIds: readonly string[]) {
      marked.push(messageIds);
      return answer().then(() => messageIds);
    },
  };
  const seen = createSeen({ publish, sessionOf: () => session, now: () => NOW, gatherMs: 1 });
  return { seen, marked, drafts };
}

Deno.test("seen marks what came in together at once, each once", async () => {
  const { seen, marked } = setUp();

  await Promise.all([received("A"), received("B"), received("A")].map(seen.publish));
  await until(() => marked.length > 0, "they are marked");

  assertEquals(marked, [["A", "B"]]);
});

Deno.test("seen leaves alone what is ours, for everybody, or older than a day", async () => {
  const { seen, marked, drafts } = setUp();
  const left = [
    received("OURS", { fromMe: true }),
    received("STATUS", { chat: { kind: "broadcast", jid: "status@broadcast" } }),
    received("CHANNEL", { chat: { kind: "newsletter", jid: "1@newsletter" } }),
    received("OLD", { sentAt: NOW - DAY_MS - 1, offline: true }),
  ];

  await Promise.all([...left, received("NEW", { sentAt: NOW - DAY_MS, offline: true })].map(seen.publish));
  await until(() => marked.length > 0, "one is marked");

  assertEquals(marked, [["NEW"]]);
  assertEquals(drafts.length, 5);
});

Deno.test("seen goes on when WhatsApp takes no mark", async () => {
  const { seen, marked } = setUp(() => Promise.reject(new Error("not connected")));

  await seen.publish(received("A"));
  await until(() => marked.length === 1, "the first is tried");
  await seen.publish(received("B"));
  await until(() => marked.length === 2, "the second is tried");

  assertEquals(marked, [["A"], ["B"]]);
});
