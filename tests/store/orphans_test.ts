import { assertEquals } from "@std/assert";
import type { NewOrphan } from "../../src/store/orphans.ts";
import { aMessage, NOW } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";

function anOrphan(overrides: Partial<NewOrphan> = {}): NewOrphan {
  return {
    waMessageId: "wamid.A",
    status: "sent",
    statusAt: NOW,
    recipient: "62812",
    error: null,
    announced: false,
    receivedAt: NOW,
    ...overrides,
  };
}

Deno.test("orphans keep the same status once", async () => {
  await using kept = await temporaryStore();
  const { orphans } = kept.store;

  await orphans.keep(anOrphan());
  await orphans.keep(anOrphan());
  await orphans.keep(anOrphan({ status: "failed", error: { code: 7, message: "Blocked" } }));

  const found = await orphans.of("wamid.A");
  assertEquals(found.map(({ status, error }) => [status, error?.message]), [["sent", undefined], [
    "failed",
    "Blocked",
  ]]);
});

Deno.test("orphans refuse what has a message by now", async () => {
  await using kept = await temporaryStore();
  const { orphans, messages } = kept.store;
  await messages.create(aMessage({ channel: "qiscus", deviceId: null, waMessageId: "wamid.A" }));

  const result = await orphans.keep(anOrphan());

  assertEquals([result, await orphans.of("wamid.A")], [false, []]);
});

Deno.test("orphans tell which have a message by now", async () => {
  await using kept = await temporaryStore();
  const { orphans, messages } = kept.store;
  await orphans.keep(anOrphan());
  await orphans.keep(anOrphan({ waMessageId: "wamid.B" }));
  await messages.create(aMessage({ channel: "qiscus", deviceId: null, waMessageId: "wamid.B" }));

  const claimed = await orphans.claimed(10);

  assertEquals(claimed.map(({ waMessageId }) => waMessageId), ["wamid.B"]);
});

Deno.test("orphans tell which nobody was told of", async () => {
  await using kept = await temporaryStore();
  const { orphans } = kept.store;
  await orphans.keep(anOrphan({ waMessageId: "old", receivedAt: NOW - 1_000 }));
  await orphans.keep(anOrphan({ waMessageId: "told", receivedAt: NOW - 1_000, announced: true }));
  await orphans.keep(anOrphan({ waMessageId: "new" }));

  const before = await orphans.unannounced(NOW, 10);
  await orphans.announced(before.map(({ number }) => number));
  const after = await orphans.unannounced(NOW, 10);

  assertEquals([before.map(({ waMessageId }) => waMessageId), after], [["old"], []]);
});

Deno.test("orphans are forgotten by age", async () => {
  await using kept = await temporaryStore();
  const { orphans } = kept.store;
  await orphans.keep(anOrphan({ waMessageId: "old", receivedAt: NOW - 1_000 }));
  await orphans.keep(anOrphan({ waMessageId: "new" }));

  const removed = await orphans.prune(NOW, 10);

  assertEquals([removed, (await orphans.of("old")).length, (await orphans.of("new")).length], [1, 0, 1]);
});
