import { assertEquals, assertMatch } from "@std/assert";
import { setUpBlasting, type TestBlasting } from "../support/blasting.ts";
import { until } from "../support/until.ts";
import { mockQiscus } from "../support/qiscus.ts";

const PATH = "/api/messages/blast";
const TENANT = "tenant_default";

function blast(recipients: number, other: Record<string, unknown> = {}) {
  return {
    channels: ["whatsapp"],
    message: "promo",
    recipients: Array.from({ length: recipients }, (_, index) => String(6_281_200_000_000 + index)),
    ...other,
  };
}

async function begin(server: TestBlasting, body: unknown): Promise<unknown> {
  const { status, json } = await server.ask("POST", PATH, body);
  assertEquals(status, 200, JSON.stringify(json));
  return json.blast_id;
}

async function suspend(server: TestBlasting): Promise<void> {
  server.suspended.add(TENANT);
  await server.blasting.suspended(TENANT);
}

Deno.test("blast of a tenant that is suspended pauses, says why, and sends no more", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  const gate = Promise.withResolvers<void>();
  line.answer = async () => {
    if (line.sent.length === 3) await gate.promise;
    return { ok: true, acceptedAt: Date.now() };
  };
  const id = await begin(server, blast(10, { device: "device_1" }));
  await until(() => line.sent.length === 3, "three have left");

  await suspend(server);
  gate.resolve();

  const paused = await server.reaches(id, "paused");
  assertMatch(String(paused.reason), /tenant is suspended/i);
  const [turn] = paused.turns as Record<string, unknown>[];
  assertEquals([turn.what, turn.cause, turn.by, turn.reason], ["paused", "suspension", null, paused.reason]);
  await until(
    async () => (await server.store.blasts.counts(String(id))).sent === 3,
    "what was on its way is counted",
  );
  assertEquals([line.sent.length, (await server.store.blasts.counts(String(id))).queued], [3, 7]);
});

Deno.test("blast stays paused when its tenant is active again, until somebody resumes it", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  line.up = false;
  const id = await begin(server, blast(4, { device: "device_1" }));
  await suspend(server);
  await server.reaches(id, "paused");

  server.suspended.clear();
  line.up = true;
  server.outbox.wake("device_1");
  server.blasting.wake();
  const other = await begin(server, blast(2, { device: "device_1", message: "after" }));
  await server.reaches(other, "completed");
  const between = [...line.texts];
  await server.ask("POST", `${PATH}/${id}/resume`);
  await server.reaches(id, "completed");

  assertEquals(between, ["after", "after"]);
  assertEquals(line.texts.filter((text) => text === "promo").length, 4);
});

Deno.test("blast message that waits for its device when the tenant is suspended is queued again", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  line.answer = () => {
    line.up = false; // the connection is lost while the first one leaves
    return { ok: false, code: null, message: "lost", retryable: true };
  };
  const id = await begin(server, blast(2, { device: "device_1" }));
  await until(() => line.sent.length === 1 && !line.up, "one is in hand");

  await suspend(server);

  await server.reaches(id, "paused");
  await until(
    async () => (await server.store.blasts.counts(String(id))).queued === 2,
    "both wait in the blast",
  );
  server.suspended.clear();
  line.up = true;
  line.answer = () => ({ ok: true, acceptedAt: Date.now() });
  server.outbox.wake("device_1");
  const other = await begin(server, blast(1, { device: "device_1", message: "after" }));
  await server.reaches(other, "completed");
  assertEquals(line.texts, ["promo", "after"]); // the first one is the one that was lost
});

Deno.test("blast through Qiscus pauses when its tenant is suspended", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  server.suspended.add(TENANT);

  const id = await begin(server, blast(3));

  const paused = await server.reaches(id, "paused");
  assertMatch(String(paused.reason), /tenant is suspended/i);
  assertEquals(qiscus.sends.length, 0);
});

Deno.test("blast that runs at the start of the gateway pauses when its tenant is suspended", async () => {
  const folder = await Deno.makeTempDir();
  const before = await setUpBlasting({ folder });
  (await before.addDevice("device_1")).up = false;
  const id = await begin(before, blast(3, { device: "device_1" }));
  await before.stop();

  await using after = await setUpBlasting({ folder, start: false });
  const line = after.addLine("device_1");
  after.suspended.add(TENANT);
  await after.blasting.start();

  await after.reaches(id, "paused");
  assertEquals(line.sent.length, 0);
});

Deno.test("resuming a blast of a suspended tenant pauses it again", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  server.suspended.add(TENANT);
  const id = await begin(server, blast(3, { device: "device_1" }));
  await server.reaches(id, "paused");

  await server.ask("POST", `${PATH}/${id}/resume`);

  await server.reaches(id, "paused");
  assertEquals(line.sent.length, 0);
});
