import { assertEquals } from "@std/assert";
import type { EventDraft, KabarEvent } from "../../src/events/event.ts";
import { createFailureAlert } from "../../src/messages/failure_alert.ts";
import { recorder } from "../support/messaging.ts";

const NOW = 1_762_000_000_000;

function failure(status: "failed" | "sent" = "failed"): KabarEvent {
  return {
    seq: 1,
    tenantSeq: 1,
    id: "evt_1",
    type: "message.status",
    tenantId: "tenant_default",
    device: null,
    at: NOW,
    data: {
      messageId: "msg_1",
      waMessageId: null,
      chat: { kind: "person", jid: "62812@s.whatsapp.net" },
      status,
      statusAt: NOW,
    },
  };
}

function setUp(limit: number) {
  const state = { failed: 0, at: NOW, asked: 0 };
  const lines: string[] = [];
  const { publish, drafts } = recorder();
  const alert = createFailureAlert({
    limit,
    messageHistory: {
      failedSince: (_, atMost) => {
        state.asked++;
        return Promise.resolve(Math.min(state.failed, atMost));
      },
    },
    publish,
    systemLog: { write: ({ message }) => Promise.resolve(void lines.push(message)) },
    clock: { now: () => state.at, wait: () => Promise.resolve() },
  });
  const see = async (event: KabarEvent) => {
    alert.saw(event);
    await alert.settled();
  };
  return { state, lines, drafts, see };
}

const alerts = (drafts: readonly EventDraft[]) => drafts.map(({ data }) => data);

Deno.test("failure alert is raised when more messages failed than are allowed", async () => {
  const { state, lines, drafts, see } = setUp(10);

  state.failed = 10;
  await see(failure());
  const before = drafts.length;
  state.failed = 11;
  await see(failure());

  assertEquals(before, 0);
  assertEquals(alerts(drafts), [{ failed: 11, limit: 10, withinMs: 3_600_000 }]);
  assertEquals(lines, ["Alert: more than 10 failed messages in the last hour"]);
});

Deno.test("failure alert is raised once, and again after it had calmed down", async () => {
  const { state, drafts, see } = setUp(10);
  state.failed = 11;
  for (let times = 0; times < 3; times++) await see(failure());
  const once = drafts.length;

  state.failed = 5;
  await see(failure());
  state.failed = 11;
  await see(failure());

  assertEquals([once, drafts.length], [1, 2]);
});

Deno.test("failure alert is raised again when it goes on for an hour", async () => {
  const { state, drafts, see } = setUp(10);
  state.failed = 11;
  await see(failure());

  state.at += 3_600_001;
  await see(failure());

  assertEquals(drafts.length, 2);
});

Deno.test("failure alert looks only at failures, and at nothing without a limit", async () => {
  const bounded = setUp(10);
  const free = setUp(0);

  await bounded.see(failure("sent"));
  await free.see(failure());

  assertEquals([bounded.state.asked, free.state.asked], [0, 0]);
});
