import { assertEquals } from "@std/assert";
import type { NewEarlyStatus } from "../../../src/store/early_statuses.ts";
import { aMessage, NOW } from "../../support/messaging.ts";
import { type Open, testing } from "./contract.ts";

function anEarlyStatus(overrides: Partial<NewEarlyStatus> = {}): NewEarlyStatus {
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

export function earlyStatusesContract(name: string, open: Open): void {
  const test = testing(`${name} early statuses`, open);

  test("keep the same status once", async ({ earlyStatuses }) => {
    await earlyStatuses.keep(anEarlyStatus());
    await earlyStatuses.keep(anEarlyStatus());
    await earlyStatuses.keep(anEarlyStatus({ status: "failed", error: { code: 7, message: "Blocked" } }));

    const found = await earlyStatuses.of("wamid.A");
    assertEquals(found.map(({ status, error }) => [status, error?.message]), [["sent", undefined], [
      "failed",
      "Blocked",
    ]]);
  });

  test("refuse what has a message by now", async ({ earlyStatuses, messages }) => {
    await messages.create(aMessage({ channel: "qiscus", deviceId: null, waMessageId: "wamid.A" }));

    const result = await earlyStatuses.keep(anEarlyStatus());

    assertEquals([result, await earlyStatuses.of("wamid.A")], [false, []]);
  });

  test("tell which have a message by now", async ({ earlyStatuses, messages }) => {
    await earlyStatuses.keep(anEarlyStatus());
    await earlyStatuses.keep(anEarlyStatus({ waMessageId: "wamid.B" }));
    await messages.create(aMessage({ channel: "qiscus", deviceId: null, waMessageId: "wamid.B" }));

    const claimed = await earlyStatuses.claimed(10);

    assertEquals(claimed.map(({ waMessageId }) => waMessageId), ["wamid.B"]);
  });

  test("tell which nobody was told of", async ({ earlyStatuses }) => {
    await earlyStatuses.keep(anEarlyStatus({ waMessageId: "old", receivedAt: NOW - 1_000 }));
    await earlyStatuses.keep(
      anEarlyStatus({ waMessageId: "told", receivedAt: NOW - 1_000, announced: true }),
    );
    await earlyStatuses.keep(anEarlyStatus({ waMessageId: "new" }));

    const before = await earlyStatuses.unannounced(NOW, 10);
    await earlyStatuses.announced(before.map(({ number }) => number));
    const after = await earlyStatuses.unannounced(NOW, 10);

    assertEquals([before.map(({ waMessageId }) => waMessageId), after], [["old"], []]);
  });

  test("are forgotten by age", async ({ earlyStatuses }) => {
    await earlyStatuses.keep(anEarlyStatus({ waMessageId: "old", receivedAt: NOW - 1_000 }));
    await earlyStatuses.keep(anEarlyStatus({ waMessageId: "new" }));

    const removed = await earlyStatuses.prune(NOW, 10);

    assertEquals([removed, (await earlyStatuses.of("old")).length, (await earlyStatuses.of("new")).length], [
      1,
      0,
      1,
    ]);
  });
}
