import { DEFAULT_TENANT } from "../../src/ids.ts";
import { NOT_ON_WHATSAPP } from "../../src/whatsapp/send_errors.ts";
import { createDeviceLane } from "../../src/blasts/device_lane.ts";
import type { Blast } from "../../src/store/blasts.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { setUpBlasting, type TestBlasting } from "../support/blasting.ts";
import { aMessage, statusesOf } from "../support/messaging.ts";
import { until } from "../support/until.ts";
import { aBlast } from "../store/contracts/samples.ts";
import { createManualClock } from "../support/manual_clock.ts";

function blast(recipients: number, other: Record<string, unknown> = {}) {
  return {
    channels: ["whatsapp"],
    message: "Halo",
    recipients: Array.from({ length: recipients }, (_, index) => String(6_281_200_000_000 + index)),
    ...other,
  };
}

async function begin(server: TestBlasting, body: unknown): Promise<unknown> {
  const { status, json } = await server.ask("POST", "/api/messages/blast", body);
  assertEquals([status, json.message], [200, "Message blast queued successfully"]);
  return json.blast_id;
}

Deno.test("device lane sends every message of a blast, in the order of the list", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");

  const id = await begin(server, blast(5, { device: "device_1" }));

  const { counts } = await server.reaches(id, "completed");
  assertEquals(line.sent.map(({ to }) => to), [0, 1, 2, 3, 4].map((n) => `628120000000${n}@s.whatsapp.net`));
  assertEquals((counts as { sent: number }).sent, 5);
});

Deno.test("device lanes share the recipients of a blast among themselves", async () => {
  await using server = await setUpBlasting();
  const lines = [await server.addDevice("device_1"), await server.addDevice("device_2")];

  const id = await begin(server, blast(30, { devices: ["device_1", "device_2"] }));

  await server.reaches(id, "completed");
  const sent = lines.flatMap((line) => line.sent.map(({ to }) => to));
  assertEquals([sent.length, new Set(sent).size], [30, 30]);
  assert(lines.every((line) => line.sent.length >= 10), "both take part");
});

/** A lane without a server: its clock, how much its device has sent lately, and one message through it. */
function aLane() {
  const clock = createManualClock();
  const sentAt: number[] = [];
  const lane = createDeviceLane("device_1", {
    blasts: {
      claimedSince: (_id, since) => Promise.resolve(sentAt.filter((at) => at >= since).length),
    },
    devices: { get: () => Promise.resolve(undefined) },
    outbox: {
      add: () => {},
      outcome: () => Promise.resolve(aMessage({ status: "sent" })),
      withdraw: () => undefined,
    },
    isConnected: () => true,
    now: clock.now,
    random: () => 0.5,
  });
  const { signal } = new AbortController();
  const send = async (blast: Blast) => {
    sentAt.push(clock.now());
    await lane.send({ message: aMessage(), payload: null }, blast, { stopping: signal, halted: signal });
  };
  return { lane, clock, send };
}

Deno.test("device lane pauses between messages, between the shortest and the longest gap", async () => {
  const { lane, clock, send } = aLane();
  const paced = aBlast({
    pace: { minGapMs: 10_000, maxGapMs: 20_000, perHour: null, perDay: null, window: null },
  });

  const before = await lane.waitMs(paced);
  await send(paced);
  const after = await lane.waitMs(paced);
  await clock.advance(14_999);
  const almost = await lane.waitMs(paced);
  await clock.advance(1);

  assertEquals([before, after, almost, await lane.waitMs(paced)], [0, 15_000, 1, 0]);
});

Deno.test("blast says how fast each device sends, and how fast its pace lets it", async () => {
  await using server = await setUpBlasting();
  const [line, idle] = [await server.addDevice("device_1"), await server.addDevice("device_2")];
  idle.up = false;
  const gate = Promise.withResolvers<void>();
  line.answer = async () => {
    if (line.sent.length === 3) await gate.promise;
    return { ok: true, acceptedAt: Date.now() };
  };
  const pacing = { minGapMs: 20_000, maxGapMs: 40_000, typing: false };
  await server.store.devices.update("device_2", { pacing }, Date.now());
  const pace = { minGapSeconds: 0, maxGapSeconds: 0.1, perHour: 240 };

  const id = await begin(server, blast(4, { devices: ["device_1", "device_2"], pace }));

  await until(async () => (await server.store.blasts.counts(String(id))).sent === 2, "two are sent");
  const { json } = await server.ask("GET", `/api/messages/blast/${id}`);
  gate.resolve();
  const [first, second] = (json.blast as { devicePaces: Record<string, unknown>[] }).devicePaces;
  assert(Number(first.ratePerMinute) > 0, `is ${first.ratePerMinute}`);
  assertEquals([first.device, first.allowedPerMinute, first.lastDay], ["device_1", 1_200, null]);
  assertMatch(JSON.stringify(first.lastHour), /^{"sent":[23],"most":240}$/); // the third may be in hand already
  assertEquals(second, {
    device: "device_2",
    ratePerMinute: null,
    allowedPerMinute: 2,
    lastHour: { sent: 0, most: 240 },
    lastDay: null,
  });
});

