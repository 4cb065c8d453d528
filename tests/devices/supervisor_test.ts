import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { NotFoundError, RefusedError } from "../../src/errors.ts";
import { PairingRefusedError } from "../../src/whatsapp/pairing_refused.ts";
import { newWaMessageId } from "../../src/whatsapp/message_id.ts";
import { aNumber } from "../support/sessions.ts";
import { until } from "../support/until.ts";
import { withSupervised } from "../support/supervised.ts";
import { aDevice } from "../support/kept_store.ts";
import { logOf } from "../../src/log.ts";
import { createSupervisor } from "../../src/devices/supervisor.ts";
import { sessionEndOf } from "../../src/whatsapp/disconnects.ts";
import type { Session } from "../../src/whatsapp/session.ts";
import type { Device } from "../../src/store/devices.ts";

withSupervised("supervisor pairs a device and tells each step once", async (world) => {
  const { id, phone } = await world.linked();

  assertEquals(world.told, ["device.connecting", "device.qr", "device.authenticated", "device.connected"]);
  assertEquals(world.of("device.connected"), [{
    phoneNumber: phone.number,
    jid: phone.pnJid,
    lid: phone.lidJid,
  }]);
  const row = await world.row(id);
  assertEquals([row?.status, row?.wanted, row?.phoneNumber, row?.lastError], [
    "connected",
    true,
    phone.number,
    null,
  ]);
});

withSupervised("supervisor publishes messages for the device's tenant", async (world) => {
  const { phone } = await world.linked();
  const anna = world.simulator.contact(aNumber(), "Anna");

  await anna.sendText(phone, "Halo");
  await world.data("message.received");

  const draft = world.published.find(({ type }) => type === "message.received");
  assertEquals([draft?.tenantId, draft?.device], ["tenant_default", {
    id: "device_1",
    alias: "kasir",
    me: `${phone.number}@s.whatsapp.net`,
    source: "whatsapp",
  }]);
});

withSupervised("supervisor gives the session that sends", async (world) => {
  const { id } = await world.linked();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const waMessageId = newWaMessageId();

  const outcome = await world.supervisor.get(id)?.send(
    { waMessageId, to: anna.pnJid, content: { kind: "text", text: "Siap" } },
    { timeoutMs: 60_000 },
  );

  assertEquals(outcome?.ok, true);
  const received = await anna.waitMessage(({ id }) => id === waMessageId);
  assertEquals(received.message.extendedTextMessage?.text, "Siap");
});

withSupervised("supervisor connects again after a loss, and tells it once", async (world) => {
  const { device } = await world.linked();
  world.published.length = 0;

  device.drop();
  await world.connected();

  assertEquals(world.told, ["device.disconnected", "device.authenticated", "device.connected"]);
  assertEquals(world.of("device.disconnected")[0].final, false);
});

withSupervised("supervisor tells a loss when WhatsApp asks a connected device to restart", async (world) => {
  const { device } = await world.linked();
  world.published.length = 0;

  device.restart("515");
  await world.connected();

  assertEquals(world.told, ["device.disconnected", "device.authenticated", "device.connected"]);
  const [{ reason, final }] = world.of("device.disconnected");
  assertEquals([reason, final], ["restart_required", false]);
  assert((await world.row())?.disconnectedAt !== null);
});

withSupervised(
  "supervisor notes when a device was last connected, whatever has ended that",
  async (world) => {
    const { id } = await world.linked();
    const lastLoss = async () => (await world.row())?.disconnectedAt ?? null;

    const atFirst = await lastLoss();
    await world.restart();
    const afterEnd = await lastLoss();
    await world.devices.update(id, { status: "connected", disconnectedAt: 1 }, 1); // as a crash leaves it
    await world.supervisor.start(id);
    await world.connected(id, 2);
    const afterCrash = await lastLoss();
    await world.devices.update(id, { disconnectedAt: 1 }, 1);
    await world.supervisor.restart(id);

    assertEquals(atFirst, null);
    for (const at of [afterEnd, afterCrash, await lastLoss()]) assert(at !== null && at > 1);
  },
);

withSupervised("supervisor keeps trying while WhatsApp refuses, and tells the loss once", async (world) => {
  const { device } = await world.linked();
  world.published.length = 0;
  world.simulator.faults.upgradeStatus = 503;

  device.drop();
  await until(async () => (await world.row())?.lastError?.includes("HTTP 503"), "a refusal");
  delete world.simulator.faults.upgradeStatus;
  await world.connected();

  assertEquals(world.told, ["device.disconnected", "device.authenticated", "device.connected"]);
  assertEquals((await world.row())?.lastError, null);
});

