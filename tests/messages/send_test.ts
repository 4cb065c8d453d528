import { createReadInbox } from "../../src/whatsapp/baileys/inbox_reader.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DeviceOfflineError } from "../../src/devices/offline.ts";
import { InvalidError, RefusedError } from "../../src/errors.ts";
import { createOutbox } from "../../src/messages/outbox.ts";
import { createSendMessage } from "../../src/messages/send.ts";
import type { SendRequest } from "../../src/messages/request.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import { NOT_ON_WHATSAPP } from "../../src/whatsapp/send_errors.ts";
import { storedMessages } from "../support/stored_messages.ts";
import { aDevice, aMessage, BUDI, FakeLine, NOW, recorder } from "../support/messaging.ts";
import { clockAt } from "../support/manual_clock.ts";

function setUp(rows: readonly OutgoingMessage[] = [], countryCode = "62") {
  const { messages, onDisk } = storedMessages(rows);
  const line = new FakeLine();
  line.gate = onDisk;
  const device = aDevice();
  const brought: string[] = [];
  const outbox = createOutbox({
    messages,
    devices: { get: () => Promise.resolve(device), list: () => Promise.resolve([device]) },
    publish: recorder().publish,
    sessionOf: line.sessionOf,
    phoneOf: line.phoneOf,
    files: { pathOf: (id) => id, discard: () => Promise.resolve() },
    clock: clockAt(() => NOW),
    retryWaitsMs: [],
  });
  const sendMessage = createSendMessage({
    messages,
    inbox: { get: () => Promise.resolve(undefined) },
    readInbox: createReadInbox(() => Promise.resolve(new Map())),
    outbox,
    schedule: { added: () => Promise.resolve() },
    isConnected: () => line.up,
    phoneOf: line.phoneOf,
    files: {
      bring(file) {
        brought.push(file.from === "url" ? file.url : file.upload.path);
        return Promise.resolve({ kind: "image", mimeType: "image/png", sizeBytes: 8 });
      },
      discard: () => Promise.resolve(),
    },
    countryCode,
    now: () => NOW,
    answerWithinMs: 2_000,
  });
  const send = (overrides: Partial<SendRequest> = {}) =>
    sendMessage({
      tenantId: "tenant_default",
      device,
      to: "0812-3456-789",
      content: { kind: "text", text: "halo" },
      wait: true,
      ...overrides,
    });
  return { messages, line, send, outbox, brought };
}

Deno.test("sendMessage normalises the number, chooses an id, and answers when WhatsApp has accepted", async () => {
  const { send, line } = setUp();

  const { message } = await send();

  assertEquals([message.to, message.recipientPhone, message.status], [BUDI, "628123456789", "sent"]);
  assertMatch(message.waMessageId ?? "", /^3EB0[0-9A-F]{18}$/);
  assertEquals(line.sent[0].waMessageId, message.waMessageId);
});

Deno.test("sendMessage stores the message before it is sent", async () => {
  const { send, line, messages } = setUp();
  let stored: string | undefined;
  line.answer = async ({ waMessageId }) => {
    stored = (await messages.all()).find((message) => message.waMessageId === waMessageId)?.id;
    return { ok: true, acceptedAt: NOW };
  };

  const { message } = await send();

  assertEquals(stored, message.id);
});

Deno.test("sendMessage sends once for one idempotency key", async () => {
  const { send, line } = setUp();

  const first = await send({ idempotencyKey: "order-7" });
  const second = await send({ idempotencyKey: "order-7" });

  assertEquals([first.replayed, second.replayed], [false, true]);
  assertEquals(second.message.id, first.message.id);
  assertEquals(line.sent.length, 1);
});

Deno.test("sendMessage sends once when two requests with one key come at once", async () => {
  const { send, line } = setUp();

  const [first, second] = await Promise.all([
    send({ idempotencyKey: "order-8" }),
    send({ idempotencyKey: "order-8" }),
  ]);

  assertEquals(first.message.id, second.message.id);
  assertEquals([first.message.status, second.message.status], ["sent", "sent"]);
  assertEquals(line.sent.length, 1);
});

Deno.test("sendMessage refuses a key that was used for something else", async () => {
  const { send } = setUp();
  await send({ idempotencyKey: "order-9" });

  const error = await assertRejects(
    () => send({ idempotencyKey: "order-9", content: { kind: "text", text: "other" } }),
    RefusedError,
  );

  assertEquals(error.code, "IDEMPOTENCY_KEY_REUSED");
});

for (
  const [what, other] of [
    ["through another device", { device: aDevice({ id: "device_2" }) }],
    ["as an answer to another message", { quotedId: "3EB0QUOTED" }],
    ["with other mentions", { mentions: ["628111111111"] }],
  ] as const
) {
  Deno.test(`sendMessage refuses a key that was used for the same text (${what})`, async () => {
    const quoted = aMessage({ waMessageId: "3EB0QUOTED", status: "sent", deviceId: "device_1" });
    const { send, line } = setUp([quoted]);
    await send({ idempotencyKey: "order-10" });

    const error = await assertRejects(() => send({ idempotencyKey: "order-10", ...other }), RefusedError);

    assertEquals(error.code, "IDEMPOTENCY_KEY_REUSED");
    assertEquals(line.sent.length, 1);
  });
}

