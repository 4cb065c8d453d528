import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { Alarm, Queue } from "../../../src/queue/queue.ts";
import { until } from "../../support/until.ts";

/** What every queue has to do. */
export function queueContract(
  name: string,
  open: () => Promise<{ queue: Queue; close: () => Promise<void> }>,
): void {
  Deno.test(`${name} rings each alarm once, not before its time`, async () => {
    const { queue, close } = await open();
    const rung: { alarm: Alarm; at: number }[] = [];
    queue.listen((alarm) => void rung.push({ alarm, at: Date.now() }));
    const setAt = Date.now();

    await Promise.all([
      queue.enqueue({ deliveryNumber: 1, attempt: 2 }, { delayMs: 300 }),
      queue.enqueue({ deliveryNumber: 2, attempt: 3 }, { delayMs: 0 }),
    ]);

    await until(() => rung.length === 2, "two alarms");
    const late = rung.find(({ alarm }) => alarm.deliveryNumber === 1);
    assertEquals(rung.map(({ alarm }) => alarm).toSorted((a, b) => a.deliveryNumber - b.deliveryNumber), [
      { deliveryNumber: 1, attempt: 2 },
      { deliveryNumber: 2, attempt: 3 },
    ]);
    assertGreaterOrEqual((late?.at ?? 0) - setAt, 299);
    await close();
  });

  Deno.test(`${name} takes many alarms at once`, async () => {
    const { queue, close } = await open();
    const rung = new Set<number>();
    queue.listen(({ deliveryNumber }) => void rung.add(deliveryNumber));

    await Promise.all(
      Array.from(
        { length: 230 },
        (_, i) => queue.enqueue({ deliveryNumber: i + 1, attempt: 2 }, { delayMs: 1 }),
      ),
    );

    await until(() => rung.size === 230, "all alarms");
    await close();
  });

  Deno.test(`${name} is silent after it was closed`, async () => {
    const { queue, close } = await open();
    const other = await open();
    const rung: string[] = [];
    queue.listen(() => void rung.push("closed"));
    other.queue.listen(() => void rung.push("open"));
    await queue.enqueue({ deliveryNumber: 1, attempt: 2 }, { delayMs: 100 });

    await close();
    const before = rung.length; // on a slow machine its alarm has rung already
    await other.queue.enqueue({ deliveryNumber: 1, attempt: 2 }, { delayMs: 200 });

    await until(() => rung.length > before, "an alarm that was set for later");
    assertEquals(rung.slice(before), ["open"]);
    await other.close();
  });
}
