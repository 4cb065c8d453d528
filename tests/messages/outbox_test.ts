import { assertEquals } from "@std/assert";
import { createOutbox, type Outbox, type OutboxDeps } from "../../src/messages/outbox.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import type { SendOutcome } from "../../src/whatsapp/session.ts";
import { clockAt, createManualClock } from "../support/manual_clock.ts";
import { storedMessages } from "../support/stored_messages.ts";
import { aDevice, aMessage, FakeLine, NOW, recorder, statusesOf } from "../support/messaging.ts";
import { until } from "../support/until.ts";

const REFUSED: SendOutcome = { ok: false, code: 463, message: "locked (463)", retryable: false };
const TIMED_OUT: SendOutcome = { ok: false, code: null, message: "timed out", retryable: true };

function setUp(rows: readonly OutgoingMessage[] = [], overrides: Partial<OutboxDeps> = {}) {
  const { messages } = storedMessages(rows);
  const line = new FakeLine();
  const { publish, drafts } = recorder();
  const discarded: string[] = [];
  const files = {
    pathOf: (mediaId: string) => `/media/${mediaId}`,
    discard: (mediaId: string) => Promise.resolve(void discarded.push(mediaId)),
  };
  const device = aDevice();
  const outbox = createOutbox({
    messages,
    devices: { get: () => Promise.resolve(device), list: () => Promise.resolve([device]) },
    publish,
    sessionOf: line.sessionOf,
    phoneOf: line.phoneOf,
    files,
    clock: clockAt(() => NOW),
    retryWaitsMs: [1, 1],
    ...overrides,
  });
  return { messages, line, drafts, outbox, discarded };
}

async function using(outbox: Outbox, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } finally {
    await outbox.stop(1_000);
  }
}

Deno.test("outbox sends a message and tells that it was accepted", async () => {
  const message = aMessage();
  const { messages, line, drafts, outbox } = setUp([message]);

  await using(outbox, async () => {
    const told = outbox.outcome(message.id, 60_000);
    outbox.add(message);
    const decided = await told;

    assertEquals(decided?.status, "sent");
    assertEquals((await messages.get(message.id))?.sentAt, NOW + 1);
    assertEquals(line.sent.map(({ waMessageId }) => waMessageId), [message.waMessageId]);
    assertEquals(drafts.map(({ type }) => type), ["message.sent", "message.status"]);
  });
});

Deno.test("outbox sends after a restart what was left, under the ids that were chosen", async () => {
  const queued = aMessage({ status: "queued" });
  const processing = aMessage({ status: "processing", attempts: 1 });
  const sent = aMessage({ status: "sent" });
  const { line, outbox } = setUp([queued, processing, sent]);

  await using(outbox, async () => {
    await outbox.start();
    await until(() => line.sent.length >= 2, "both are sent");

    assertEquals(line.sent.map(({ waMessageId }) => waMessageId), [
      queued.waMessageId,
      processing.waMessageId,
    ]);
  });
});

Deno.test("outbox keeps messages while the device is away, and sends them in order when it is back", async () => {
  const rows = [aMessage(), aMessage(), aMessage()];
  const { line, outbox } = setUp(rows);
  line.up = false;

  await using(outbox, async () => {
    for (const row of rows) outbox.add(row);
    assertEquals(line.sent, []);
    line.up = true;
    outbox.wake("device_1");
    await until(() => line.sent.length === 3, "all are sent");

    assertEquals(line.sent.map(({ waMessageId }) => waMessageId), rows.map((row) => row.waMessageId));
  });
});

Deno.test("outbox tries three times, then fails with the reason and the number of tries", async () => {
  const message = aMessage();
  const { messages, line, drafts, outbox } = setUp([message]);
  line.answer = () => TIMED_OUT;

  await using(outbox, async () => {
    const told = outbox.outcome(message.id, 60_000);
    outbox.add(message);
    await told;

    assertEquals(line.sent.length, 3);
    assertEquals((await messages.get(message.id))?.error, { code: null, message: "timed out" });
    const failed = drafts.find((draft) => draft.type === "message.status");
    assertEquals(failed?.data, {
      messageId: message.id,
      waMessageId: message.waMessageId,
      chat: { kind: "person", jid: message.to },
      status: "failed",
      statusAt: NOW,
      reason: { code: null, message: "timed out" },
      attempts: 3,
    });
  });
});

Deno.test("outbox does not try again what WhatsApp refused for good", async () => {
  const message = aMessage();
  const { line, outbox } = setUp([message]);
  line.answer = () => REFUSED;

  await using(outbox, async () => {
    const told = outbox.outcome(message.id, 60_000);
    outbox.add(message);
    const decided = await told;

    assertEquals([line.sent.length, decided?.status, decided?.error?.code], [1, "failed", 463]);
  });
});

