import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { createGatewayMetrics } from "../../src/metrics/gateway_metrics.ts";
import type { BlastStatus } from "../../src/store/blasts.ts";
import { temporaryStore } from "../support/temporary_store.ts";
import { aText } from "../support/engine.ts";

Deno.test("metrics tell how far the blasts are that are not over", async () => {
  await using kept = await temporaryStore();
  const ids: Record<string, BlastStatus> = { blast_a: "running", blast_b: "paused", blast_c: "running" };
  const counts = { queued: 7, processing: 1, unconfirmed: 0, sent: 40, failed: 2, failures: [] };
  const metrics = createGatewayMetrics({
    ...kept.store,
    blasts: {
      inStatus: async (statuses) => {
        const all = await Promise.all(Object.keys(ids).map((id) => aBlast(id, ids[id])));
        return all.filter(({ status }) => statuses.includes(status));
      },
      counts: () => Promise.resolve({ ...counts, receipts: { delivered: 0, read: 0, played: 0 } }),
    },
    webhooks: () => 0,
    load: () => ({ inFlight: 0, held: 0 }),
    now: Date.now,
  });

  const text = await metrics.text();

  assertStringIncludes(text, 'kabar_blasts{status="running"} 2\n');
  assertStringIncludes(text, 'kabar_blasts{status="paused"} 1\n');
  assertStringIncludes(text, 'kabar_blast_messages{blast="blast_b",status="queued"} 7\n');
  assertStringIncludes(text, 'kabar_blast_messages{blast="blast_b",status="sent"} 40\n');
});

Deno.test("metrics count messages that others sent, not what the owner typed on the phone", async () => {
  await using kept = await temporaryStore();
  const metrics = createGatewayMetrics({
    ...kept.store,
    healthy: () => Promise.resolve(false),
    webhooks: () => 0,
    load: () => ({ inFlight: 0, held: 0 }),
    now: Date.now,
  });
  const draft = aText("halo");
  if (draft.type !== "message.received") throw new Error("Cannot go on: not a received message");
  const event = { ...draft, id: "evt_1", seq: 1, tenantSeq: 1, at: Date.now() };

  metrics.event(event);
  metrics.event({ ...event, data: { ...event.data, fromMe: true } });

  const text = await metrics.text();
  assertStringIncludes(text, 'kabar_messages_total{direction="received"} 1\n');
  assertStringIncludes(text, "kabar_store_writable 0\n");
  assertStringIncludes(text, "rijan_messages_received 1\n");
  assertEquals(text.match(/halo/), null);
  assertFalse(text.includes("628123456789"));
});

function aBlast(id: string, status: BlastStatus) {
  return Promise.resolve({
    id,
    tenantId: "tenant_default",
    status,
    reason: null,
    via: "devices" as const,
    deviceIds: [],
    stopped: {},
    templateId: null,
    templateName: null,
    pace: { minGapMs: 0, maxGapMs: 0, perHour: null, perDay: null, window: null },
    total: 50,
    duplicates: 0,
    createdAt: 0,
    scheduledAt: null,
    startedAt: null,
    finishedAt: null,
    updatedAt: 0,
  });
}
