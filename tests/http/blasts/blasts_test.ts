import { assert, assertEquals, assertMatch } from "@std/assert";
import { setUpBlasting } from "../../support/blasting.ts";
import { until } from "../../support/until.ts";
import { mockQiscus } from "../../support/qiscus.ts";

const INVOICE = {
  id: "invoicing_testing_v1_2",
  name: "invoicing_testing_v1_2",
  type: "notification",
  channel: "whatsapp",
  qiscusConfig: {
    namespace: "ns-1",
    templateName: "invoicing_testing_v1_2",
    languageCode: "id",
    headerVariables: ["period"],
    bodyVariables: ["name", "period", "invoiceNumber", "amount"],
    buttonVariables: ["invoiceNumber"],
  },
};

function toOne(phone = "6281234567890") {
  return { channels: ["whatsapp"], message: "Halo {{name}}", recipients: [{ name: "Sari", phone }] };
}

Deno.test("blast queues a message and hands it to qiscus", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });

  const answer = await server.ask("POST", "/api/messages/blast", toOne());

  const { status, json } = answer;
  assertEquals([status, json.success, json.totalMessages, json.channels], [200, true, 1, ["whatsapp"]]);
  assertEquals((json.jobIds as string[]).length, 1);
  assertMatch(String(json.blast_id), /^blast_/);
  await server.reaches(json.blast_id, "completed");
  assertEquals(qiscus.sends.map(({ method, path, body }) => [method, path, body]), [
    ["POST", "/whatsapp/v1/app-1/4711/messages", {
      to: "6281234567890",
      type: "text",
      text: { body: "Halo Sari" },
    }],
  ]);
});

Deno.test("blast sends a template as qiscus wants it", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  await server.ask("POST", "/api/templates", INVOICE);

  const { json } = await server.ask("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    templateId: "invoicing_testing_v1_2",
    globalVariables: { period: "September", amount: 2500 },
    recipients: [{
      name: "Sari",
      phone: "+6281234567890",
      variables: { invoiceNumber: "INV-1", name: "ignored" },
    }],
  });

  await server.reaches(json.blast_id, "completed");
  assertEquals(json.template, {
    id: "invoicing_testing_v1_2",
    name: "invoicing_testing_v1_2",
    qiscusEnabled: true,
  });
  const text = (value: string) => ({ type: "text", text: value });
  const [{ body, headers }] = qiscus.sends;
  assertEquals(body, {
    to: "6281234567890",
    type: "template",
    template: {
      namespace: "ns-1",
      name: "invoicing_testing_v1_2",
      language: { policy: "deterministic", code: "id" },
      components: [
        { type: "header", parameters: [text("September")] },
        { type: "body", parameters: [text("Sari"), text("September"), text("INV-1"), text("2500")] },
        { type: "button", sub_type: "url", index: "0", parameters: [text("INV-1")] },
      ],
    },
  });
  assertEquals([headers["qiscus-app-id"], headers["qiscus-secret-key"]], ["app-1", "key-1"]);
});

Deno.test("blast normalises numbers for qiscus and keeps them as given in the log", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const phones = ["+6281234567890", "081234567891", "62 812-3456-7892"];

  const { json } = await server.ask("POST", "/api/messages/blast", {
    ...toOne(),
    recipients: phones.map((phone) => ({ name: "S", phone })),
  });

  await server.reaches(json.blast_id, "completed");
  assertEquals([...qiscus.counts.keys()].toSorted(), ["6281234567890", "6281234567891", "6281234567892"]);
  const rows = await server.store.messages.list({}, { limit: 10 });
  assertEquals(rows.map(({ recipientPhone }) => recipientPhone).toSorted(), phones.toSorted());
});

Deno.test("blast shows a message without an id until qiscus names it, then as processing until it is sent", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const held = Promise.withResolvers<string>();
  qiscus.answer = () => held.promise;
  const row = async () => {
    const { json } = await server.ask("GET", "/api/logs/messages?limit=10");
    const [{ status, message_id }] = json.logs as { status: string; message_id: string | null }[];
    return [status, message_id];
  };

  await server.ask("POST", "/api/messages/blast", toOne());
  await until(() => qiscus.sends.length === 1, "qiscus has the message");
  const before = await row();
  held.resolve("wamid.A");
  await until(async () => (await row())[1] !== null, "the id is written down");
  const accepted = await row();
  await server.ask("POST", "/webhooks/qiscus", {
    type: "message_status",
    payload: { message_id: "wamid.A", status: "sent" },
  });

  assertEquals([before, accepted, await row()], [["processing", null], ["processing", "wamid.A"], [
    "sent",
    "wamid.A",
  ]]);
});