Deno.test("outbox does not count a try that a lost connection cut short", async () => {
  const message = aMessage();
  const { messages, line, outbox } = setUp([message]);
  line.answer = () => {
    line.up = false;
    return TIMED_OUT;
  };

  await using(outbox, async () => {
    outbox.add(message);
    await until(async () => (await messages.get(message.id))?.status === "processing", "it waits again");
    line.answer = () => ({ ok: true, acceptedAt: NOW + 2 });
    line.up = true;
    outbox.wake("device_1");
    await until(async () => (await messages.get(message.id))?.status === "sent", "it is sent");

    assertEquals(line.sent.length, 2);
    assertEquals((await messages.get(message.id))?.attempts, 1);
  });
});

Deno.test("outbox says of a message that it gives back whether WhatsApp may have it", async () => {
  const [tried, untried] = ["6281", "6282"].map((person) =>
    aMessage({ id: `msg_${person}`, to: `${person}@s.whatsapp.net`, blastId: "blast_1" })
  );
  const { line, outbox } = setUp([tried, untried]);
  line.answer = () => {
    line.up = false;
    return TIMED_OUT;
  };

  await using(outbox, async () => {
    outbox.add(tried);
    await until(() => !line.up, "its connection is lost");
    outbox.add(untried);
    const given: (ReturnType<Outbox["withdraw"]>)[] = [];
    await until(() => {
      const withdrawn = outbox.withdraw(tried);
      if (withdrawn !== undefined) given.push(withdrawn, outbox.withdraw(untried), outbox.withdraw(tried));
      return given.length > 0;
    }, "it waits again");

    assertEquals(given, [{ tried: true }, { tried: false }, undefined]);
  });
});

Deno.test("outbox believes a receipt over a missing answer", async () => {
  const message = aMessage();
  const { line, drafts, outbox } = setUp([message]);
  line.answer = async () => {
    await outbox.accepted(message, NOW + 5);
    return TIMED_OUT;
  };

  await using(outbox, async () => {
    const told = outbox.outcome(message.id, 60_000);
    outbox.add(message);
    await told;
    await outbox.stop(1_000);

    assertEquals(line.sent.length, 1);
    assertEquals(statusesOf(drafts, message.id), ["sent"]);
  });
});

for (
  const [what, answer, status] of [
    ["accepted", { ok: true, acceptedAt: NOW }, "sent"],
    ["refused", REFUSED, "failed"],
  ] as const
) {
  Deno.test(`outbox sends once what WhatsApp has ${what}, however often the store refuses to note it`, async () => {
    const message = aMessage();
    const { messages: stored } = storedMessages([message]);
    let refusals = 3;
    const messages: OutboxDeps["messages"] = {
      ...stored,
      change: (...args) =>
        refusals-- > 0 ? Promise.reject(new Error("disk is full")) : stored.change(...args),
    };
    const { line, outbox } = setUp([], { messages, storeWaitMs: 1 });
    line.answer = () => {
      line.up = false; // nothing more could leave, but the outcome can be noted
      return answer;
    };

    await using(outbox, async () => {
      outbox.add(message);
      await until(async () => (await stored.get(message.id))?.status === status, "it is noted");

      assertEquals(line.sent.length, 1);
      assertEquals(refusals < 0, true);
    });
  });
}

Deno.test("outbox counts a try that the store could not note", async () => {
  const message = aMessage();
  const { messages: stored } = storedMessages([message]);
  let calls = 0;
  const messages: OutboxDeps["messages"] = {
    ...stored,
    change: (...args) => ++calls === 1 ? Promise.reject(new Error("disk is full")) : stored.change(...args),
  };
  const { line, outbox } = setUp([], { messages, storeWaitMs: 1 });
  line.answer = () => TIMED_OUT;

  await using(outbox, async () => {
    outbox.add(message);
    await until(async () => (await stored.get(message.id))?.status === "failed", "it is given up");

    assertEquals(line.sent.length, 3);
  });
});

Deno.test("outbox lets other chats pass a message that is tried again", async () => {
  const stuck = aMessage();
  const other = aMessage({ to: "628987654321@s.whatsapp.net" });
  const { line, outbox, messages } = setUp([stuck, other], { retryWaitsMs: [60_000, 60_000] });
  line.answer = ({ to }) => to === stuck.to ? TIMED_OUT : { ok: true, acceptedAt: NOW };

  await using(outbox, async () => {
    outbox.add(stuck);
    outbox.add(other);
    await until(async () => (await messages.get(other.id))?.status === "sent", "the other is sent");
    await until(async () => (await messages.get(stuck.id))?.status === "processing", "the first has begun");

    assertEquals((await messages.get(stuck.id))?.attempts, 1);
  });
});

