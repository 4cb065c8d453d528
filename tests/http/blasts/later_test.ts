import { assert, assertEquals, assertMatch } from "@std/assert";
import { setUpBlasting, type TestBlasting } from "../../support/blasting.ts";
import { mockQiscus } from "../../support/qiscus.ts";
import { clockAt, createManualClock } from "../../support/manual_clock.ts";

const PATH = "/api/messages/blast";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function at(ms: number): string {
  return new Date(ms).toISOString();
}

function post(server: TestBlasting, scheduledAt: unknown, more: Record<string, unknown> = {}) {
  const recipients = [{ name: "Sari", phone: "6281234567890" }];
  return server.ask("POST", PATH, {
    channels: ["whatsapp"],
    message: "Halo {{name}}",
    recipients,
    scheduledAt,
    ...more,
  });
}

Deno.test("blast begins when it is told to, and is seen until then", async () => {
  await using qiscus = await mockQiscus();
  const clock = createManualClock(Date.now());
  await using server = await setUpBlasting({ qiscus, clock });
  const time = clock.now() + 3_000;

  const { status, json } = await post(server, at(time));
  const one = (await server.ask("GET", `${PATH}/${json.blast_id}`)).json.blast as Record<string, unknown>;
  const [listed] = (await server.ask("GET", PATH)).json.blasts as Record<string, unknown>[];
  const rows = await server.store.messages.list({}, { limit: 5 });
  const early = qiscus.sends.length;

  assertEquals([status, json.message, json.scheduledAt, json.totalMessages], [
    200,
    "Message blast scheduled successfully",
    at(time),
    1,
  ]);
  for (const blast of [one, listed]) {
    assertEquals([blast.status, blast.scheduledAt, blast.startedAt, blast.total], [
      "scheduled",
      at(time),
      null,
      1,
    ]);
  }
  assertEquals([one.percent, (one.counts as { queued: number }).queued], [0, 1]);
  assertEquals([rows.map((row) => row.status), early], [["queued"], 0]);
  await clock.until(() => qiscus.sends.length > 0, "it begins");
  const done = await server.reaches(json.blast_id, "completed");
  assert(Date.parse(String(done.startedAt)) >= time, `began at ${done.startedAt}`);
  assertEquals(qiscus.sends.length, 1);
});

Deno.test("blast begins at the next start when nothing ran at its time", async () => {
  await using qiscus = await mockQiscus();
  const folder = await Deno.makeTempDir();
  const clock = { at: Date.now() };
  const before = await setUpBlasting({ qiscus, folder, clock: clockAt(() => clock.at) });
  const { json } = await post(before, at(clock.at + 3 * DAY));
  await before.stop();
  clock.at += 4 * DAY;

  await using after = await setUpBlasting({ qiscus, folder, clock: clockAt(() => clock.at) });

  const blast = await after.reaches(json.blast_id, "completed");
  assertEquals(blast.startedAt, at(clock.at));
  assertEquals(qiscus.sends.length, 1);
});

Deno.test("blast of a far day waits through a restart", async () => {
  await using qiscus = await mockQiscus();
  const folder = await Deno.makeTempDir();
  const before = await setUpBlasting({ qiscus, folder });
  const { json } = await post(before, at(Date.now() + 300 * DAY));
  await before.stop();

  await using after = await setUpBlasting({ qiscus, folder });
  const soon = await post(after, undefined);
  await after.reaches(soon.json.blast_id, "completed");

  await after.reaches(json.blast_id, "scheduled");
  assertEquals(qiscus.sends.length, 1);
});

Deno.test("blast through a device is sent days after it was made", async () => {
  const folder = await Deno.makeTempDir();
  const clock = { at: Date.now() };
  const before = await setUpBlasting({ folder, clock: clockAt(() => clock.at) });
  await before.addDevice("device_1");
  const { json } = await post(before, at(clock.at + 3 * DAY), { device: "device_1" });
  await before.stop();
  clock.at += 3 * DAY;

  await using after = await setUpBlasting({ folder, clock: clockAt(() => clock.at), start: false });
  const line = after.addLine("device_1");
  await after.blasting.start();

  const { counts } = await after.reaches(json.blast_id, "completed");
  assertEquals(line.texts, ["Halo Sari"]);
  assertEquals((counts as { sent: number }).sent, 1);
});

Deno.test("blast can be cancelled before it begins, and neither paused nor resumed", async () => {
  await using qiscus = await mockQiscus();
  const folder = await Deno.makeTempDir();
  const clock = { at: Date.now() };
  const before = await setUpBlasting({ qiscus, folder, clock: clockAt(() => clock.at) });
  const { json } = await post(before, at(clock.at + DAY));
  const act = (verb: string) => before.ask("POST", `${PATH}/${json.blast_id}/${verb}`);

  const [paused, resumed, cancelled] = [await act("pause"), await act("resume"), await act("cancel")];
  await before.stop();
  clock.at += 2 * DAY;
  await using after = await setUpBlasting({ qiscus, folder, clock: clockAt(() => clock.at) });

  assertEquals([paused.status, resumed.status], [409, 409]);
  assertEquals(paused.json.message, `Cannot pause blast "${json.blast_id}": it is scheduled`);
  assertEquals((cancelled.json.blast as { status: string }).status, "cancelled");
  assertEquals((cancelled.json.blast as { counts: { failed: number } }).counts.failed, 1);
  await after.reaches(json.blast_id, "cancelled");
  assertEquals(qiscus.sends.length, 0);
});