Deno.test("blast applies a status that beats the answer", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  qiscus.answer = async ({ body }) => {
    const payload = { message_id: "wamid.A", status: "delivered", recipient_id: body.to };
    await server.ask("POST", "/webhooks/qiscus", { type: "message_status", payload });
    return "wamid.A";
  };

  const { json } = await server.ask("POST", "/api/messages/blast", toOne());

  await server.reaches(json.blast_id, "completed");
  const row = await server.store.messages.get((json.jobIds as string[])[0]);
  assertEquals([row?.status, row?.receipt], ["sent", "delivered"]);
  const told = server.published.map((draft) =>
    draft.type === "message.status" ? [draft.data.messageId, draft.data.status] : draft.type
  );
  assertEquals(told, ["message.sent", [row?.id ?? "", "delivered"]]);
});

Deno.test("blast tries three times while qiscus refuses, then the message has failed", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  qiscus.answer = () => ({ status: 500, body: { message: "Internal trouble" } });

  const { json } = await server.ask("POST", "/api/messages/blast", toOne());

  const blast = await server.reaches(json.blast_id, "completed");
  assertEquals(qiscus.sends.length, 3);
  assertEquals(blast.failures, [{ reason: "Internal trouble", count: 1 }]);
  const [draft] = server.published;
  assertEquals(
    draft.type === "message.status" && [draft.data.status, draft.data.attempts, draft.data.reason?.message],
    [
      "failed",
      3,
      "Internal trouble",
    ],
  );
});

Deno.test("blast goes on when qiscus refuses once", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  qiscus.answer = (_, index) => index < 2 ? { status: 503 } : "wamid.A";

  const { json } = await server.ask("POST", "/api/messages/blast", toOne());

  await server.reaches(json.blast_id, "completed");
  const row = await server.store.messages.get((json.jobIds as string[])[0]);
  assertEquals([qiscus.sends.length, row?.waMessageId, row?.attempts], [3, "wamid.A", 3]);
});

Deno.test("blast never sends again what may have arrived", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  qiscus.answer = () => "reset";

  const { json } = await server.ask("POST", "/api/messages/blast", toOne());

  const blast = await server.reaches(json.blast_id, "completed");
  const row = await server.store.messages.get((json.jobIds as string[])[0]);
  assertEquals([qiscus.sends.length, row?.status, row?.waMessageId], [1, "processing", null]);
  assertMatch(row?.error?.message ?? "", /may have been sent/);
  assertEquals((blast.counts as { unconfirmed: number }).unconfirmed, 1);
});

Deno.test("blast learns from a status that an unconfirmed message arrived", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  qiscus.answer = () => "reset";
  const { json } = await server.ask("POST", "/api/messages/blast", toOne());
  await server.reaches(json.blast_id, "completed");

  await server.ask("POST", "/webhooks/qiscus", {
    statuses: [{ id: "wamid.A", status: "sent", timestamp: "1730455200", recipient_id: "6281234567890" }],
  });

  const row = await server.store.messages.get((json.jobIds as string[])[0]);
  assertEquals([row?.status, row?.waMessageId, row?.error], ["sent", "wamid.A", null]);
});

Deno.test("blast pauses itself when qiscus cannot be reached", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus, env: { QISCUS_BASE_URL: "http://127.0.0.1:9" } });
  const recipients = Array.from(
    { length: 40 },
    (_, index) => ({ name: "S", phone: String(6281200000000 + index) }),
  );

  const { json } = await server.ask("POST", "/api/messages/blast", { ...toOne(), recipients });

  const blast = await server.reaches(json.blast_id, "paused");
  assertMatch(String(blast.reason), /Qiscus takes no messages: Cannot reach Qiscus/);
  const { failed, queued } = blast.counts as { failed: number; queued: number };
  assert(failed >= 10 && queued > 0, `${failed} failed, ${queued} queued`);
});

