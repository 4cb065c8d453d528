import { assertEquals, assertRejects } from "@std/assert";
import { RefusedError, StoreUnavailableError } from "../../src/errors.ts";
import type { EventDraft } from "../../src/events/event.ts";
import { createOptOutListener, type OptOutListenerDeps } from "../../src/opt_outs/listen.ts";
import { DEFAULT_SETTINGS, readingOf } from "../../src/opt_outs/words.ts";
import { NOW, recorder } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";

type Received = Extract<EventDraft, { type: "message.received" }>;
const PN = "628123456789@s.whatsapp.net";

function aText(text: string, data: Partial<Received["data"]> = {}): Received {
  return {
    type: "message.received",
    tenantId: "tenant_default",
    device: { id: "device_1", alias: null },
    dedupeKey: `device_1/3EB0${text}`,
    data: {
      messageId: `3EB0${text}`,
      chat: { kind: "person", jid: PN },
      from: { pn: PN, lid: "9@lid" },
      fromMe: false,
      sentAt: NOW,
      offline: false,
      content: { kind: "text", text },
      ...data,
    },
  };
}

async function setUp(overrides: Partial<OptOutListenerDeps> = {}) {
  const kept = await temporaryStore();
  const { optOuts } = kept.store;
  const { publish, drafts } = recorder();
  const answers: string[] = [];
  const settings = { ...DEFAULT_SETTINGS, stopAnswer: "Bye" };
  const listener = createOptOutListener({
    publish,
    optOuts,
    words: { of: () => ({ settings, reading: readingOf(settings), at: NOW }) },
    answer: (_, text, key) => Promise.resolve(void answers.push(`${key}: ${text}`)),
    now: () => NOW,
    ...overrides,
  });
  return {
    listener,
    optOuts,
    drafts,
    answers,
    listed: async () => (await optOuts.list("tenant_default", { limit: 9 })).length,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

Deno.test("opt-out listener reads the words once, and fails with them while the store is away", async () => {
  let asked = 0;
  const of = () => {
    asked++;
    return Promise.reject(new StoreUnavailableError("Cannot use the store"));
  };
  await using test = await setUp({ words: { of } });

  await assertRejects(() => test.listener(aText("hello")), StoreUnavailableError);

  assertEquals([asked, test.drafts.length], [1, 0]);
});

Deno.test("opt-out listener publishes the message, then the wish, and answers under the message's key", async () => {
  await using test = await setUp();

  await test.listener(aText("stop"));

  assertEquals(test.drafts.map(({ type }) => type), ["message.received", "contact.opted_out"]);
  assertEquals([test.answers, await test.listed()], [["3EB0stop/contact.opted_out: Bye"], 1]);
});

Deno.test("opt-out listener refuses a message whose wish could not be written down, and takes it when it comes again", async () => {
  await using kept = await temporaryStore();
  let full = true;
  await using test = await setUp({
    optOuts: {
      ...kept.store.optOuts,
      add(...asked) {
        return full
          ? Promise.reject(new StoreUnavailableError("the disk is full"))
          : kept.store.optOuts.add(...asked);
      },
    },
  });

  await assertRejects(() => test.listener(aText("stop")), StoreUnavailableError);
  full = false;
  await test.listener(aText("stop"));

  assertEquals(test.drafts.map(({ type }) => type), ["message.received", "contact.opted_out"]);
  assertEquals((await kept.store.optOuts.list("tenant_default", { limit: 9 })).length, 1);
});

for (
  const [what, draft] of [
    ["in a group", aText("stop", { chat: { kind: "group", jid: "1@g.us" } })],
    ["by the owner", aText("stop", { fromMe: true })],
    [
      "under a picture",
      aText("stop", {
        content: { kind: "image", media: { mediaId: "m", mimeType: "image/png" }, caption: "stop" },
      }),
    ],
    ["in the past that a phone handed over", aText("stop", { backfilled: true })],
    ["in a sentence", aText("stop by at ten")],
  ] as const
) {
  Deno.test(`opt-out listener hears nothing in a word that was written ${what}`, async () => {
    await using test = await setUp();

    await test.listener(draft);

    assertEquals([test.drafts.length, test.answers, await test.listed()], [1, [], 0]);
  });
}

Deno.test("opt-out listener hears a button of that name, and counts it when it cannot be answered", async () => {
  const refusal = new RefusedError("DEVICE_CANNOT_SEND", "another system runs this line");
  await using test = await setUp({ answer: () => Promise.reject(refusal) });

  await test.listener(aText("stop", { content: { kind: "reply", replyId: "1", text: "Stop" } }));

  assertEquals(await test.listed(), 1);
});

Deno.test("opt-out listener takes nobody off the list by a word from before they opted out", async () => {
  await using test = await setUp({ now: () => NOW + 60_000 }); // all of it comes late
  const start = aText("start", { sentAt: NOW - 1_000 });
  await test.listener(start);
  await test.listener(aText("stop"));

  await test.listener(start); // Qiscus sends again what it has no answer to
  const afterOld = await test.listed();
  await test.listener(aText("mulai", { sentAt: NOW }));

  assertEquals([afterOld, await test.listed()], [1, 0]);
});

Deno.test("opt-out listener takes nobody off the list by a word from between two by which they opted out", async () => {
  await using test = await setUp({ now: () => NOW + 60_000 }); // the word in between comes last
  await test.listener(aText("stop", { sentAt: NOW - 2_000 }));
  await test.listener(aText("berhenti", { sentAt: NOW }));

  await test.listener(aText("start", { sentAt: NOW - 1_000 }));

  assertEquals(await test.listed(), 1);
});

Deno.test("opt-out listener enters the number of who opted out by a hidden identity, once it is known", async () => {
  await using test = await setUp();
  const hidden = { pn: null, lid: "9@lid" };
  await test.listener(aText("stop", { chat: { kind: "person", jid: "9@lid" }, from: hidden }));

  await test.listener({
    type: "identity.resolved",
    tenantId: "tenant_default",
    device: { id: "device_1", alias: null },
    dedupeKey: "resolved",
    data: { pn: PN, lid: "9@lid" },
  });

  assertEquals((await test.optOuts.find("tenant_default", { pn: PN, lid: null }))?.lid, "9@lid");
  assertEquals(await test.listed(), 1);
});

Deno.test("opt-out listener follows who opted out to a new number, and leaves out everybody else", async () => {
  await using test = await setUp();
  const moved = (previous: string, pn: string): EventDraft => ({
    type: "identity.changed",
    tenantId: "tenant_default",
    device: { id: "device_1", alias: null },
    dedupeKey: `${previous}/${pn}`,
    data: { person: { pn, lid: null }, previous: { pn: previous, lid: null }, changedAt: NOW },
  });
  const [newOne, other] = ["628111@s.whatsapp.net", "628222@s.whatsapp.net"];
  await test.listener(aText("stop"));

  await test.listener(moved(PN, newOne));
  await test.listener(moved("628333@s.whatsapp.net", other));

  assertEquals((await test.optOuts.find("tenant_default", { pn: newOne, lid: null }))?.reason, "stop");
  assertEquals(await test.optOuts.find("tenant_default", { pn: other, lid: null }), undefined);
});
