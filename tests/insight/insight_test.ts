import { assert, assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../src/errors.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { createAttention } from "../../src/insight/attention.ts";
import { createFind } from "../../src/insight/find.ts";
import { createFindChats } from "../../src/insight/find_chats.ts";
import { createAnswerOf } from "../../src/insight/answer.ts";
import { createTracing } from "../../src/insight/trace.ts";
import type { Blast } from "../../src/store/blasts.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { type EndpointHealth, type EndpointState } from "../../src/webhooks/endpoint_state.ts";
import { aBlast, aDevice, aDraft, aMessage, aNewDelivery, aWebhook, T0 } from "../store/contracts/samples.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import type { Chat } from "../../src/events/person.ts";
import { dedupeKeyOf } from "../../src/whatsapp/read_inbox.ts";
import { anEvent, aText } from "../support/events.ts";
import { withFolder } from "../store/temporary.ts";

function withStore(test: (store: Store) => Promise<void>) {
  return () =>
    withFolder(async (folder) => {
      const store = openSqliteStore({ path: `${folder}/logs.db` });
      try {
        await test(store);
      } finally {
        await store.close();
      }
    });
}

const state = (health: EndpointHealth, since: number | null = T0): EndpointState => ({
  health,
  since,
  failures: 3,
  lastError: "503",
  lastStatusCode: 503,
  waiting: 4,
  failed: 1,
  oldestWaitingAt: T0,
  nextProbeAt: null,
  probesLeft: 0,
});

Deno.test(
  "attention lists what needs a person, worst first, the oldest first within a kind",
  withStore(async (store) => {
    const device = (id: string, change: Parameters<typeof aDevice>[0]) =>
      store.devices.create(aDevice({ id, kind: "whatsapp", wanted: true, ...change }));
    await device("device_fine", { status: "connected" });
    await device("device_new", { status: "needs_pairing", lastError: null, wanted: false });
    await device("device_out", { status: "failed", lastError: "Logged out", disconnectedAt: T0 + 5 });
    await device("device_slow", { status: "disconnected", disconnectedAt: T0 });
    await device("device_blink", { status: "disconnected", disconnectedAt: T0 + 99_000 });
    await store.messages.create(aMessage({ id: "msg_w", deviceId: "device_out", status: "queued" }));
    const paused: Blast = aBlast({
      id: "blast_p",
      status: "paused",
      reason: "tenant suspended",
      startedAt: T0,
    });
    await store.blasts.create(paused);
    const healths: Record<string, EndpointHealth> = {
      wh_ok: "ok",
      wh_late: "failing",
      wh_early: "failing",
      wh_gone: "given_up",
    };
    const attention = createAttention({
      ...store,
      webhooksOf: () => Object.keys(healths).map((id) => aWebhook({ id })),
      endpointState: ({ id }: Webhook) => Promise.resolve(state(healths[id], id === "wh_late" ? T0 + 9 : T0)),
      now: () => T0 + 100_000,
    });

    const found = await attention(DEFAULT_TENANT);

    const shown = found.map((one) => [
      one.what,
      "device" in one ? one.device.id : "webhook" in one ? one.webhook.id : one.blastId,
    ]);
    assertEquals(shown, [
      ["device_ended", "device_out"],
      ["webhook_given_up", "wh_gone"],
      ["device_reconnecting", "device_slow"],
      ["webhook_failing", "wh_early"],
      ["webhook_failing", "wh_late"],
      ["blast_paused", "blast_p"],
    ]);
    assert(found[0].what === "device_ended");
    assertEquals(found[0].waiting, 1);
  }),
);

Deno.test(
  "find knows ids, WhatsApp's ids, numbers in any spelling, names and hosts, of one's own only",
  withStore(async (store) => {
    await store.devices.create(
      aDevice({ id: "device_k", label: "Kasir Satu", phoneNumber: "6281200000101" }),
    );
    const message = aMessage({
      id: "msg_1",
      deviceId: "device_k",
      waMessageId: "3EB0AAAABBBBCCCC",
      recipientPhone: "6281234567890",
    });
    await store.messages.create(message);
    await store.messages.create(
      aMessage({ id: "msg_2", deviceId: "device_k", recipientPhone: "+6281234567890", waMessageId: null }),
    );
    await store.messages.create(
      aMessage({ id: "msg_3", deviceId: "device_k", recipientPhone: "081234567890", waMessageId: null }),
    );
    const appended = await store.events.append(aDraft(), [], T0);
    assert(!appended.duplicate);
    const webhook = aWebhook({ id: "wh_1", url: "https://app.toko-melati.example/hook" });
    const find = createFind({
      ...store,
      webhooksOf: (tenantId) => tenantId === DEFAULT_TENANT ? [webhook] : [],
      countryCode: "62",
    });
    const ids = async (text: string, tenantId = DEFAULT_TENANT) => {
      const found = await find(tenantId, text);
      return [...found.devices, ...found.webhooks, ...found.events, ...found.messages].map(({ id }) => id);
    };

    assertEquals(await ids("msg_1"), ["msg_1"]);
    assertEquals(await ids("3EB0AAAABBBBCCCC"), ["msg_1"]);
    // blasts keep a number as their request wrote it
    assertEquals(await ids(" +62 812-3456-7890 "), ["msg_3", "msg_2", "msg_1"]);
    assertEquals(await ids("0812 3456 7890"), ["msg_3", "msg_2", "msg_1"]);
    assertEquals(await ids("0812-0000-0101"), ["device_k"]);
    assertEquals(await ids("kasir"), ["device_k"]);
    assertEquals(await ids("Toko-Melati"), ["wh_1"]);
    assertEquals(await ids(appended.event.id), [appended.event.id]);
    assertEquals(await ids(appended.event.id.slice(0, -9)), [appended.event.id]);
    assertEquals(await ids("evt_01"), []); // too little of it to be looked for
    for (
      const text of [
        "msg_1",
        "3EB0AAAABBBBCCCC",
        "0812 3456 7890",
        "kasir",
        appended.event.id,
        appended.event.id.slice(0, -9),
      ]
    ) {
      assertEquals(await ids(text, "tenant_other"), []);
    }
  }),
);

Deno.test(
  "trace follows a message through its events to each webhook",
  withStore(async (store) => {
    await store.devices.create(aDevice({ id: "device_k" }));
    const webhook = aWebhook();
    await store.webhooks.create(webhook);
    await store.messages.create(aMessage({ id: "msg_1", deviceId: "device_k" }));
    await store.receipts.put({
      messageId: "msg_1",
      participant: "628111@s.whatsapp.net",
      receipt: "read",
      deliveredAt: T0,
      readAt: T0 + 1,
    });
    const about = (dedupeKey: string) =>
      store.events.append(aDraft({ dedupeKey }), [aNewDelivery(webhook.id)], T0);
    const accepted = await about("msg_1/accepted");
    await about("msg_1/delivered");
    await about("msg_2/accepted");
    const tracing = createTracing(store);

    const trace = await tracing.message(DEFAULT_TENANT, "msg_1");

    assertEquals(trace.message.id, "msg_1");
    assertEquals(trace.members.map(({ receipt }) => receipt), ["read"]);
    assertEquals(trace.events.map(({ deliveries }) => deliveries.map(({ delivery }) => delivery.webhookId)), [
      [webhook.id],
      [webhook.id],
    ]);
    assert(!accepted.duplicate);
    assertEquals((await tracing.event(DEFAULT_TENANT, accepted.event.id)).event, accepted.event);
    await assertRejects(() => tracing.message("tenant_other", "msg_1"), NotFoundError);
    await assertRejects(() => tracing.event("tenant_other", accepted.event.id), NotFoundError);
  }),
);

Deno.test(
  "trace finds the event of a message of the inbox, also when its LID became known later",
  withStore(async (store) => {
    const jid = "6281234567890@s.whatsapp.net";
    const lid = "200000000000142@lid";
    const webhook = aWebhook();
    await store.webhooks.create(webhook);
    const data = aText("Halo");
    const said = (chat: Chat) => anEvent("message.received", { ...data, chat });
    const chat = { kind: "person", jid } as const;
    const dedupeKey = dedupeKeyOf("device_k", "message.received", chat, data.messageId);
    await store.events.append(aDraft({ dedupeKey }), [aNewDelivery(webhook.id)], T0);
    const tracing = createTracing(store);

    const known = await tracing.told(DEFAULT_TENANT, "device_k", said({ kind: "person", jid }));
    const later = await tracing.told(DEFAULT_TENANT, "device_k", said({ kind: "person", jid, lid }));

    assertEquals(known?.deliveries.map(({ delivery }) => delivery.webhookId), [webhook.id]);
    assertEquals(later?.event.id, known?.event.id);
    const [one, same, unknown] = [
      said({ kind: "person", jid }),
      said({ kind: "person", jid, lid }),
      said({ kind: "person", jid: "6281234567899@s.whatsapp.net" }),
    ];
    const sent = await tracing.deliveriesOf(DEFAULT_TENANT, "device_k", [one, same, unknown]);
    assertEquals(sent.get(one)?.map(({ webhookId }) => webhookId), [webhook.id]);
    assertEquals([...sent.keys()], [one, same]);
    assertEquals(sent.get(same), sent.get(one));
    assertEquals(await tracing.deliveriesOf("tenant_other", "device_k", [one]), new Map());
    assertEquals(await tracing.told("tenant_other", "device_k", said({ kind: "person", jid })), undefined);
    assertEquals(
      await tracing.told(DEFAULT_TENANT, "device_other", said({ kind: "person", jid })),
      undefined,
    );
  }),
);

Deno.test(
  "answer is what its recipient wrote next, and in a group only what quotes the message",
  withStore(async (store) => {
    const [person, group] = ["6281234567890@s.whatsapp.net", "120363000000000001@g.us"];
    const device = aDevice({ id: "device_k", kind: "whatsapp", jid: "6281200000101@s.whatsapp.net" });
    await store.devices.create(device);
    const row = (chat: string, messageId: string, sentAt: number, fromMe = false) => ({
      deviceId: "device_k",
      messageId,
      chat,
      sender: fromMe ? null : person,
      fromMe,
      payload: new Uint8Array([1]),
      sentAt,
    });
    for (const chat of [person, group]) {
      await store.inbox.keep([row(chat, "ASKED", T0)]);
      await store.inbox.keep([row(chat, "OURS", T0, true), row(chat, "OURS2", T0 + 1_000, true)]);
      await store.inbox.keep([row(chat, "NEXT", T0 + 2_000), row(chat, "QUOTES", T0 + 3_000)]);
    }
    const quoted = { messageId: "OURS", from: null };
    const answerOf = createAnswerOf({
      inbox: store.inbox,
      chatOf: (_, jid) => Promise.resolve({ kind: jid === group ? "group" : "person", jid }),
      readInbox: (rows) =>
        Promise.resolve(rows.map(({ messageId }) =>
          anEvent("message.received", {
            ...aText("Halo"),
            messageId,
            ...(messageId === "QUOTES" && { quoted }),
          })
        )),
    });
    const answerTo = async (change: Partial<OutgoingMessage>) =>
      (await answerOf(aMessage({ waMessageId: "OURS", sentAt: T0 + 400, ...change }), device))?.data
        .messageId;

    assertEquals(await answerTo({ to: person }), "NEXT");
    assertEquals(await answerTo({ to: group }), "QUOTES");
    assertEquals(await answerTo({ to: person, sentAt: T0 + 9_000 }), undefined);
    assertEquals(await answerTo({ to: person, sentAt: null }), undefined);
  }),
);

Deno.test(
  "find knows the conversations of a number and of a message that came in, of one's own only",
  withStore(async (store) => {
    const jid = "6281200000101@s.whatsapp.net";
    await store.devices.create(aDevice({ id: "device_k", kind: "whatsapp", jid, label: "Kasir" }));
    await store.inbox.keep([{
      deviceId: "device_k",
      messageId: "3EB0AAAABBBBCCCC",
      chat: "6281234567890@s.whatsapp.net",
      sender: "6281234567890@s.whatsapp.net",
      fromMe: false,
      payload: new Uint8Array([1]),
      sentAt: T0,
    }]);
    const findChats = createFindChats({ ...store, countryCode: "62" });
    const said = async (text: string, tenantId = DEFAULT_TENANT) =>
      (await findChats(tenantId, text)).map(({ device, chat, messageId }) => [device, chat, messageId]);

    assertEquals(await said("0812-3456-7890"), [["Kasir", "6281234567890@s.whatsapp.net", undefined]]);
    assertEquals(await said("3EB0AAAABBBBCCCC"), [[
      "Kasir",
      "6281234567890@s.whatsapp.net",
      "3EB0AAAABBBBCCCC",
    ]]);
    assertEquals(await said("Kasir"), []);
    assertEquals(await said("0812-3456-7890", "tenant_other"), []);
  }),
);
