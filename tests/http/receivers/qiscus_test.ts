import { createHmac } from "node:crypto";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { qiscusBody } from "../../support/inbound_bodies.ts";
import { setUpReceiving } from "../../support/receiving.ts";

const RECEIVED = { success: true, message: "Webhook received" };

function status(id: string, word: string, other: Record<string, unknown> = {}) {
  return { type: "message_status", payload: { message_id: id, status: word, ...other } };
}

function sign(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

Deno.test("qiscus receiver answers a documented status", async () => {
  await using server = await setUpReceiving();

  const answer = await server.post(
    "/webhooks/qiscus",
    status("test-message-123", "sent", { from: "6281234567890" }),
  );

  assertEquals(answer, { status: 200, json: RECEIVED });
});

Deno.test("qiscus receiver answers what it cannot read with 200 and a line in the log", async () => {
  await using server = await setUpReceiving();

  const answers = [];
  for (const body of ["{}", '{"type":"zzz"}', '{"type":"message_status"}', "not json", "", "[1,2", "null"]) {
    answers.push(await server.post("/webhooks/qiscus", body));
  }

  assertEquals(answers, answers.map(() => ({ status: 200, json: RECEIVED })));
  const lines = await server.store.systemLog.list({}, { limit: 10 });
  assertEquals(lines.length, 7);
  assertEquals(lines.filter(({ level }) => level === "warn").length, 7);
});

Deno.test("qiscus receiver tells that it is there", async () => {
  await using server = await setUpReceiving();

  const answers = await Promise.all(["/webhooks/qiscus", "/webhooks/test", "/webhooks"].map(server.get));

  assertEquals(answers.map(({ status, json }) => [status, json.success]), [[200, true], [200, true], [
    200,
    true,
  ]]);
});

Deno.test("qiscus receiver takes a message to sent and leaves it there", async () => {
  await using server = await setUpReceiving();
  const message = await server.accepted("wamid.A");

  const seen = [];
  for (const word of ["sent", "delivered", "read", "played"]) {
    await server.post("/webhooks/qiscus", status("wamid.A", word));
    const row = await server.store.messages.get(message.id);
    seen.push([row?.status, row?.receipt]);
  }

  assertEquals(seen, [["sent", null], ["sent", "delivered"], ["sent", "read"], ["sent", "played"]]);
});

Deno.test("qiscus receiver writes down why a message failed", async () => {
  await using server = await setUpReceiving();
  const plain = await server.accepted("wamid.B");
  const told = await server.accepted("wamid.C");

  await server.post("/webhooks/qiscus", status("wamid.B", "failed"));
  await server.post("/webhooks/qiscus", status("wamid.C", "failed", { error: "Invalid phone number" }));

  const rows = await Promise.all([plain, told].map(({ id }) => server.store.messages.get(id)));
  assertEquals(rows.map((row) => [row?.status, row?.error?.message]), [
    ["failed", "Delivery failed"],
    ["failed", "Invalid phone number"],
  ]);
});

Deno.test("qiscus receiver lets a failure win that comes with a time of another year", async () => {
  await using server = await setUpReceiving();
  const message = await server.accepted("wamid.A");
  await server.post("/webhooks/qiscus", status("wamid.A", "sent", { timestamp: "2025-11-01T10:00:00Z" }));

  await server.post("/webhooks/qiscus", {
    statuses: [{ id: "wamid.A", status: "failed", timestamp: "1730455200", recipient_id: "62812" }],
  });

  assertEquals((await server.store.messages.get(message.id))?.status, "failed");
});

Deno.test("qiscus receiver orders racing reports by their own times", async () => {
  await using server = await setUpReceiving();
  const message = await server.accepted("wamid.A");
  await server.post("/webhooks/qiscus", status("wamid.A", "failed", { timestamp: "2025-11-01T10:00:05Z" }));

  const seen = [];
  for (const timestamp of ["2025-11-01T10:00:01Z", "2025-11-01T10:00:09Z"]) {
    await server.post("/webhooks/qiscus", status("wamid.A", "sent", { timestamp }));
    seen.push((await server.store.messages.get(message.id))?.status);
  }

  assertEquals(seen, ["failed", "sent"]);
});

Deno.test("qiscus receiver publishes each step of a message once, under our id", async () => {
  await using server = await setUpReceiving();
  const message = await server.accepted("wamid.A");

  for (const word of ["sent", "sent", "delivered", "delivered", "read", "delivered"]) {
    await server.post("/webhooks/qiscus", status("wamid.A", word, { recipient_id: "628123456789" }));
  }

  const events = await server.events();
  assertEquals(
    events.map((event) => event.type === "message.status" && [event.data.messageId, event.data.status]),
    [[message.id, "sent"], [message.id, "delivered"], [message.id, "read"]],
  );
  assertEquals(events[0].device?.alias, "4711");
});

Deno.test("qiscus receiver publishes a reply once, through one device", async () => {
  await using server = await setUpReceiving();
  const reply = {
    type: "incoming_message",
    payload: { from: "6281234567890", id: "wamid.x", type: "text", message: { text: "hi", type: "text" } },
  };

  const answers = [
    await server.post("/webhooks/qiscus", reply),
    await server.post("/webhooks/qiscus", reply),
  ];

  assertEquals(answers.map(({ status }) => status), [200, 200]);
  assertEquals((await server.events()).map(({ type }) => type), ["message.received"]);
  const devices = await server.store.devices.list({ kind: "qiscus" });
  assertEquals(devices.map(({ tenantId, alias }) => [tenantId, alias]), [["tenant_default", "4711"]]);
});

Deno.test("qiscus receiver keeps a status that is ahead of our own answer, and applies it", async () => {
  await using server = await setUpReceiving({ isSending: () => true });
  await server.post("/webhooks/qiscus", status("wamid.A", "sent", { recipient_id: "628123456789" }));
  await server.post("/webhooks/qiscus", status("wamid.A", "delivered", { recipient_id: "628123456789" }));
  const message = await server.accepted("wamid.none", { waMessageId: null });

  await server.statuses.accepted(message, "wamid.A", 1);

  const row = await server.store.messages.get(message.id);
  assertEquals([row?.status, row?.receipt, row?.waMessageId], ["sent", "delivered", "wamid.A"]);
  const told = server.published.map((draft) =>
    draft.type === "message.status" ? [draft.data.messageId, draft.data.status] : draft.type
  );
  assertEquals(told, ["message.sent", [message.id, "sent"], [message.id, "delivered"]]);
});

Deno.test("qiscus receiver applies a status that came while the id was being written down", async () => {
  await using server = await setUpReceiving({ isSending: () => true });
  const message = await server.accepted("wamid.none", { waMessageId: null });

  await Promise.all([
    server.post("/webhooks/qiscus", status("wamid.A", "sent", { recipient_id: "628123456789" })),
    server.statuses.accepted(message, "wamid.A", 1),
    server.post("/webhooks/qiscus", status("wamid.A", "read", { recipient_id: "628123456789" })),
  ]);

  const row = await server.store.messages.get(message.id);
  assertEquals([row?.status, row?.receipt], ["sent", "read"]);
});

Deno.test("qiscus receiver tells of messages that did not go out through the gateway", async () => {
  await using server = await setUpReceiving();

  await server.post("/webhooks/qiscus", status("wamid.Z", "sent", { recipient_id: "628123456789" }));

  const [event] = await server.events();
  assertEquals(event.type === "message.status" && [event.data.messageId, event.data.waMessageId], [
    null,
    "wamid.Z",
  ]);
});

Deno.test("qiscus receiver tells of a group's message in the group", async () => {
  await using server = await setUpReceiving();
  const group = "120363025246125486@g.us";

  await server.post("/webhooks/qiscus", status("wamid.Z", "sent", { recipient_id: group }));

  const [event] = await server.events();
  assertEquals(event.type === "message.status" && event.data.chat, { kind: "group", jid: group });
});

Deno.test("qiscus receiver tells of a held status that nobody claims", async () => {
  let at = 1_762_000_000_000;
  await using server = await setUpReceiving({ isSending: () => true, now: () => at });
  await server.post("/webhooks/qiscus", status("wamid.Z", "sent", { recipient_id: "628123456789" }));
  const before = (await server.events()).length;

  at += 31_000;
  await server.statuses.sweep();

  assertEquals([before, (await server.events()).length], [0, 1]);
});

Deno.test("qiscus receiver forgets a status that nobody claims for a day", async () => {
  let at = 1_762_000_000_000;
  await using server = await setUpReceiving({ now: () => at });
  await server.post("/webhooks/qiscus", status("wamid.Z", "sent"));

  at += 24 * 3_600_000 + 1;
  await server.statuses.sweep();

  assertEquals(await server.store.earlyStatuses.of("wamid.Z"), []);
});

Deno.test("qiscus receiver takes a status as proof that an unconfirmed message left", async () => {
  const known: { message?: Parameters<typeof Object>[0] } = {};
  await using server = await setUpReceiving({
    unconfirmedTo: (to) => to === "628123456789" ? known.message : undefined,
  });
  const message = await server.accepted("wamid.none", { waMessageId: null });
  known.message = message;

  await server.post("/webhooks/qiscus", status("wamid.A", "sent", { recipient_id: "628123456789" }));

  const row = await server.store.messages.get(message.id);
  assertEquals([row?.status, row?.waMessageId], ["sent", "wamid.A"]);
});

Deno.test("qiscus receiver leaves a line with the word webhook, and no text, for each request", async () => {
  await using server = await setUpReceiving();
  const message = { text: "a secret text", type: "text" };

  await server.post("/webhooks/qiscus", {
    type: "incoming_message",
    payload: { from: "62812345678", id: "wamid.x", type: "text", message },
  });

  const [line] = await server.store.systemLog.list({ level: "info" }, { limit: 1 });
  assert(line.message.includes("webhook"));
  assert(!JSON.stringify(line).includes("a secret text"));
});

Deno.test("qiscus receiver takes the signature of the body as sent, or as serialised again", async () => {
  await using server = await setUpReceiving({ secret: "s" });
  const compact = JSON.stringify(status("w", "sent"));
  const spaced = JSON.stringify(status("w", "sent"), null, 2);

  const answers = [
    await server.post("/webhooks/qiscus", compact, { headers: { "X-Qiscus-Signature": sign("s", compact) } }),
    await server.post("/webhooks/qiscus", spaced, { headers: { "X-Qiscus-Signature": sign("s", spaced) } }),
    await server.post("/webhooks/qiscus", spaced, { headers: { "X-Qiscus-Signature": sign("s", compact) } }),
  ];

  assertEquals(answers.map(({ status }) => status), [200, 200, 200]);
});

Deno.test("qiscus receiver refuses a wrong signature and changes nothing", async () => {
  await using server = await setUpReceiving({ secret: "s" });
  const message = await server.accepted("wamid.A");
  const body = JSON.stringify(status("wamid.A", "failed"));

  const answers = [];
  for (const signature of [sign("other", body), "zzz", "", `${sign("s", body)}0`]) {
    answers.push(
      await server.post("/webhooks/qiscus", body, { headers: { "X-Qiscus-Signature": signature } }),
    );
  }

  assertEquals(
    answers,
    answers.map(() => ({ status: 401, json: { success: false, message: "Invalid signature" } })),
  );
  assertEquals((await server.store.messages.get(message.id))?.status, "processing");
});

Deno.test("qiscus receiver takes what is not signed, and any signature without a secret", async () => {
  await using signed = await setUpReceiving({ secret: "s" });
  await using open = await setUpReceiving();

  const answers = [
    await signed.post("/webhooks/qiscus", status("w", "sent")),
    await open.post("/webhooks/qiscus", status("w", "sent"), {
      headers: { "X-Qiscus-Signature": "garbage" },
    }),
  ];

  assertEquals(answers.map(({ status }) => status), [200, 200]);
});

Deno.test("qiscus receiver takes only the addresses that are allowed", async () => {
  await using server = await setUpReceiving({
    allowedIps: ["10.1.0.0/16", "1.2.3.4"],
    trustProxy: ["127.0.0.1"],
  });
  const from = (address: string, via?: string) =>
    server.post("/webhooks/qiscus", status("w", "sent"), {
      from: address,
      headers: via === undefined ? {} : { "X-Forwarded-For": via },
    });

  const answers = [
    await from("10.1.2.3"),
    await from("1.2.3.4"),
    await from("1.2.3.5"),
    await from("127.0.0.1", "1.2.3.4"),
    await from("9.9.9.9", "1.2.3.4"),
  ];

  assertEquals(answers.map(({ status }) => status), [200, 200, 403, 200, 403]);
  assertEquals(answers[2].json, { success: false, message: "Forbidden" });
});

Deno.test("qiscus receiver bounds requests only when it is told to", async () => {
  await using bounded = await setUpReceiving({ perMinute: 2 });
  await using free = await setUpReceiving();
  const ask = (server: typeof free) => server.post("/webhooks/qiscus", status("w", "sent"));

  const few = [await ask(bounded), await ask(bounded), await ask(bounded)];
  const many = await Promise.all(Array.from({ length: 1_200 }, () => ask(free)));

  assertEquals(few.map(({ status }) => status), [200, 200, 429]);
  assertEquals(new Set(many.map(({ status }) => status)), new Set([200]));
});

Deno.test("qiscus receiver takes sixty tests a minute from one address", async () => {
  await using server = await setUpReceiving();

  const statuses: number[] = [];
  for (let i = 0; i < 62; i++) statuses.push((await server.post("/webhooks/test", { test: i })).status);

  assertEquals(statuses, [...Array.from({ length: 60 }, () => 200), 429, 429]);
});

Deno.test("qiscus receiver refuses a body over five megabytes", async () => {
  await using server = await setUpReceiving();

  const answer = await server.post("/webhooks/qiscus", JSON.stringify({ x: "y".repeat(5 * 1_048_576) }));

  assertEquals([answer.status, answer.json.success], [413, false]);
});

Deno.test("qiscus receiver echoes a test and changes nothing", async () => {
  await using server = await setUpReceiving();
  const sent = { type: "message_status", payload: { message_id: "test-123", status: "sent" } };

  const answer = await server.post("/webhooks/test", sent);
  const broken = await server.post("/webhooks/test", "{");

  assertEquals([answer.status, answer.json.success, answer.json.message, answer.json.received], [
    200,
    true,
    "Webhook test successful",
    sent,
  ]);
  assertEquals(broken.status, 400);
  assertEquals(await server.store.earlyStatuses.of("test-123"), []);
});

Deno.test("qiscus receiver answers any body with 200", async () => {
  await using server = await setUpReceiving();

  await fc.assert(
    fc.asyncProperty(qiscusBody(), async (body) => {
      const { status } = await server.post("/webhooks/qiscus", JSON.stringify(body) ?? "");

      assertEquals(status, 200);
    }),
    { numRuns: 50 },
  );
});