Deno.test("sendMessage brings a file once for one idempotency key, and refuses the key with another URL", async () => {
  const { send, brought } = setUp();
  const image = (url: string): Partial<SendRequest> => ({
    idempotencyKey: "file-1",
    content: { kind: "image", file: { from: "url", url, field: "media_url" } },
  });
  await send(image("https://a.example/a.png"));

  const same = await send(image("https://a.example/a.png"));
  const error = await assertRejects(() => send(image("https://a.example/b.png")), RefusedError);

  assertEquals([same.replayed, error.code], [true, "IDEMPOTENCY_KEY_REUSED"]);
  assertEquals(brought, ["https://a.example/a.png"]);
});

Deno.test("sendMessage takes a key of before fingerprints were kept for the same chat only", async () => {
  const { send } = setUp([aMessage({ idempotencyKey: "old", status: "sent", fingerprint: null })]);

  const same = await send({ idempotencyKey: "old" });
  const error = await assertRejects(
    () => send({ idempotencyKey: "old", to: "628111111111" }),
    RefusedError,
  );

  assertEquals([same.replayed, error.code], [true, "IDEMPOTENCY_KEY_REUSED"]);
});

Deno.test("sendMessage remembers the number that the message is to leave from", async () => {
  const { send, line } = setUp();

  const connected = await send();
  line.up = false;
  const away = await send({ wait: false, device: aDevice({ phoneNumber: "628999" }) });
  const unlinked = await send({ wait: false, device: aDevice({ phoneNumber: null }) });

  const phones = [connected, away, unlinked].map(({ message }) => message.senderPhone);
  assertEquals(phones, [line.phone, "628999", null]);
});

Deno.test("sendMessage makes contact cards with the default country's code", async () => {
  const { send } = setUp([], "60");
  const contacts = [{ displayName: "Ali; Bin", phone: "012-345 6789", organization: "Kedai, 1" }];

  const { message } = await send({ content: { kind: "contact", contacts } });

  const vcard = [
    "BEGIN:VCARD",
    "VERSION:3.0",
    "FN:Ali\\; Bin",
    "ORG:Kedai\\, 1",
    "TEL;type=CELL;type=VOICE;waid=60123456789:+60123456789",
    "END:VCARD",
  ].join("\n");
  assertEquals(message.content, { kind: "contact", contacts: [{ displayName: "Ali; Bin", vcard }] });
});

Deno.test("sendMessage names the contact whose number is none", async () => {
  const { send } = setUp();
  const contacts = [{ displayName: "Ali", phone: "628111111111" }, { displayName: "Bo", phone: "nobody" }];

  const error = await assertRejects(() => send({ content: { kind: "contact", contacts } }), InvalidError);

  assertEquals(error.field, "contacts[1].phone");
});

Deno.test("sendMessage refuses when the device is not connected, and stores nothing", async () => {
  const { send, line, messages } = setUp();
  line.up = false;

  await assertRejects(() => send(), DeviceOfflineError);

  assertEquals((await messages.all()).length, 0);
});

Deno.test("sendMessage keeps the message for a device that is not connected (when nobody waits)", async () => {
  const { send, line, outbox } = setUp();
  line.up = false;

  const { message } = await send({ wait: false });
  line.up = true;
  const decided = outbox.outcome(message.id, 60_000);
  outbox.wake("device_1");

  assertEquals(message.status, "queued");
  assertEquals((await decided)?.status, "sent");
});

Deno.test("sendMessage tells that a number is not on WhatsApp", async () => {
  const { send, line } = setUp();
  line.answer = () => NOT_ON_WHATSAPP;

  const error = await assertRejects(() => send(), RefusedError, "628123456789");

  assertEquals(error.code, "NOT_ON_WHATSAPP");
});

Deno.test("sendMessage tells why WhatsApp refused", async () => {
  const { send, line } = setUp();
  line.answer = () => ({ ok: false, code: 463, message: "locked (463)", retryable: false });

  const error = await assertRejects(() => send(), RefusedError, "locked (463)");

  assertEquals(error.code, "SEND_FAILED");
  assertEquals(error.details?.reason, { code: 463, message: "locked (463)" });
});

Deno.test("sendMessage refuses a number that is none", async () => {
  const { send } = setUp();

  const error = await assertRejects(() => send({ to: "hello" }), RefusedError);

  assertEquals([error.code, error.details?.field], ["INVALID_RECIPIENT", "to"]);
});

Deno.test("sendMessage refuses to answer a message that is not known", async () => {
  const { send } = setUp();

  const error = await assertRejects(() => send({ quotedId: "3EB0NONE" }), RefusedError);

  assertEquals(error.code, "QUOTED_MESSAGE_NOT_FOUND");
});

Deno.test("sendMessage quotes a message of ours by our own id", async () => {
  const before = aMessage({ status: "sent" });
  const { send, line } = setUp([before]);

  await send({ quotedId: before.id });

  assertEquals(line.sent[0].quotedId, before.waMessageId ?? undefined);
});

Deno.test("sendMessage refuses a line that another system runs", async () => {
  const { send } = setUp();

  const error = await assertRejects(() => send({ device: aDevice({ kind: "external" }) }), RefusedError);

  assertEquals(error.code, "DEVICE_CANNOT_SEND");
});
