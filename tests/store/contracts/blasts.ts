import { assert, assertEquals } from "@std/assert";
import { type Blast, CANCELLED, MOST_TURNS } from "../../../src/store/blasts.ts";
import { aMessage, NOW } from "../../support/messaging.ts";
import { aBlast as sample, aDevice, anInboxMessage } from "./samples.ts";
import { type Open, testing } from "./contract.ts";

function aBlast(overrides: Partial<Blast> = {}): Blast {
  return sample({ id: "blast_1", createdAt: NOW, updatedAt: NOW, ...overrides });
}

/** A queued message of the blast to this address. */
function queued(to: string) {
  const message = aMessage({ blastId: "blast_1", to, channel: "qiscus", deviceId: null, waMessageId: null });
  return { message, payload: '{"type":"text"}' };
}

const CLAIM = { deviceId: null, waMessageId: null, now: NOW };

export function blastsContract(name: string, open: Open): void {
  const test = testing(`${name} blasts`, open);

  test("are found by what their ids begin with, newest first, those of the tenant only", async ({ blasts }) => {
    await blasts.create(aBlast({ id: "blast_aa1" }));
    await blasts.create(aBlast({ id: "blast_aa2", createdAt: NOW + 1 }));
    await blasts.create(aBlast({ id: "blast_ab1" }));
    const { tenantId } = aBlast();

    assertEquals((await blasts.beginning(tenantId, "blast_aa", 9)).map(({ id }) => id), [
      "blast_aa2",
      "blast_aa1",
    ]);
    assertEquals(await blasts.beginning("tenant_other", "blast_aa", 9), []);
  });

  test("leave out an address that the blast has already", async ({ blasts }) => {
    await blasts.create(aBlast());
    const [a, b, again] = [queued("1"), queued("2"), queued("1")];

    const first = await blasts.add([a, b]);
    const second = await blasts.add([again]);

    assertEquals([...first], [a.message.id, b.message.id]);
    assertEquals([...second], []);
  });

  test("leave out a number that the blast has in another spelling", async ({ blasts }) => {
    await blasts.create(aBlast());
    const rows = ["5511987654321", "525512345678", "551187654321", "551134567890", "5511934567890"].map(
      queued,
    );

    const first = await blasts.add(rows);
    const second = await blasts.add(["5215512345678", "628123"].map(queued));

    assertEquals([...first], [0, 1, 3, 4].map((index) => rows[index].message.id));
    assertEquals(second.size, 1);
  });

  test("have messages in hand until these are sent, put back, or given up as unconfirmed", async (store) => {
    const { blasts, messages } = store;
    await blasts.create(aBlast());
    await blasts.add(["1", "2", "3"].map(queued));
    const seen = [await blasts.hasInHand("blast_1")];
    const [sent, back, lost] = [
      await blasts.claim("blast_1", CLAIM),
      await blasts.claim("blast_1", CLAIM),
      await blasts.claim("blast_1", CLAIM),
    ].map((claimed) => claimed!.message.id);

    await messages.change(sent, () => ({ waMessageId: "wamid.1" }), NOW);
    await blasts.putBack(back, NOW);
    seen.push(await blasts.hasInHand("blast_1"));
    await messages.change(lost, () => ({ error: { code: null, message: "nobody answered" } }), NOW);
    seen.push(await blasts.hasInHand("blast_1"));

    assertEquals(seen, [false, true, false]);
  });

  test("claim each message once, in the order of the list", async ({ blasts }) => {
    await blasts.create(aBlast());
    await blasts.add(["1", "2", "3"].map(queued));

    const claimed = await Promise.all([1, 2, 3, 4].map(() => blasts.claim("blast_1", CLAIM)));

    assertEquals(claimed.map((each) => each?.message.to), ["1", "2", "3", undefined]);
    assertEquals(claimed[0]?.message.status, "processing");
    assertEquals(claimed[0]?.payload, '{"type":"text"}');
  });

  test("tell what was in hand and not confirmed", async ({ blasts, messages }) => {
    await blasts.create(aBlast());
    await blasts.add(["1", "2", "3"].map(queued));
    const first = await blasts.claim("blast_1", CLAIM);
    const second = await blasts.claim("blast_1", CLAIM);
    await messages.change(first!.message.id, () => ({ waMessageId: "wamid.1" }), NOW);

    const inHand = await blasts.inHand("blast_1", 10);
    const counts = await blasts.counts("blast_1");

    assertEquals(inHand.map(({ message }) => message.id), [second!.message.id]);
    assertEquals([counts.queued, counts.processing, counts.unconfirmed], [1, 2, 1]);
  });

  test("tell what was sent in which minute, and through which device", async ({ blasts, messages }) => {
    await blasts.create(aBlast());
    const rows = ["1", "2", "3", "4"].map(queued);
    await blasts.add(rows);
    const minute = Math.floor(NOW / 60_000) * 60_000;
    const [a, b, c] = rows.map(({ message }) => message.id);
    await messages.change(a, () => ({ status: "sent", sentAt: minute + 1 }), minute + 1);
    await messages.change(b, () => ({ status: "sent", sentAt: minute + 59_999 }), minute + 60_001);
    const error = { code: null, message: "No WhatsApp" };
    await messages.change(c, () => ({ status: "failed", error }), minute + 120_000);

    const { minutes, devices } = await blasts.activity("blast_1", 30);

    assertEquals(minutes, [{ at: minute, sent: 2, failed: 0 }, { at: minute + 120_000, sent: 0, failed: 1 }]);
    assertEquals(devices, [{ deviceId: null, sent: 2, failed: 1 }]);
    assertEquals((await blasts.activity("blast_1", 1)).minutes, [{
      at: minute + 120_000,
      sent: 0,
      failed: 1,
    }]);
  });

  test("count who answered, and who said stop, after their message was sent", async (store) => {
    const { blasts, messages, inbox, optOuts } = store;
    const device = aDevice();
    await store.devices.create(device);
    const deviceId = device.id;
    await blasts.create(aBlast({ id: "blast_r" }));
    const people = ["1", "2", "3", "4"].map((id) => `62800000000${id}@s.whatsapp.net`);
    await blasts.add(people.map((to, n) => ({
      message: aMessage({ id: `msg_r${n}`, blastId: "blast_r", deviceId, to, status: "queued" }),
      payload: null,
    })));
    for (const n of [0, 1, 2]) {
      await messages.change(`msg_r${n}`, () => ({ status: "sent", sentAt: NOW + 700 }), NOW + 700);
    }
    const said = (chat: string, sentAt: number, fromMe = false) =>
      anInboxMessage(deviceId, { chat, sentAt, fromMe, messageId: `${chat}${sentAt}` });
    await inbox.keep([
      said(people[0], NOW), // in the second in which the message was sent
      said(people[0], NOW + 5_000),
      said(people[1], NOW - 5_000),
      said(people[1], NOW + 5_000, true),
      said(people[3], NOW + 5_000), // whose message was not sent yet
    ]);
    const { tenantId } = aMessage();
    const optOut = { lid: null, reason: "STOP", at: NOW + 6_000 };
    await optOuts.add(tenantId, { ...optOut, pn: people[0], source: "message" });
    await optOuts.add(tenantId, { ...optOut, pn: people[1], source: "message", at: NOW - 6_000 });
    await optOuts.add(tenantId, { ...optOut, pn: people[2], source: "api" });

    assertEquals(await blasts.replies("blast_r"), { replied: 1, optedOut: 1 });
    assertEquals(await blasts.replies("blast_none"), { replied: 0, optedOut: 0 });
  });

  test("claim nothing of a blast that does not run, and go on when it does", async ({ blasts }) => {
    await blasts.create(aBlast({ status: "accepting" }));
    await blasts.add([queued("1")]);

    const claimed = [await blasts.claim("blast_1", CLAIM)];
    for (const status of ["paused", "cancelled", "running"] as const) {
      await blasts.change("blast_1", () => ({ status }), NOW);
      claimed.push(await blasts.claim("blast_1", CLAIM));
    }

    assertEquals(claimed.map((each) => each?.message.to), [undefined, undefined, undefined, "1"]);
  });

  test("claim a message that was put back again", async ({ blasts }) => {
    await blasts.create(aBlast());
    await blasts.add([queued("1")]);
    const before = await blasts.claim("blast_1", CLAIM);

    await blasts.putBack(before!.message.id, NOW);
    const after = await blasts.claim("blast_1", CLAIM);

    assertEquals(after?.message.id, before?.message.id);
  });

  test("put nothing back into the queue of a blast that was cancelled", async ({ blasts, messages }) => {
    await blasts.create(aBlast());
    await blasts.add(["1", "2"].map(queued));
    const claim = { ...CLAIM, deviceId: "device_1", waMessageId: "A" };
    const [untried, tried] = [
      await blasts.claim("blast_1", claim),
      await blasts.claim("blast_1", { ...claim, waMessageId: "B" }),
    ].map((claimed) => claimed!.message.id);
    await blasts.change("blast_1", () => ({ status: "cancelled" }), NOW);

    await blasts.putBack(untried, NOW);
    await blasts.putBack(tried, NOW, { tried: true });

    const found = [await messages.get(untried), await messages.get(tried)];
    assertEquals(found.map((each) => [each?.status, each?.error?.message, each?.waMessageId]), [
      ["failed", CANCELLED, null],
      ["failed", CANCELLED, "B"],
    ]);
  });

  test("give a message its WhatsApp id again that may have left, for the device that it may have left by", async ({ blasts }) => {
    await blasts.create(aBlast());
    await blasts.add([queued("1")]);
    const claim = async (deviceId: string, waMessageId: string) =>
      (await blasts.claim("blast_1", { deviceId, waMessageId, now: NOW }))?.message;
    const id = (await claim("device_1", "A"))!.id;

    await blasts.putBack(id, NOW);
    const untried = await claim("device_1", "B");
    await blasts.putBack(id, NOW, { tried: true });
    const tried = await claim("device_1", "C");
    await blasts.putBack(id, NOW, { tried: true });
    const elsewhere = await claim("device_2", "D");

    assertEquals(
      [untried, tried, elsewhere].map((each) => [each?.id, each?.deviceId, each?.waMessageId]),
      [[id, "device_1", "B"], [id, "device_1", "B"], [id, "device_2", "D"]],
    );
  });

  test("count the claims of a device", async ({ blasts }) => {
    await blasts.create(aBlast());
    await blasts.add(["1", "2", "3"].map(queued));
    const HOUR = 3_600_000;
    await blasts.claim("blast_1", { deviceId: "device_1", waMessageId: "A", now: NOW - 2 * HOUR });
    await blasts.claim("blast_1", { deviceId: "device_1", waMessageId: "B", now: NOW });
    await blasts.claim("blast_1", { deviceId: "device_2", waMessageId: "C", now: NOW });

    const counts = await Promise.all(
      [HOUR, 24 * HOUR].map((span) => blasts.claimedSince("device_1", NOW - span)),
    );

    assertEquals(counts, [1, 2]);
  });

  test("count receipts", async ({ blasts, messages }) => {
    await blasts.create(aBlast());
    const all = ["1", "2", "3", "4"].map(queued);
    await blasts.add(all);
    await messages.change(all[0].message.id, () => ({ status: "sent", receipt: "read" }), NOW);
    await messages.change(all[1].message.id, () => ({ status: "sent", receipt: "delivered" }), NOW);
    await messages.change(all[2].message.id, () => ({ status: "failed" }), NOW);

    const counts = await blasts.counts("blast_1");

    assertEquals(counts, {
      queued: 1,
      processing: 0,
      unconfirmed: 0,
      sent: 2,
      failed: 1,
      receipts: { delivered: 1, read: 1, played: 0 },
      failures: [{ reason: "", word: null, count: 1 }],
    });
  });

  test("give up what is queued in steps", async ({ blasts, messages }) => {
    await blasts.create(aBlast());
    await blasts.add(["1", "2", "3"].map(queued));

    const steps = [
      await blasts.giveUp("blast_1", "Cancelled", NOW, 2),
      await blasts.giveUp("blast_1", "Cancelled", NOW, 2),
    ];

    assertEquals(steps, [2, 1]);
    const [row] = await messages.list({ blastId: "blast_1" }, { limit: 1 });
    assertEquals([row.status, row.error?.message], ["failed", "Cancelled"]);
  });

  test("queue again what failed and never left, and run until that is sent", async (store) => {
    const { blasts, messages } = store;
    await blasts.create(aBlast({ via: "devices", deviceIds: ["device_1"] }));
    const [failed, arrived, accepted] = ["1", "2", "3"].map((to) =>
      aMessage({ blastId: "blast_1", to, listRow: 70 + Number(to) })
    );
    await blasts.add([failed, arrived, accepted].map((message) => ({ message, payload: null })));
    for (const { id } of [failed, arrived, accepted]) {
      await messages.change(
        id,
        () => ({ status: "failed", attempts: 3, error: { code: 463, message: "No", reason: "refused" } }),
        NOW,
      );
    }
    await messages.change(arrived.id, () => ({ receipt: "delivered" }), NOW);
    await messages.change(accepted.id, () => ({ sentAt: NOW }), NOW);
    assertEquals((await blasts.complete("blast_1", NOW))?.status, "completed");
    const all = [failed.id, arrived.id, accepted.id, "msg_of_nobody"];

    const first = await blasts.queueAgain("blast_1", all, NOW + 1, "dashboard");
    const second = await blasts.queueAgain("blast_1", all, NOW + 2, null);

    assertEquals(first?.queued, [failed.id]);
    assertEquals([first?.blast.status, first?.blast.finishedAt], ["running", null]);
    assertEquals(second?.queued, []);
    assertEquals((await blasts.turns("blast_1")).map(({ at, what, by }) => [at, what, by]), [
      [NOW + 1, "again", "dashboard"],
    ]);
    const again = await messages.get(failed.id);
    assertEquals([again?.status, again?.error, again?.waMessageId, again?.attempts, again?.listRow], [
      "queued",
      null,
      null,
      0,
      71,
    ]);
    assertEquals(await blasts.complete("blast_1", NOW + 3), undefined);
    assertEquals((await blasts.get("blast_1"))?.status, "running");
    await blasts.claim("blast_1", CLAIM);
    assertEquals((await blasts.complete("blast_1", NOW + 4))?.finishedAt, NOW + 4);
  });

  test("queue nothing again of a blast that was cancelled, or is not there", async ({ blasts, messages }) => {
    await blasts.create(aBlast({ status: "cancelled" }));
    const message = aMessage({ blastId: "blast_1", to: "1" });
    await blasts.add([{ message, payload: null }]);
    await messages.change(message.id, () => ({ status: "failed" }), NOW);

    assertEquals((await blasts.queueAgain("blast_1", [message.id], NOW, null))?.queued, []);
    assertEquals(await blasts.queueAgain("blast_2", [message.id], NOW, null), undefined);
    assertEquals(await blasts.complete("blast_1", NOW), undefined);
  });

  test("keep when and why they stopped and went on, oldest first, of late", async ({ blasts }) => {
    await blasts.create(aBlast());
    await blasts.create(aBlast({ id: "blast_2" }));
    const paused = {
      what: "paused",
      cause: "device",
      by: null,
      deviceId: "device_1",
      reason: "it is offline",
    } as const;
    const resumed = { what: "resumed", cause: "person", by: "key_1", deviceId: null, reason: null } as const;
    await blasts.change("blast_1", () => ({ status: "paused", turn: paused }), NOW);
    const { blast } =
      (await blasts.change("blast_1", () => ({ status: "running", turn: resumed }), NOW + 1))!;
    await blasts.change("blast_1", () => ({ reason: "of no turn" }), NOW + 2);
    await blasts.change("blast_1", () => null, NOW + 3);

    assertEquals("turn" in blast, false);
    assertEquals(await blasts.turns("blast_1"), [{ ...paused, at: NOW }, { ...resumed, at: NOW + 1 }]);
    assertEquals(await blasts.turns("blast_2"), []);
    for (let at = 1; at <= MOST_TURNS + 2; at++) {
      await blasts.change("blast_2", () => ({ turn: resumed }), NOW + at);
    }
    assertEquals(
      (await blasts.turns("blast_2")).map(({ at }) => at - NOW),
      Array.from({ length: MOST_TURNS }, (_, index) => index + 3),
    );
    assertEquals((await blasts.turns("blast_1")).length, 2);
    await blasts.discard("blast_1");
    assertEquals(await blasts.turns("blast_1"), []);
  });

  test("vanish with their messages when they are discarded", async ({ blasts, messages }) => {
    await blasts.create(aBlast());
    await blasts.add(Array.from({ length: 1_100 }, (_, index) => queued(String(index))));

    await blasts.discard("blast_1");

    assertEquals(await blasts.get("blast_1"), undefined);
    assertEquals(await messages.list({ blastId: "blast_1" }, { limit: 1 }), []);
  });

  test("message counts follow what happens to messages", async ({ messages, messageHistory }) => {
    const [a, b, c] = [aMessage(), aMessage({ channel: "qiscus" }), aMessage()];
    await messages.createAll([a, b, c]);
    await messages.change(a.id, () => ({ status: "processing" }), NOW);
    await messages.change(a.id, () => ({ status: "sent" }), NOW);

    const counts = await messageHistory.byDay("tenant_default");

    const date = new Date(NOW).toISOString().slice(0, 10);
    assertEquals(counts.map(({ channel, status, count }) => [channel, status, count]), [
      ["qiscus", "queued", 1],
      ["whatsapp", "queued", 1],
      ["whatsapp", "sent", 1],
    ]);
    assert(counts.every((count) => count.date === date));
  });

  test("message counts tell recent failures", async ({ messages, messageHistory }) => {
    const all = [aMessage(), aMessage(), aMessage()];
    await messages.createAll(all);
    await messages.change(all[0].id, () => ({ status: "failed" }), NOW - 2 * 3_600_000);
    await messages.change(all[1].id, () => ({ status: "failed" }), NOW);
    await messages.change(all[2].id, () => ({ status: "failed" }), NOW);

    const counts = [
      await messageHistory.failedSince(NOW - 3_600_000, 10),
      await messageHistory.failedSince(0, 1),
    ];

    assertEquals(counts, [2, 1]);
  });
}