for (
  const [what, answer, reason] of [
    ["answers 429 to", { status: 429 }, /^Qiscus takes no messages: Qiscus answered 429$/],
    ["answers 503 to", { status: 503 }, /^Qiscus takes no messages: Qiscus answered 503$/],
    ["takes, but does not confirm,", "reset", /^Qiscus takes no messages: Cannot reach Qiscus/],
  ] as const
) {
  Deno.test(`blast pauses itself when qiscus ${what} every message`, async () => {
    await using qiscus = await mockQiscus();
    await using server = await setUpBlasting({ qiscus });
    qiscus.answer = () => answer;
    const recipients = Array.from({ length: 40 }, (_, index) => String(6281200000000 + index));
    const body = { ...toOne(), message: "x", recipients };

    const { json } = await server.ask("POST", "/api/messages/blast", body);

    const blast = await server.reaches(json.blast_id, "paused");
    assertMatch(String(blast.reason), reason);
    const { failed, unconfirmed, queued } = blast.counts as Record<string, number>;
    assert(failed + unconfirmed >= 10 && queued > 0, JSON.stringify(blast.counts));
  });
}

Deno.test("blast is refused without qiscus and without a device, and says what is missing", async () => {
  await using server = await setUpBlasting();

  const { status, json } = await server.ask("POST", "/api/messages/blast", toOne());

  assertEquals([status, json.success], [409, false]);
  assertMatch(String(json.message), /QISCUS_BASE_URL.*QISCUS_SIMULATE/);
  assertEquals(await server.store.messages.list({}, { limit: 1 }), []);
});

Deno.test("blast goes through a qiscus that is made up when it is told to", async () => {
  await using server = await setUpBlasting({ env: { QISCUS_SIMULATE: "true" } });

  const { json } = await server.ask("POST", "/api/messages/blast", toOne());

  await server.reaches(json.blast_id, "completed");
  const id = (json.jobIds as string[])[0];
  await until(async () => (await server.store.messages.get(id))?.status === "sent", "it is reported as sent");
});

const REFUSED: readonly (readonly [string, unknown, number, RegExp])[] = [
  ["no recipients", { channels: ["whatsapp"], message: "x" }, 400, /`recipients` is required/],
  ["an empty list", { channels: ["whatsapp"], message: "x", recipients: [] }, 400, /at least one/],
  ["recipients that are no list", { channels: ["whatsapp"], message: "x", recipients: 7 }, 400, /recipients/],
  ["no channels", { message: "x", recipients: ["62812345678"] }, 400, /`channels` is required/],
  ["another channel", { ...toOne(), channels: ["email"] }, 400, /`email` is not supported.*whatsapp/],
  [
    "nothing to say",
    { channels: ["whatsapp"], recipients: ["62812345678"] },
    400,
    /`templateId` is required/,
  ],
  ["an unknown template", { ...toOne(), message: undefined, templateId: "zzz" }, 404, /'zzz' not found/],
  ["a bad number", toOne("abc"), 400, /recipients\[0\]\.phone/],
  [
    "a missing variable",
    { ...toOne(), message: "{{code}}" },
    400,
    /Recipient 1 of the list lacks variable `code`/,
  ],
  ["a mistyped field", { ...toOne(), recipient: [] }, 400, /did you mean/],
  ["an unknown device", { ...toOne(), device: "device_x" }, 404, /device_x/],
  ["a broken body", '{"recipients": [', 400, /JSON/],
  ["no object", "[]", 400, /JSON object/],
  [
    "a gap that ends before it begins",
    { ...toOne(), pace: { minGapSeconds: 9, maxGapSeconds: 1 } },
    400,
    /minGap/,
  ],
  [
    "a time zone that is none",
    { ...toOne(), window: { from: "08:00", to: "17:00", timeZone: "Mars" } },
    400,
    /zone/,
  ],
];

for (const [what, body, expected, message] of REFUSED) {
  Deno.test(`blast is refused whole, with the reason (${what})`, async () => {
    await using qiscus = await mockQiscus();
    await using server = await setUpBlasting({ qiscus });

    const { status, json } = await server.ask("POST", "/api/messages/blast", body);

    assertEquals([status, json.success], [expected, false]);
    assertMatch(String(json.message), message);
    assertEquals(await server.store.messages.list({}, { limit: 1 }), []);
    assertEquals((await server.ask("GET", "/api/messages/blast")).json.count, 0);
  });
}

Deno.test("blast queues nothing when the last recipient of many lacks a variable", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const recipients: unknown[] = Array.from(
    { length: 1_200 },
    (_, index) => ({ name: "S", phone: `62812${10_000 + index}` }),
  );
  recipients.push({ phone: "6281299999" });

  const { status, json } = await server.ask("POST", "/api/messages/blast", { ...toOne(), recipients });

  assertEquals(status, 400);
  assertMatch(String(json.message), /Recipient 1201 .*`name`/);
  assertEquals(await server.store.messages.list({}, { limit: 1 }), []);
  assertEquals(qiscus.sends.length, 0);
});