withSupervised(
  "supervisor gives a device up whose login is refused three times in a row, and says why",
  async (world) => {
    const { device } = await world.linked();
    world.published.length = 0;
    world.simulator.faults.loginFailure = { reason: 415 };

    device.drop();
    await until(async () => (await world.row())?.status === "failed", "the end");

    assertEquals([(await world.row())?.wanted, (await world.row())?.lastError?.includes("(415)")], [
      false,
      true,
    ]);
    const last = await until(
      () => world.of("device.disconnected").find(({ final }) => final),
      "the last word",
    );
    assertEquals([last.reason, last.final], ["auth_failure", true]);
  },
);

withSupervised("supervisor forgets refusals of the login that pass", async (world) => {
  const { device } = await world.linked();
  world.simulator.faults.loginFailure = { reason: 415, times: 2 };

  device.drop();
  await until(() => device.logins === 2, "the login after two refusals");
  await world.connected();

  assertEquals((await world.row())?.status, "connected");
});

withSupervised("supervisor connects again by itself when WhatsApp's ban is over", async (world) => {
  const { device } = await world.linked();
  world.published.length = 0;
  world.simulator.faults.loginFailure = { reason: 402, code: 101, expire: 1, times: 1 };

  device.drop();
  await until(
    async () => (await world.row())?.lastError?.includes("banned this number until 2"),
    "the ban",
  );
  await world.connected();

  assertEquals([(await world.row())?.lastError, device.logins], [null, 2]);
});

withSupervised("supervisor leaves a stopped device stopped, over a restart too", async (world) => {
  const { id } = await world.linked();

  await world.supervisor.stop(id);
  await world.restart();
  await world.supervisor.resumeWanted();

  assertEquals([(await world.row())?.status, (await world.row())?.wanted], ["disconnected", false]);
  assertEquals(world.told.at(-1), "device.disconnected");
  assertEquals(world.of("device.disconnected")[0].reason, "stopped");
});

withSupervised(
  "supervisor brings wanted devices back after a restart, with what came meanwhile",
  async (world) => {
    const { phone } = await world.linked();
    const anna = world.simulator.contact(aNumber(), "Anna");

    await world.restart();
    const id = await anna.sendText(phone, "Ada orang?");
    await world.supervisor.resumeWanted();
    await world.connected("device_1", 2);
    const message = await world.data("message.received");

    assertEquals([message.messageId, message.offline], [id, true]);
  },
);

withSupervised("supervisor does not come back after the phone has unlinked the device", async (world) => {
  const { id, device } = await world.linked();

  device.remove();
  const { reason, final, message } = await world.data("device.disconnected");

  assertEquals([reason, final], ["logout", true]);
  assert(message?.includes("scan a new QR code"));
  await until(async () => (await world.row(id))?.status === "needs_pairing", "needs_pairing");
  assertEquals([(await world.row(id))?.wanted, await world.credentials.load(id) !== undefined], [
    false,
    false,
  ]);
  assertEquals([(await world.row(id))?.jid, (await world.row(id))?.phoneNumber], [null, null]);
});

withSupervised("supervisor does not fight over a device that was replaced", async (world) => {
  const { device } = await world.linked();

  device.replace();
  const { reason, final } = await world.data("device.disconnected");

  assertEquals([reason, final], ["replaced", true]);
  await until(async () => (await world.row())?.status === "failed", "failed");
});

withSupervised(
  "supervisor says on logout that the phone still lists the device (WhatsApp out of reach)",
  async (world) => {
    const { id, device } = await world.linked();
    world.simulator.faults.upgradeStatus = 503;
    device.drop();
    await until(async () => (await world.row())?.status !== "connected", "the connection to be lost");

    await world.supervisor.logout(id);

    assertEquals([(await world.row())?.status, (await world.row())?.jid], ["needs_pairing", null]);
    assertMatch((await world.row())?.lastError ?? "", /still lists the device/);
    assertMatch(world.of("device.disconnected").at(-1)?.message ?? "", /Linked devices/);
  },
);

withSupervised(
  "supervisor tells once that the phone had unlinked a device that is logged out afterwards",
  async (world) => {
    const { id, device } = await world.linked();
    await world.supervisor.stop(id);
    device.remove();

    await world.supervisor.logout(id);

    assertEquals(world.of("device.disconnected").map(({ reason }) => reason), ["stopped", "logout"]);
    const row = await world.row();
    assertEquals([row?.status, row?.wanted, row?.lastError, row?.jid], ["needs_pairing", false, null, null]);
  },
);

