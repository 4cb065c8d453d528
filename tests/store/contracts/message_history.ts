import { assertEquals } from "@std/assert";
import type { Blast } from "../../../src/store/blasts.ts";
import type { OutgoingMessage } from "../../../src/store/messages.ts";
import type { Store } from "../../../src/store/store.ts";
import { aMessage, NOW } from "../../support/messaging.ts";
import { type Open, testing } from "./contract.ts";

const OLD = NOW - 1_000;
const BEFORE = NOW - 500;

function aBlast(id: string, finishedAt: number | null): Blast {
  return {
    id,
    tenantId: "tenant_default",
    status: finishedAt === null ? "running" : "completed",
    reason: null,
    via: "devices",
    deviceIds: [],
    stopped: {},
    templateId: null,
    templateName: null,
    pace: { minGapMs: 0, maxGapMs: 0, perHour: null, perDay: null, window: null },
    total: 1,
    duplicates: 0,
    createdAt: OLD,
    scheduledAt: null,
    startedAt: OLD,
    finishedAt,
    updatedAt: OLD,
  };
}

async function left({ messages }: Store, made: readonly OutgoingMessage[]): Promise<readonly boolean[]> {
  return await Promise.all(made.map(async ({ id }) => await messages.get(id) !== undefined));
}

export function messageHistoryContract(name: string, open: Open): void {
  const test = testing(`${name} message history`, open);

  test("forgets old messages that are decided, with their receipts, and no others", async (store) => {
    const made = [
      aMessage({ createdAt: OLD, status: "sent" }),
      aMessage({ createdAt: OLD, status: "failed" }),
      aMessage({ createdAt: OLD, status: "queued" }),
      aMessage({ createdAt: OLD, status: "processing" }),
      aMessage({ createdAt: NOW, status: "sent" }),
      aMessage({ createdAt: OLD, status: "sent" }), // the clock was set back in between
    ];
    await store.messages.createAll(made);
    const receipt = { participant: "1@lid", receipt: "read", deliveredAt: OLD, readAt: OLD } as const;
    await store.receipts.put({ messageId: made[0].id, ...receipt });

    const removed = await store.messageHistory.pruneAll(BEFORE, 100);

    assertEquals(removed, 3);
    assertEquals(await left(store, made), [false, false, true, true, true, false]);
    assertEquals(await store.receipts.counts(made[0].id), { delivered: 0, read: 0, played: 0 });
  });

  test("forgets at most as many as it is told to", async (store) => {
    const made = Array.from({ length: 5 }, () => aMessage({ createdAt: OLD, status: "sent" }));
    await store.messages.createAll(made);

    const removed = await store.messageHistory.pruneAll(BEFORE, 2);

    assertEquals(removed, 2);
    assertEquals(await left(store, made), [false, false, true, true, true]);
  });

  test("keeps the messages of blasts that go on, or ended lately", async (store) => {
    const ends = { on: null, late: BEFORE, over: OLD };
    for (const [id, end] of Object.entries(ends)) await store.blasts.create(aBlast(id, end));
    const made = Object.keys(ends).map((blastId) => aMessage({ blastId, createdAt: OLD, status: "sent" }));
    await store.messages.createAll(made);

    await store.messageHistory.pruneAll(BEFORE, 100);

    assertEquals(await left(store, made), [true, true, false]);
  });

  test("blasts that are over are forgotten once their messages are", async (store) => {
    for (const id of ["waits", "over"]) await store.blasts.create(aBlast(id, OLD));
    await store.blasts.create(aBlast("late", BEFORE));
    await store.messages.createAll([aMessage({ blastId: "waits", createdAt: NOW, status: "sent" })]);

    const removed = await store.blasts.prune(BEFORE, 100);

    assertEquals(removed, 1);
    const blasts = await store.blasts.list("tenant_default", { limit: 10 });
    assertEquals(blasts.map(({ id }) => id).toSorted(), ["late", "waits"]);
  });
}
