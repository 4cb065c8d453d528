import { assertEquals } from "@std/assert";
import { createOutbox } from "../../src/messages/outbox.ts";
import type { Pacing } from "../../src/store/devices.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import { createManualClock, settled } from "../support/manual_clock.ts";
import { aDevice, aMessage, FakeLine, NOW, recorder } from "../support/messaging.ts";
import { until } from "../support/until.ts";
import { storedMessages } from "../support/stored_messages.ts";

const PACING: Pacing = { minGapMs: 2_000, maxGapMs: 4_000, typing: true };
/** Typed for 10 s, and 3 s to the next, at the middle of what is random. */
const FIFTY = "x".repeat(50);

function aText(overrides: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return aMessage({ content: { kind: "text", text: FIFTY }, ...overrides });
}

/** An outbox of a device with this pace, on a clock that stands still. */
async function setUp({ rows = [], pacing = PACING }: {
  readonly rows?: readonly OutgoingMessage[];
  readonly pacing?: Pacing | null;
} = {}) {
  const { messages, onDisk } = storedMessages(rows);
  const line = new FakeLine();
  const device = aDevice({ pacing });
  const clock = createManualClock(NOW);
  const left: (readonly [id: string | null, afterMs: number])[] = [];
  line.answer = ({ waMessageId }) => {
    left.push([waMessageId, clock.now() - NOW]);
    return { ok: true, acceptedAt: clock.now() };
  };
  const outbox = createOutbox({
    messages,
    devices: { get: () => Promise.resolve(device), list: () => Promise.resolve([device]) },
    publish: recorder().publish,
    sessionOf: line.sessionOf,
    phoneOf: line.phoneOf,
    files: { pathOf: (id) => id, discard: () => Promise.resolve() },
    clock,
    random: () => 0.5,
  });
  await onDisk();
  await outbox.start();
  return {
    outbox,
    line,
    left,
    messages,
    clock,
    /** Stores a message and hands it over; when it was said to leave, ms from the start. */
    async send(message: OutgoingMessage): Promise<number | undefined> {
      await messages.create(message);
      const at = outbox.plan(message);
      outbox.add(message);
      return at === undefined ? undefined : at - NOW;
    },
    /** Moves the clock on until so many have left. */
    async untilLeft(count: number): Promise<void> {
      await until(async () => {
        await clock.advance(500);
        return left.length >= count;
      }, `${count} messages have left`);
    },
  };
}

Deno.test("a paced device types, sends, rests, and had told beforehand when each message leaves", async () => {
  const { outbox, line, left, send, untilLeft } = await setUp();
  const [first, second, third] = [aText(), aText({ to: "628999@s.whatsapp.net" }), aText()];

  const told = [await send(first), await send(second), await send(third)];
  await untilLeft(3);
  await outbox.stop(0);

  assertEquals(told, [10_000, 23_000, 36_000]);
  assertEquals(left, [[first.waMessageId, 10_000], [second.waMessageId, 23_000], [
    third.waMessageId,
    36_000,
  ]]);
  assertEquals(line.shown, ["composing", "composing", "composing"]);
});

Deno.test("a text that takes long is shown as being typed all the while", async () => {
  const { outbox, line, left, send, untilLeft } = await setUp();

  await send(aText({ content: { kind: "text", text: "x".repeat(125) } }));
  await untilLeft(1);
  await outbox.stop(0);

  assertEquals([line.shown, left[0][1]], [["composing", "composing", "composing"], 25_000]);
});

Deno.test("a paced device that does not type sends at once, and rests after it", async () => {
  const { outbox, line, send } = await setUp({ pacing: { ...PACING, typing: false } });

  const told = [await send(aText()), await send(aText())];
  await outbox.stop(0);

  assertEquals([told, line.shown], [[0, 3_000], []]);
});

Deno.test("a message that is being typed when the gateway stops does not leave, and waits in the store", async () => {
  const { outbox, line, messages, send, clock } = await setUp();
  const message = aText();
  await send(message);
  await clock.advance(5_000);

  await outbox.stop(0);
  await clock.advance(60_000);

  assertEquals([line.shown, line.sent.length], [["composing"], 0]);
  assertEquals((await messages.get(message.id))?.status, "queued");
});

Deno.test("a restart does not make the rest shorter", async () => {
  const rows = [aText({ status: "sent", updatedAt: NOW - 500 }), aText()];
  const { outbox, left, untilLeft } = await setUp({ rows });

  await untilLeft(1);
  await outbox.stop(0);

  assertEquals(left, [[rows[1].waMessageId, 12_500]]);
});

Deno.test("a pace that is taken away lets nothing pass what is being typed, and all after it leave at once", async () => {
  const { outbox, left, send, clock } = await setUp();
  const messages = [aText(), aText(), aText({ to: "628999@s.whatsapp.net" }), aText()];
  for (const message of messages.slice(0, 3)) await send(message);

  outbox.paced("device_1", null);
  await clock.advance(9_999);
  const early = left.length;
  await clock.advance(1);
  await until(() => left.length === 3, "all leave");
  const atOnce = await send(messages[3]);
  await until(() => left.length === 4, "the last leaves");
  await outbox.stop(0);

  assertEquals([early, atOnce], [0, undefined]);
  assertEquals(left, messages.map(({ waMessageId }) => [waMessageId, 10_000]));
});

Deno.test("a paced device that loses its connection while it types goes on when it is back", async () => {
  const { outbox, line, left, send, clock, untilLeft } = await setUp();
  const message = aText();
  await send(message);
  await clock.advance(5_000);
  line.up = false;
  await clock.advance(60_000);
  assertEquals(left, []);

  line.up = true;
  outbox.wake("device_1");
  await settled();
  await untilLeft(1);
  await outbox.stop(0);

  assertEquals(left.map(([id]) => id), [message.waMessageId]);
});