for (const isStopped of [false, true]) {
  withSupervised(
    `supervisor takes no device for linked that nobody has typed the code of (${
      isStopped ? "stopped" : "running"
    })`,
    async (world) => {
      const id = await world.device();
      await world.supervisor.pairingCode(id, aNumber());
      await until(() => world.credentials.load(id), "what the code has left");
      if (isStopped) await world.supervisor.stop(id);

      await world.supervisor.logout(id);

      assertEquals(world.of("device.disconnected").filter(({ reason }) => reason === "logout"), []);
      const row = await world.row();
      assertEquals([row?.status, row?.wanted, row?.lastError], ["needs_pairing", false, null]);
      assertEquals(await world.credentials.load(id), undefined);
    },
  );
}

withSupervised("supervisor unlinks on logout, and a new pairing works", async (world) => {
  const { id, phone } = await world.linked();

  await world.supervisor.logout(id);
  await until(() => phone.devices.size === 0, "the phone to forget the device");
  assertEquals(world.of("device.disconnected").map(({ reason }) => reason), ["logout"]);
  assertEquals([(await world.row())?.status, (await world.row())?.jid], ["needs_pairing", null]);

  await world.supervisor.start(id);
  const qr = await world.supervisor.waitForQr(id, 60_000);
  await world.simulator.scanQr(qr?.code ?? "", phone);
  await world.connected(id, 2);
});

withSupervised("supervisor gives a code to type into the phone", async (world) => {
  const id = await world.device();
  const phone = world.simulator.phone(aNumber(), "Gateway");

  const code = await world.supervisor.pairingCode(id, phone.number);
  await world.simulator.enterCode(code, phone);
  await world.connected(id);

  assertEquals(code.length, 8);
  assertEquals((await world.row(id))?.phoneNumber, phone.number);
});

withSupervised("supervisor ends a pairing that nobody completes", async (world) => {
  const id = await world.device();

  await world.supervisor.start(id);
  const { reason, final } = await world.data("device.disconnected");

  assertEquals([reason, final], ["pairing_expired", true]);
  await until(async () => (await world.row(id))?.status === "needs_pairing", "needs_pairing");
  assertEquals(world.supervisor.qr(id), undefined);
}, { settings: { qrTimeoutMs: 30 } });

withSupervised(
  "supervisor calls a connection unstable once, when it is lost again and again",
  async (world) => {
    const { device } = await world.linked();

    for (let losses = 1; losses <= 4; losses++) {
      device.drop();
      await world.connected("device_1", losses + 1);
    }

    assertEquals(world.of("device.unstable").map(({ disconnects }) => disconnects), [3]);
  },
  { policy: { flapping: { losses: 3, withinMs: 3_600_000 } } },
);

withSupervised("supervisor notices a line that has gone dead, and connects anew", async (world) => {
  const { device } = await world.linked();
  const { connection } = device;
  if (connection === undefined) throw new Error("It is not connected");

  connection.blackhole = true;
  await world.connected("device_1", 2);

  assertEquals(world.of("device.disconnected").map(({ reason }) => reason), ["connection_lost"]);
}, { settings: { keepAliveMs: 200 } });

withSupervised("supervisor brings many devices back", async (world) => {
  const ids = Array.from({ length: 6 }, (_, n) => `device_${n + 1}`);
  for (const id of ids) await world.linked(id);
  await world.restart();
  world.published.length = 0;

  await world.supervisor.resumeWanted();
  for (const id of ids) await world.connected(id);

  assertEquals(world.of("device.connected").length, ids.length);
});

withSupervised("supervisor publishes again what the store could not take", async (world) => {
  const id = await world.device();
  world.refusals = 2;

  await world.supervisor.start(id);
  await until(() => world.supervisor.qr(id), "a qr");
  await world.data("device.qr");

  assertEquals(world.told, ["device.connecting", "device.qr"]);
  assertEquals(world.refusals <= 0, true);
});

withSupervised("supervisor refuses a device that does not exist", async ({ supervisor }) => {
  for (const verb of ["start", "stop", "logout"] as const) {
    await assertRejects(() => supervisor[verb]("device_x"), NotFoundError);
  }
});

withSupervised("supervisor shows one QR code until the next, and none once it is linked", async (world) => {
  const { id } = await world.linked();

  assertEquals(world.supervisor.qr(id), undefined);
  assertEquals(await world.supervisor.waitForQr(id, 50), undefined);
  const [{ code, expiresAt }] = world.of("device.qr");
  assert(code.includes("2@") && expiresAt > Date.now());
});

