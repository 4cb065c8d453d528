import { assert, assertEquals } from "@std/assert";
import type { Blast } from "../../src/store/blasts.ts";
import { aMessage, NOW } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";
import { aBlast as sample } from "./contracts/samples.ts";

function aBlast(overrides: Partial<Blast> = {}): Blast {
  return sample({ id: "blast_1", createdAt: NOW, updatedAt: NOW, ...overrides });
}

/** A queued message of the blast to this address. */
function queued(to: string) {
  const message = aMessage({ blastId: "blast_1", to, channel: "qiscus", deviceId: null, waMessageId: null });
  return { message, payload: '{"type":"text"}' };
}

const CLAIM = { deviceId: null, waMessageId: null, now: NOW };

Deno.test("blasts leave out an address that the blast has already", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  await blasts.create(aBlast());
  const [a, b, again] = [queued("1"), queued("2"), queued("1")];

  const first = await blasts.add([a, b]);
  const second = await blasts.add([again]);

  assertEquals([...first], [a.message.id, b.message.id]);
  assertEquals([...second], []);
});

Deno.test("blasts claim each message once, in the order of the list", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  await blasts.create(aBlast());
  await blasts.add(["1", "2", "3"].map(queued));

  const claimed = await Promise.all([1, 2, 3, 4].map(() => blasts.claim("blast_1", CLAIM)));

  assertEquals(claimed.map((each) => each?.message.to), ["1", "2", "3", undefined]);
  assertEquals(claimed[0]?.message.status, "processing");
  assertEquals(claimed[0]?.payload, '{"type":"text"}');
});

Deno.test("blasts tell what was in hand and not confirmed", async () => {
  await using kept = await temporaryStore();
  const { blasts, messages } = kept.store;
  await blasts.create(aBlast());
  await blasts.add(["1", "2", "3"].map(queued));
  const first = await blasts.claim("blast_1", CLAIM);
  const second = await blasts.claim("blast_1", CLAIM);
  await messages.change(first!.message.id, () => ({ waMessageId: "wamid.1" }), NOW);

  const inHand = await blasts.inHand("blast_1", 10);
  const counts = await blasts.counts("blast_1");

  assertEquals(inHand.map(({ message }) => message.id), [second!.message.id]);
  assertEquals([counts.queued, counts.processing, counts.unconfirmed], [1, 2, 1]);
});

Deno.test("blasts claim a message that was put back again", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  await blasts.create(aBlast());
  await blasts.add([queued("1")]);
  const before = await blasts.claim("blast_1", CLAIM);

  await blasts.putBack(before!.message.id, NOW);
  const after = await blasts.claim("blast_1", CLAIM);

  assertEquals(after?.message.id, before?.message.id);
});

Deno.test("blasts count the claims of a device", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  await blasts.create(aBlast());
  await blasts.add(["1", "2", "3"].map(queued));
  const HOUR = 3_600_000;
  await blasts.claim("blast_1", { deviceId: "device_1", waMessageId: "A", now: NOW - 2 * HOUR });
  await blasts.claim("blast_1", { deviceId: "device_1", waMessageId: "B", now: NOW });
  await blasts.claim("blast_1", { deviceId: "device_2", waMessageId: "C", now: NOW });

  const counts = await Promise.all(
    [HOUR, 24 * HOUR].map((span) => blasts.claimedSince("device_1", NOW - span)),
  );

  assertEquals(counts, [1, 2]);
});

Deno.test("blasts count receipts", async () => {
  await using kept = await temporaryStore();
  const { blasts, messages } = kept.store;
  await blasts.create(aBlast());
  const all = ["1", "2", "3", "4"].map(queued);
  await blasts.add(all);
  await messages.change(all[0].message.id, () => ({ status: "sent", receipt: "read" }), NOW);
  await messages.change(all[1].message.id, () => ({ status: "sent", receipt: "delivered" }), NOW);
  await messages.change(all[2].message.id, () => ({ status: "failed" }), NOW);

  const counts = await blasts.counts("blast_1");

  assertEquals(counts, {
    queued: 1,
    processing: 0,
    unconfirmed: 0,
    sent: 2,
    failed: 1,
    receipts: { delivered: 1, read: 1, played: 0 },
    failures: [{ reason: "", count: 1 }],
  });
});

Deno.test("blasts give up what is queued in steps", async () => {
  await using kept = await temporaryStore();
  const { blasts, messages } = kept.store;
  await blasts.create(aBlast());
  await blasts.add(["1", "2", "3"].map(queued));

  const steps = [
    await blasts.giveUp("blast_1", "Cancelled", NOW, 2),
    await blasts.giveUp("blast_1", "Cancelled", NOW, 2),
  ];

  assertEquals(steps, [2, 1]);
  const [row] = await messages.list({ blastId: "blast_1" }, { limit: 1 });
  assertEquals([row.status, row.error?.message], ["failed", "Cancelled"]);
});

Deno.test("blasts vanish with their messages when they are discarded", async () => {
  await using kept = await temporaryStore();
  const { blasts, messages } = kept.store;
  await blasts.create(aBlast());
  await blasts.add(Array.from({ length: 1_100 }, (_, index) => queued(String(index))));

  await blasts.discard("blast_1");

  assertEquals(await blasts.get("blast_1"), undefined);
  assertEquals(await messages.list({ blastId: "blast_1" }, { limit: 1 }), []);
});

Deno.test("message counts follow what happens to messages", async () => {
  await using kept = await temporaryStore();
  const { messages, messageHistory } = kept.store;
  const [a, b, c] = [aMessage(), aMessage({ channel: "qiscus" }), aMessage()];
  await messages.createAll([a, b, c]);
  await messages.change(a.id, () => ({ status: "processing" }), NOW);
  await messages.change(a.id, () => ({ status: "sent" }), NOW);

  const counts = await messageHistory.byDay("tenant_default");

  const date = new Date(NOW).toISOString().slice(0, 10);
  assertEquals(counts.map(({ channel, status, count }) => [channel, status, count]), [
    ["qiscus", "queued", 1],
    ["whatsapp", "queued", 1],
    ["whatsapp", "sent", 1],
  ]);
  assert(counts.every((count) => count.date === date));
});

Deno.test("message counts tell recent failures", async () => {
  await using kept = await temporaryStore();
  const { messages, messageHistory } = kept.store;
  const all = [aMessage(), aMessage(), aMessage()];
  await messages.createAll(all);
  await messages.change(all[0].id, () => ({ status: "failed" }), NOW - 2 * 3_600_000);
  await messages.change(all[1].id, () => ({ status: "failed" }), NOW);
  await messages.change(all[2].id, () => ({ status: "failed" }), NOW);

  const counts = [
    await messageHistory.failedSince(NOW - 3_600_000, 10),
    await messageHistory.failedSince(0, 1),
  ];

  assertEquals(counts, [2, 1]);
});