Deno.test("device lane keeps to an hourly cap", async () => {
  const { lane, clock, send } = aLane();
  const capped = aBlast({ pace: { minGapMs: 0, maxGapMs: 0, perHour: 3, perDay: null, window: null } });

  for (let sent = 0; sent < 3; sent++) {
    assertEquals(await lane.waitMs(capped), 0);
    await send(capped);
  }
  const full = await lane.waitMs(capped);
  await clock.advance(3_600_000);
  const stillFull = await lane.waitMs(capped);
  await clock.advance(1);

  assert(full > 0 && stillFull > 0, `${full}, ${stillFull}`);
  assertEquals(await lane.waitMs(capped), 0);
});

Deno.test("device lane takes a message back that was on its way when its blast was halted, once it waits again", async () => {
  const clock = createManualClock();
  let waits = false;
  const lane = createDeviceLane("device_1", {
    blasts: { claimedSince: () => Promise.resolve(0) },
    devices: { get: () => Promise.resolve(undefined) },
    outbox: {
      add: () => {},
      outcome: (_, timeoutMs) => clock.wait(timeoutMs).then(() => undefined),
      withdraw: () => waits ? { tried: true } : undefined,
    },
    isConnected: () => true,
    now: clock.now,
    random: () => 0.5,
  });
  const [halted, stopping] = [new AbortController(), new AbortController()];
  const signals = { halted: halted.signal, stopping: stopping.signal };
  const sending = lane.send({ message: aMessage(), payload: null }, aBlast(), signals);

  halted.abort();
  await clock.advance(500);
  waits = true; // its connection was lost
  await clock.advance(1_000);

  assertEquals(await sending, { kind: "withdrawn", tried: true });
});

Deno.test("device lane leaves no message waiting for a device that stays away", async () => {
  const clock = createManualClock();
  let withdrawn = 0;
  const lane = createDeviceLane("device_1", {
    blasts: { claimedSince: () => Promise.resolve(0) },
    devices: { get: () => Promise.resolve(undefined) },
    outbox: {
      add: () => {},
      outcome: (_, timeoutMs) => clock.wait(timeoutMs).then(() => undefined),
      withdraw: () => ({ tried: ++withdrawn > 1 }),
    },
    isConnected: () => false,
    now: clock.now,
    random: () => 0.5,
  });
  const { signal } = new AbortController();
  const signals = { halted: signal, stopping: signal };

  const sending = lane.send({ message: aMessage(), payload: null }, aBlast(), signals);
  await clock.advance(600_000);

  assertEquals(await sending, { kind: "withdrawn", tried: false });
});

Deno.test("blast that is cancelled sends nothing any more, also not what waits for its device", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  line.answer = () => {
    line.up = false; // the connection is lost while the first one leaves
    return { ok: false, code: null, message: "lost", retryable: true };
  };
  const id = await begin(server, blast(2, { device: "device_1", message: "cancelled" }));
  await until(() => line.sent.length === 1 && !line.up, "one is in hand");

  await server.ask("POST", `/api/messages/blast/${id}/cancel`);
  await until(async () => (await server.store.blasts.counts(String(id))).failed === 2, "both are given up");
  line.up = true;
  line.answer = () => ({ ok: true, acceptedAt: Date.now() });
  server.outbox.wake("device_1");
  const other = await begin(server, blast(1, { device: "device_1", message: "after" }));
  await server.reaches(other, "completed");

  assertEquals(line.texts, ["cancelled", "after"]); // the first one is the one that was lost
});

Deno.test("blast that another gateway pauses sends no more, though nobody says so", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  const gate = Promise.withResolvers<void>();
  line.answer = async () => {
    if (line.sent.length === 3) await gate.promise;
    return { ok: true, acceptedAt: Date.now() };
  };
  const id = await begin(server, blast(10, { device: "device_1", message: "paused" }));
  await until(() => line.sent.length === 3, "three have left");

  await server.store.blasts.change(String(id), () => ({ status: "paused" }), Date.now());
  gate.resolve();
  const other = await begin(server, blast(2, { device: "device_1", message: "after" }));
  await server.reaches(other, "completed");

  assertEquals(line.texts, ["paused", "paused", "paused", "after", "after"]);
});

Deno.test("device lane stops at once when WhatsApp restricts the account, and says so", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  line.answer = () =>
    line.sent.length < 3
      ? { ok: true, acceptedAt: Date.now() }
      : { ok: false, code: 463, message: "reach-out time lock (463)", retryable: false };

  const id = await begin(server, blast(10, { device: "device_1" }));

  const paused = await server.reaches(id, "paused");
  assertMatch(String(paused.reason), /restricts device "device_1".*463/);
  assertEquals(line.sent.length, 3);
  await until(async () => {
    const [logged] = await server.store.systemLog.list({ level: "warn" }, { limit: 1 });
    return logged?.tenantId === DEFAULT_TENANT &&
      logged.message.startsWith("Blast paused: WhatsApp restricts");
  }, "the log says so, as about its tenant");
});