Deno.test("blast begins at once when its time is less than a minute ago", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });

  const { status, json } = await post(server, at(Date.now() - MINUTE / 2));

  assertEquals([status, json.message], [200, "Message blast queued successfully"]);
  await server.reaches(json.blast_id, "completed");
});

Deno.test("blast answers the same again under its idempotency key, also after its time", async () => {
  await using qiscus = await mockQiscus();
  const clock = { at: Date.now() };
  await using server = await setUpBlasting({ qiscus, clock: clockAt(() => clock.at) });
  const body = {
    channels: ["whatsapp"],
    message: "Halo",
    recipients: ["6281234567890"],
    scheduledAt: at(clock.at + DAY),
  };
  const ask = () => server.ask("POST", PATH, body, { "Idempotency-Key": "k" });
  const first = await ask();
  clock.at += 2 * DAY;

  const second = await ask();

  assertEquals([second.status, second.json], [200, first.json]);
  assertEquals(second.json.message, "Message blast scheduled successfully");
  assertEquals((await server.ask("GET", PATH)).json.count, 1);
});

Deno.test("blast takes a time with any offset", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const time = Math.ceil(Date.now() / MINUTE) * MINUTE + DAY;
  const local = at(time + 7 * 60 * MINUTE).slice(0, 19);

  const { json } = await post(server, `${local}+07:00`);

  assertEquals(json.scheduledAt, at(time));
});

const TAKES = "must be a time with its offset, such as 2027-01-31T08:30:00+07:00";
const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ["no offset", "2030-01-31T08:30:00", `Field \`scheduledAt\` ${TAKES}, got "2030-01-31T08:30:00"`],
  ["a day only", "2030-01-31", `Field \`scheduledAt\` ${TAKES}, got "2030-01-31"`],
  [
    "no day of the calendar",
    "2030-02-31T08:30:00Z",
    `Field \`scheduledAt\` ${TAKES}, got "2030-02-31T08:30:00Z"`,
  ],
  ["words", "tomorrow", `Field \`scheduledAt\` ${TAKES}, got "tomorrow"`],
  ["a number", 1_893_456_000_000, `Field \`scheduledAt\` ${TAKES}, got 1893456000000`],
  ["nothing", null, `Field \`scheduledAt\` ${TAKES}, got null`],
  [
    "the past",
    "2020-01-31T08:30:00Z",
    'Field `scheduledAt` must be in the future, got "2020-01-31T08:30:00Z"',
  ],
  ["another century", "2199-01-31T08:30:00Z", "Field `scheduledAt` must be at most a year ahead, got"],
];

for (const [what, scheduledAt, message] of REFUSED) {
  Deno.test(`blast is refused with a time that it cannot begin at (${what})`, async () => {
    await using qiscus = await mockQiscus();
    await using server = await setUpBlasting({ qiscus });

    const { status, json } = await post(server, scheduledAt);

    assertEquals([status, json.success], [400, false]);
    assertEquals(String(json.message).slice(0, message.length), message);
    assertEquals((await server.ask("GET", PATH)).json.count, 0);
  });
}

Deno.test("blast pauses and says why when Qiscus is not configured any more, and goes on when it is", async () => {
  await using qiscus = await mockQiscus();
  const folder = await Deno.makeTempDir();
  const clock = { at: Date.now() };
  const skewed = clockAt(() => clock.at);
  const before = await setUpBlasting({ qiscus, folder, clock: skewed });
  const { json } = await post(before, at(clock.at + DAY));
  await before.stop();
  clock.at += 2 * DAY;

  const without = await setUpBlasting({ folder, clock: skewed });
  const paused = await without.reaches(json.blast_id, "paused");
  await without.stop();
  await using after = await setUpBlasting({ qiscus, folder, clock: skewed });
  await after.ask("POST", `${PATH}/${json.blast_id}/resume`);

  assertMatch(String(paused.reason), /Qiscus is not configured/);
  await after.reaches(json.blast_id, "completed");
  assertEquals(qiscus.sends.length, 1);
});

Deno.test("blast tells the gateway's time when its own is refused, and the name that was meant", async () => {
  await using server = await setUpBlasting({ env: { QISCUS_SIMULATE: "true" } });

  const past = await post(server, "2020-01-31T08:30:00Z");
  const mistyped = await post(server, undefined, { scheduled_at: "2030-01-31T08:30:00Z" });

  assertMatch(String(past.json.message), /\(it is \d{4}-\d\d-\d\dT[\d:.]+Z here\)$/);
  assertMatch(String(mistyped.json.message), /`scheduled_at`: did you mean `scheduledAt`\?/);
});