Deno.test("outbox reads no message again that it sends, however long WhatsApp takes", async () => {
  const message = aMessage();
  const { messages } = storedMessages([message]);
  const clock = createManualClock(NOW);
  const believed: boolean[] = [];
  const { line, outbox } = setUp([], {
    clock,
    messages: {
      ...messages,
      async change(id, decide, now, as) {
        const { status, attempts, updatedAt } = as ?? {};
        const found = await messages.get(id);
        believed.push(
          found?.status === status && found?.attempts === attempts && found?.updatedAt === updatedAt,
        );
        return await messages.change(id, decide, now, as);
      },
    },
  });
  const answer = Promise.withResolvers<SendOutcome>();
  line.answer = () => answer.promise;

  await using(outbox, async () => {
    outbox.add(message);
    await until(() => line.sent.length === 1, "it is on its way");
    await clock.advance(150);
    await until(async () => (await messages.get(message.id))?.status === "processing", "that is written");
    answer.resolve({ ok: true, acceptedAt: NOW + 200 });
    await until(async () => (await messages.get(message.id))?.status === "sent", "it is sent");

    assertEquals(believed, [true, true]);
  });
});

Deno.test("outbox gives up what waited too long", async () => {
  const message = aMessage({ createdAt: NOW - 2_000 });
  const { messages, line, outbox } = setUp([message], { expireAfterMs: 1_000 });

  await using(outbox, async () => {
    outbox.add(message);
    await until(async () => (await messages.get(message.id))?.status === "failed", "it is given up");

    assertEquals(line.sent, []);
  });
});

Deno.test("outbox forgets the file of a message that is decided", async () => {
  const content = { kind: "image", media: { mediaId: "3EB0F", mimeType: "image/png" } } as const;
  const message = aMessage({ content });
  const { line, outbox, discarded } = setUp([message]);

  await using(outbox, async () => {
    outbox.add(message);
    await until(() => discarded.length > 0, "the file is forgotten");

    assertEquals(line.sent[0].content, {
      kind: "image",
      path: "/media/3EB0F",
      mimeType: "image/png",
      caption: undefined,
      fileName: undefined,
      seconds: undefined,
    });
    assertEquals(discarded, ["3EB0F"]);
  });
});

Deno.test("outbox sends a file on from where WhatsApp has it, and leaves the first message's file alone", async () => {
  const content = { kind: "image", media: { mediaId: "3AF1", mimeType: "image/png" } } as const;
  const message = aMessage({ content, context: { forwarded: true, forwardedId: "3AF1" } });
  const discarded: string[] = [];
  const files = {
    pathOf: (mediaId: string) => `/media/${mediaId}`,
    fetch: () => Promise.reject(new Error("nobody has brought it")),
    discard: (mediaId: string) => Promise.resolve(void discarded.push(mediaId)),
  };
  const { line, outbox } = setUp([message], { files });

  await using(outbox, async () => {
    const told = outbox.outcome(message.id, 60_000);
    outbox.add(message);
    const decided = await told;

    assertEquals(decided?.status, "sent");
    assertEquals(line.sent.map(({ content }) => content), [{ kind: "forward", messageId: "3AF1" }]);
  });
  assertEquals(discarded, []);
});

Deno.test("outbox fails what waits for a device that is removed, and what still comes for it", async () => {
  const waiting = aMessage();
  const tried = aMessage({ status: "processing", attempts: 1 });
  const late = aMessage();
  const { messages, line, outbox } = setUp([waiting, tried]);
  line.up = false;

  await using(outbox, async () => {
    await outbox.start();
    await outbox.abandon("device_1");
    await messages.create(late);
    const told = outbox.outcome(late.id, 60_000);
    outbox.add(late);
    await told;

    assertEquals((await messages.all()).map(({ status }) => status), ["failed", "failed", "failed"]);
    assertEquals(line.sent, []);
  });
});

Deno.test("outbox fails what was to leave from another number than the device has now, and sends the rest", async () => {
  const rows = [
    aMessage({ senderPhone: "628999" }),
    aMessage({ senderPhone: "4915100000001" }),
    aMessage({ senderPhone: null }),
  ];
  const { messages, line, outbox } = setUp(rows);

  await using(outbox, async () => {
    await outbox.start();
    await until(
      async () => (await messages.all()).every(({ status }) => status === "sent" || status === "failed"),
      "all are decided",
    );

    assertEquals((await messages.all()).map(({ status }) => status), ["failed", "sent", "sent"]);
    assertEquals((await messages.get(rows[0].id))?.error, {
      code: null,
      message: "The device was linked with another number before the message was sent",
    });
    assertEquals(line.sent.length, 2);
  });
});

Deno.test("outbox does not send a blast's message from another number than it was taken in hand for", async () => {
  const message = aMessage({ blastId: "blast_1" });
  const { line, outbox } = setUp([message]);
  line.answer = () => {
    line.up = false;
    return TIMED_OUT;
  };

  await using(outbox, async () => {
    const told = outbox.outcome(message.id, 60_000);
    outbox.add(message);
    await until(() => !line.up, "the line is lost");
    line.phone = "628999";
    line.up = true;
    let result: OutgoingMessage | undefined;
    void told.then((message) => result = message);
    await until(() => {
      outbox.wake("device_1"); // comes too early until the message waits again
      return result !== undefined;
    }, "it is decided");

    assertEquals([result?.status, line.sent.length], ["failed", 1]);
  });
});