Deno.test("device lane that is restricted leaves the rest to the others", async () => {
  await using server = await setUpBlasting();
  const [bad, good] = [await server.addDevice("device_1"), await server.addDevice("device_2")];
  bad.answer = () => ({
    ok: false,
    code: 475,
    message: "as many new chats as there may be (475)",
    retryable: false,
  });

  const id = await begin(server, blast(10, { devices: ["device_1", "device_2"] }));

  const done = await server.reaches(id, "completed");
  assertEquals([bad.sent.length, good.sent.length], [1, 9]);
  assertMatch((done.stoppedDevices as Record<string, string>).device_1, /475/);
  const [turn, ...others] = done.turns as Record<string, string>[];
  assertEquals([turn.what, turn.cause, turn.by, turn.device, others], [
    "device_stopped",
    "whatsapp",
    null,
    "device_1",
    [],
  ]);
  assertMatch(turn.reason, /475/);
});

Deno.test("device lane stops when the device is logged out, and goes on when it is told to", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  const id = await begin(
    server,
    blast(6, { device: "device_1", pace: { minGapSeconds: 0.05, maxGapSeconds: 0.05 } }),
  );
  await until(() => line.sent.length >= 2, "it sends");
  line.up = false;
  await server.store.devices.update("device_1", { status: "failed", lastError: "Logged out" }, Date.now());
  server.blasting.wake();
  const paused = await server.reaches(id, "paused");

  line.up = true;
  await server.store.devices.update("device_1", { status: "connected", lastError: null }, Date.now());
  await server.ask("POST", `/api/messages/blast/${id}/resume`);

  const done = await server.reaches(id, "completed");
  const turns = done.turns as Record<string, string>[];
  assertEquals(turns.map(({ what, cause, by, device }) => [what, cause, by, device]), [
    ["paused", "device", null, "device_1"],
    ["resumed", "person", "own_key", null],
  ]);
  assertEquals(turns[0].reason, paused.reason);
  assertMatch(String(paused.reason), /device "device_1" is failed \(Logged out\)/);
  assertEquals(new Set(line.sent.map(({ to }) => to)).size, 6);
});

Deno.test("device lane keeps to the hours of the day", async () => {
  const clock = createManualClock(Date.parse("2025-11-01T12:00:00Z"));
  await using server = await setUpBlasting({ clock });
  const line = await server.addDevice("device_1");

  await begin(
    server,
    blast(3, { device: "device_1", window: { from: "13:00", to: "14:00", timeZone: "UTC" } }),
  );

  const sentAt: string[] = [];
  line.answer = () => {
    sentAt.push(new Date(clock.now()).toISOString());
    return { ok: true, acceptedAt: clock.now() };
  };

  await clock.until(() => sentAt.length > 0, "the first is sent");
  assertEquals(sentAt[0].slice(11, 13), "13"); // not the minute: the store takes its own time
});

Deno.test("device lane reports numbers that are not on WhatsApp", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  line.answer = ({ to }) =>
    to.startsWith("6281200000001@") ? NOT_ON_WHATSAPP : { ok: true, acceptedAt: Date.now() };

  const id = await begin(server, blast(4, { device: "device_1" }));

  const { counts } = await server.reaches(id, "completed");
  const { sent, failed, notOnWhatsApp } = counts as Record<string, number>;
  assertEquals([sent, failed, notOnWhatsApp], [3, 1, 1]);
});

Deno.test("blast that is sent again says of each message that it failed again", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  line.answer = () => NOT_ON_WHATSAPP;
  const id = await begin(server, blast(1, { device: "device_1" }));
  await server.reaches(id, "completed");
  const [message] = await server.store.messages.list({}, { limit: 1 });

  const { json } = await server.ask("POST", `/api/messages/blast/${id}/again`);
  assertEquals(json.queuedAgain, 1);
  await until(() => line.sent.length === 2, "it is sent again");
  await server.reaches(id, "completed");

  assertEquals(statusesOf(server.published, message.id), ["failed", "failed"]);
  const ids = line.sent.map(({ waMessageId }) => waMessageId);
  assertEquals(
    server.published.flatMap((draft) => draft.type === "message.status" ? [draft.data.waMessageId] : []),
    ids,
  );
});

Deno.test("device lane sends what it had in hand again under the same id after a crash", async () => {
  const folder = await Deno.makeTempDir();
  const first = await setUpBlasting({ folder });
  const line = await first.addDevice("device_1");
  line.answer = () => new Promise(() => {});
  const id = await begin(first, blast(3, { device: "device_1" }));
  await until(() => line.sent.length === 1, "the first is on its way");
  await first.stop();

  await using second = await setUpBlasting({ folder, start: false });
  const again = second.addLine("device_1");
  await second.blasting.start();

  await second.reaches(id, "completed");
  await until(() => again.sent.length === 3, "all are sent");
  assertEquals(again.sent[0].waMessageId, line.sent[0].waMessageId);
  assertEquals(new Set(again.sent.map(({ to }) => to)).size, 3);
});
