import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { setUpBlasting, type TestBlasting } from "../../support/blasting.ts";
import { mockQiscus } from "../../support/qiscus.ts";

const KEY = { "Idempotency-Key": "order-4711" };
const BLAST = {
  channels: ["whatsapp"],
  message: "Halo {{name}}",
  recipients: [{ name: "Sari", phone: "6281234567890" }, { name: "Sari", phone: "081234567890" }],
};
const PATH = "/api/messages/blast";

function post(server: TestBlasting, body: unknown = BLAST, headers: Record<string, string> = KEY) {
  return server.ask("POST", PATH, body, headers);
}

Deno.test("blast with an idempotency key answers the same again, and sends nothing again", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const first = await post(server);
  await server.reaches(first.json.blast_id, "completed");

  const { recipients, ...rest } = BLAST;
  const second = await post(server, { recipients, ...rest });

  assertEquals([second.status, second.json], [200, first.json]);
  assertEquals([first, second].map(({ headers }) => headers.get("Idempotency-Replayed")), [null, "true"]);
  assertEquals((first.json.duplicateRecipients as string[]).length, 1);
  assertEquals((await server.ask("GET", PATH)).json.count, 1);
  assertEquals(qiscus.sends.length, 1);
});

Deno.test("blast with an idempotency key is taken once of many requests at once", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const recipients = Array.from({ length: 400 }, (_, index) => String(6_281_200_000_000 + index));
  const body = { ...BLAST, message: "Halo", recipients };

  const answers = await Promise.all(Array.from({ length: 8 }, () => post(server, body)));

  assertEquals(answers.map(({ status, json }) => [status, json]), answers.map(() => [200, answers[0].json]));
  assertEquals(answers.filter(({ headers }) => headers.get("Idempotency-Replayed") === null).length, 1);
  await server.reaches(answers[0].json.blast_id, "completed");
  assertEquals((await server.ask("GET", PATH)).json.count, 1);
  assertEquals(qiscus.sends.length, 400);
});

Deno.test("blast with an idempotency key answers the same after a restart, whatever has changed since", async () => {
  await using qiscus = await mockQiscus();
  const folder = await Deno.makeTempDir();
  const template = { id: "open", name: "Open", body: "Halo {{name}}" };
  const body = { ...BLAST, message: undefined, templateId: "open" };
  const before = await setUpBlasting({ qiscus, folder });
  await before.ask("POST", "/api/templates", template);
  const first = await post(before, body);
  await before.reaches(first.json.blast_id, "completed");
  await before.ask("DELETE", "/api/templates/open");
  await before.stop();

  await using after = await setUpBlasting({ folder });
  const second = await post(after, body);

  assertEquals([second.status, second.json], [200, first.json]);
  assertEquals((second.json.template as { name: string }).name, "Open");
  assertEquals(qiscus.sends.length, 1);
});

const CHANGES: readonly (readonly [string, Record<string, unknown>])[] = [
  ["another text", { message: "Hai {{name}}" }],
  ["one recipient less", { recipients: BLAST.recipients.slice(0, 1) }],
  ["a time", { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() }],
];

for (const [what, change] of CHANGES) {
  Deno.test(`blast is refused under the idempotency key of another one (${what})`, async () => {
    await using qiscus = await mockQiscus();
    await using server = await setUpBlasting({ qiscus });
    const first = await post(server);

    const { status, json } = await post(server, { ...BLAST, ...change });

    assertEquals([status, json.success], [422, false]);
    assertEquals(
      json.message,
      `The idempotency key was used before, for another blast ("${first.json.blast_id}"): use a new key for each blast`,
    );
    assertEquals((await server.ask("GET", PATH)).json.count, 1);
  });
}

Deno.test("blast is taken under the idempotency key of one that was refused", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const refused = await post(server, {
    ...BLAST,
    recipients: [...BLAST.recipients, { phone: "0812999999" }],
  });

  const taken = await post(server);

  assertEquals([refused.status, taken.status], [400, 200]);
  assertEquals(taken.headers.get("Idempotency-Replayed"), null);
});

Deno.test("blasts without an idempotency key, or with others, are blasts of their own", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });

  const answers = [
    await post(server),
    await post(server, BLAST, { "Idempotency-Key": "order-4712" }),
    await post(server, BLAST, {}),
    await post(server, BLAST, {}),
  ];

  assertEquals(new Set(answers.map(({ json }) => json.blast_id)).size, 4);
});

Deno.test("blast refuses an idempotency key that is none", async () => {
  await using server = await setUpBlasting();

  const answers = [
    await post(server, BLAST, { "Idempotency-Key": "" }),
    await post(server, BLAST, { "Idempotency-Key": "k".repeat(256) }),
  ];

  for (const { status, json } of answers) {
    assertEquals(status, 400);
    assertMatch(String(json.message), /Header `Idempotency-Key` must have 1 to 255 characters, got a string/);
  }
});

Deno.test("blast with an idempotency key is forgotten with it", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const first = await post(server);
  await server.reaches(first.json.blast_id, "completed");
  const later = Date.now() + 1_000;
  const [{ id }] = await server.store.messages.list({}, { limit: 1 });
  await server.store.messages.change(id, () => ({ status: "sent" }), later);
  await server.store.messageHistory.pruneAll(later, 10);
  await server.store.blasts.prune(later, 10);

  const second = await post(server);

  assertNotEquals(second.json.blast_id, first.json.blast_id);
});