Deno.test("blast sends once to a number that is in the list twice, and says so", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const recipients = ["6281234567890", "+62 812 3456 7890", "081234567890", "6281234567891"];

  const { json } = await server.ask("POST", "/api/messages/blast", { ...toOne(), message: "x", recipients });

  await server.reaches(json.blast_id, "completed");
  assertEquals([json.totalMessages, json.duplicates, json.duplicateRecipients], [2, 2, [
    "+62 812 3456 7890",
    "081234567890",
  ]]);
  assertEquals([...qiscus.counts.values()], [1, 1]);
});

Deno.test("blast sends once to a person who is in the list under both addresses", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  await server.addDevice("device_2");
  const [known, unknown] = ["8628000000001@lid", "8628000000002@lid"];
  await server.store.credentials.setKeys("device_2", [
    { type: "lid-mapping", id: "8628000000001_reverse", value: JSON.stringify("6281234567890") },
  ]);
  const recipients = [known, "6281234567890", unknown, known];

  const { json } = await server.ask("POST", "/api/messages/blast", {
    ...toOne(),
    message: "x",
    recipients,
    devices: ["device_1", "device_2"],
  });

  const progress = await server.reaches(json.blast_id, "completed");
  const sent = [...line.sent, ...server.lines.get("device_2")!.sent].map(({ to }) => to);
  assertEquals([json.totalMessages, json.duplicates, json.duplicateRecipients], [2, 2, [
    "6281234567890",
    known,
  ]]);
  assertEquals(sent.toSorted(), ["6281234567890@s.whatsapp.net", unknown].toSorted());
  assertEquals(progress.status, "completed");
});

Deno.test("blast can be paused, resumed and cancelled", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus, env: { BLAST_QISCUS_PER_SECOND: "50" } });
  const recipients = Array.from({ length: 60 }, (_, index) => `62812345${1_000 + index}`);
  const { json } = await server.ask("POST", "/api/messages/blast", { ...toOne(), message: "x", recipients });
  const act = (verb: string) => server.ask("POST", `/api/messages/blast/${json.blast_id}/${verb}`);
  await until(() => qiscus.sends.length > 3, "it sends");

  const paused = await act("pause");
  const inHand = async () => {
    const { json: { blast } } = await server.ask("GET", `/api/messages/blast/${json.blast_id}`);
    return (blast as { counts: { unconfirmed: number } }).counts.unconfirmed;
  };
  await until(async () => await inHand() === 0, "what was in hand is out, or back");
  const whenPaused = qiscus.sends.length;
  const other = await server.ask("POST", "/api/messages/blast", { ...toOne(), message: "y" });
  await server.reaches(other.json.blast_id, "completed"); // the same lane had time for others
  const later = qiscus.sends.length;
  const resumed = await act("resume");
  await until(() => qiscus.sends.length > later + 3, "it sends again");
  const cancelled = await act("cancel");
  const again = await act("resume");

  const statuses = [paused, resumed, cancelled].map(({ json }) => (json.blast as { status: string }).status);
  assertEquals(statuses, ["paused", "running", "cancelled"]);
  assertEquals(later, whenPaused + 1);
  assertEquals(again.status, 409);
  const { counts } = cancelled.json.blast as { counts: { queued: number; failed: number } };
  assert(counts.queued === 0 && counts.failed > 0);
  assert([...qiscus.counts.values()].every((count) => count === 1));
});

Deno.test("blast is nobody's but its tenant's", async () => {
  await using server = await setUpBlasting();

  const answers = await Promise.all(
    ["blast_x", "blast_x/pause"].map((path, index) =>
      server.ask(index === 0 ? "GET" : "POST", `/api/messages/blast/${path}`)
    ),
  );

  assertEquals(answers.map(({ status }) => status), [404, 404]);
});

Deno.test("blast takes ten thousand recipients", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus, env: { BLAST_QISCUS_PER_SECOND: "1" } });
  const recipients = Array.from(
    { length: 10_000 },
    (_, index) => ({ name: "S", phone: String(6281200000000 + index) }),
  );
  const body = JSON.stringify({ ...toOne(), recipients });

  const { status, json } = await server.ask("POST", "/api/messages/blast", body);

  assertEquals([status, json.totalMessages, (json.jobIds as string[]).length], [200, 10_000, 10_000]);
});