withSupervised(
  "supervisor gives no pairing code for a device that is linked, and leaves it so",
  async (world) => {
    const { id, phone } = await world.linked();
    await world.supervisor.stop(id);

    await assertRejects(() => world.supervisor.pairingCode(id, aNumber()), RefusedError, "linked with");
    await world.supervisor.start(id);
    await world.connected(id, 2);

    assertEquals(world.of("device.connected").at(-1)?.phoneNumber, phone.number);
  },
);

withSupervised(
  "supervisor tries at once when a device is started that waits to be tried again",
  async (world) => {
    const { id, device } = await world.linked();
    device.drop();
    await until(async () => (await world.row())?.status === "disconnected", "the loss");

    await world.supervisor.start(id);
    const status = (await world.row())?.status;
    await world.connected(id, 2);

    assertEquals(status, "connecting");
  },
  { policy: { backoff: { firstMs: 600_000, mostMs: 600_000 } } },
);

withSupervised("supervisor takes back what it said of a device that is stopped", async (world) => {
  const { id, device } = await world.linked();
  world.simulator.faults.upgradeStatus = 503;
  device.drop();
  await until(async () => (await world.row())?.lastError?.includes("HTTP 503"), "a refusal");

  await world.supervisor.stop(id);

  assertEquals([(await world.row())?.status, (await world.row())?.lastError], ["disconnected", null]);
});

withSupervised("supervisor leaves a device failed that is stopped afterwards", async (world) => {
  const { id, device } = await world.linked();
  device.replace();
  await until(async () => (await world.row())?.status === "failed", "failed");

  await world.supervisor.stop(id);

  assertEquals((await world.row())?.status, "failed");
  assert((await world.row())?.lastError?.includes("Another program"));
});

withSupervised(
  "supervisor says of no device that it is connected when it may not connect any",
  async (world) => {
    const { id } = await world.linked();
    await world.restart();
    await world.devices.update(id, { status: "connected" }, 1); // as a crash leaves it

    await world.supervisor.leaveWanted();

    assertEquals([(await world.row())?.status, (await world.row())?.wanted], ["disconnected", true]);
  },
);

withSupervised("supervisor removes a device whatever else is asked of it", async (world) => {
  const { id, phone } = await world.linked();
  const { supervisor } = world;

  const asked = [supervisor.remove(id), supervisor.start(id), supervisor.remove(id), supervisor.restart(id)];
  const outcomes = await Promise.allSettled(asked);

  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "rejected", "rejected"]);
  assertEquals([await world.row(id), phone.devices.size], [undefined, 0]);
  await until(() => world.simulator.connections.size === 0, "the end of every connection");
});

withSupervised("supervisor gives the QR code once the device says that it is being paired", async (world) => {
  const id = await world.device();

  await world.supervisor.start(id);
  await world.supervisor.waitForQr(id, 60_000);

  assertEquals((await world.row(id))?.status, "pairing");
});

withSupervised(
  "supervisor says at once that there is no pairing code while WhatsApp cannot be reached",
  async (world) => {
    const id = await world.device();
    world.simulator.faults.upgradeStatus = 503;

    await assertRejects(
      () => world.supervisor.pairingCode(id, aNumber()),
      PairingRefusedError,
      "cannot be reached",
    );
  },
);

Deno.test("supervisor brings every wanted device back, whichever of those before it end meanwhile", async () => {
  const rows = new Map(
    Array.from({ length: 501 }, (_, n): [string, Device] => {
      const id = `device_${n}`;
      return [id, { ...aDevice(id), alias: null, wanted: true }];
    }),
  );
  const opened = new Set<string>();
  const supervisor = createSupervisor({
    devices: {
      get: (id) => Promise.resolve(rows.get(id)),
      list: ({ limit, offset = 0 } = {}) =>
        Promise.resolve(
          [...rows.values()].filter(({ wanted }) => wanted).slice(offset, offset + (limit ?? 0)),
        ),
      update(id, change) {
        const device = { ...rows.get(id)!, ...change };
        rows.set(id, device);
        return Promise.resolve(device);
      },
      remove: () => Promise.resolve(true),
    },
    credentials: { load: () => Promise.resolve(undefined), clear: () => Promise.resolve() },
    sessions: {
      open(deviceId, events) {
        opened.add(deviceId);
        events.ended(sessionEndOf({ code: 401, paired: true }));
        return Promise.resolve({} as Session); // nothing is asked of it
      },
    },
    publish: () => Promise.resolve(),
    receipts: () => Promise.resolve(),
    log: logOf("whatsapp"),
  });

  await supervisor.resumeWanted();
  await until(() => opened.size === rows.size, "every device to be opened");
  await supervisor.stopAll();
});
