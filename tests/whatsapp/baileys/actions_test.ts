import { assert, assertEquals, assertRejects } from "@std/assert";
import { WhatsAppRefusal } from "../../../src/whatsapp/actions.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import { aNumber, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const MAX = { maxBytes: 1_000_000 };

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

withWorld(
  "session fetches the file of a message, decrypted, to disk",
  ({ simulator, link, inbox }) =>
    inFolder(async (folder) => {
      const { session, reports, phone } = await link();
      const anna = simulator.contact(aNumber(), "Anna");
      const file = crypto.getRandomValues(new Uint8Array(60_001));
      const id = await anna.sendMedia(phone, "document", file, { fileName: "nota.pdf" });
      await reports.data("message.received");
      await until(() => inbox.get("device_1", id), "the message to be kept");

      const found = await session.download(id, { path: `${folder}/nota`, ...MAX });

      assertEquals(found, {
        kind: "document",
        mimeType: "application/pdf",
        sizeBytes: 60_001,
        fileName: "nota.pdf",
      });
      assertEquals(await Deno.readFile(`${folder}/nota`), file);
    }),
);

for (const [why, status] of [["has deleted", 410], ["does not give by its address any more", 403]] as const) {
  withWorld(
    `session asks the phone for a file that WhatsApp ${why}`,
    ({ simulator, link, inbox }) =>
      inFolder(async (folder) => {
        const { session, reports, phone } = await link();
        const anna = simulator.contact(aNumber(), "Anna");
        const file = crypto.getRandomValues(new Uint8Array(20_000));
        const id = await anna.sendMedia(phone, "image", file, { https: true });
        await reports.data("message.received");
        await until(() => inbox.get("device_1", id), "the message to be kept");
        const path = anna.sent(id)?.message.imageMessage?.directPath ?? "";
        simulator.media.failures.set(path, status);

        const { sizeBytes } = await session.download(id, { path: `${folder}/foto`, ...MAX });

        assertEquals([sizeBytes, await Deno.readFile(`${folder}/foto`)], [20_000, file]);
      }),
  );
}

withWorld(
  "session does not call a file deleted that the phone has uploaded again, when it cannot be fetched",
  ({ simulator, link, inbox }) =>
    inFolder(async (folder) => {
      const { session, reports, phone } = await link();
      const anna = simulator.contact(aNumber(), "Anna");
      const id = await anna.sendMedia(phone, "image", new Uint8Array(5_000), { https: true });
      await reports.data("message.received");
      await until(() => inbox.get("device_1", id), "the message to be kept");
      const first = anna.sent(id)?.message.imageMessage?.directPath ?? "";
      // whatever else is asked for is somewhere else, where nobody goes
      const failures = { get: (path: string) => path === first ? 410 : 302 };
      Object.assign(simulator.media, { failures });

      const error = await assertRejects(
        () => session.download(id, { path: `${folder}/x`, ...MAX }),
        WhatsAppRefusal,
      );

      assertEquals(error.code, null);
    }),
);

withWorld(
  "session tells a damaged file from a server that does not answer",
  ({ simulator, link, inbox }) =>
    inFolder(async (folder) => {
      const { session, reports, phone } = await link();
      const anna = simulator.contact(aNumber(), "Anna");
      const id = await anna.sendMedia(phone, "image", new Uint8Array(5_000), { https: true });
      await reports.data("message.received");
      await until(() => inbox.get("device_1", id), "the message to be kept");
      const blob = simulator.media.get(anna.sent(id)?.message.imageMessage?.directPath ?? "");
      blob?.fill(1, 100, 200);

      const error = await assertRejects(
        () => session.download(id, { path: `${folder}/x`, ...MAX }),
        WhatsAppRefusal,
      );

      assertEquals(error.code, 502);
      assertEquals([...Deno.readDirSync(folder)], []);
    }),
);

withWorld(
  "session refuses a file that is too large, and leaves nothing behind",
  ({ simulator, link, inbox }) =>
    inFolder(async (folder) => {
      const { session, reports, phone } = await link();
      const anna = simulator.contact(aNumber(), "Anna");
      const id = await anna.sendMedia(phone, "image", new Uint8Array(5_000));
      await reports.data("message.received");
      await until(() => inbox.get("device_1", id), "the message to be kept");

      const error = await assertRejects(
        () => session.download(id, { path: `${folder}/x`, maxBytes: 4_999 }),
        WhatsAppRefusal,
      );

      assertEquals(error.code, 413);
      assertEquals([...Deno.readDirSync(folder)], []);
    }),
);

withWorld("session says that a file came without its key", async ({ simulator, link, inbox }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const id = await anna.send(phone, { imageMessage: { mimetype: "image/png", directPath: "/v/t62/x" } });
  await reports.data("message.received");
  await until(() => inbox.get("device_1", id), "the message to be kept");

  const error = await assertRejects(
    () => session.download(id, { path: "/nowhere", ...MAX }),
    WhatsAppRefusal,
  );

  assertEquals(error.message, "The message came without the key of its file");
});

withWorld("session says that a message has no file, or is not known", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const id = await anna.sendText(phone, "Halo");
  await reports.data("message.received");

  for (const messageId of [id, "3A00"]) {
    const error = await assertRejects(
      () => session.download(messageId, { path: "/nowhere", ...MAX }),
      WhatsAppRefusal,
    );
    assertEquals(error.code, 404);
  }
});

withWorld(
  "session tells authors that their messages were read, at the address they wrote from",
  async (world) => {
    const { session, reports, phone, device } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");
    const id = await anna.sendText(phone, "Halo");
    await reports.data("message.received");

    const marked = await session.markRead([id, "3A00", id]);
    const receipt = await until(
      () => device.receipts.find(({ attrs }) => attrs.type === "read"),
      "a read receipt",
    );

    assertEquals([receipt.attrs.id, receipt.attrs.to], [id, anna.lidJid]);
    assertEquals(marked, [id]);
  },
);

withWorld(
  "session marks the message of the chat that is named, not an older one of its id",
  async (world) => {
    const { session, reports, phone, device } = await world.link();
    const [anna, budi] = ["Anna", "Budi"].map((name) => world.simulator.contact(aNumber(), name));
    const id = await anna.sendText(phone, "Halo");
    await budi.sendText(phone, "Hai", { id });
    await reports.data("message.received", 2);

    const elsewhere = await session.markRead([id], aNumber() + "@s.whatsapp.net");
    const marked = [await session.markRead([id], budi.pnJid), await session.markRead([id], budi.lidJid)];
    await until(
      () => device.receipts.filter(({ attrs }) => attrs.type === "read").length === 2,
      "receipts",
    );

    const told = device.receipts.filter(({ attrs }) => attrs.type === "read").map(({ attrs }) => attrs.to);
    assertEquals([elsewhere, ...marked], [[], [id], [id]]);
    assertEquals(told, [budi.lidJid, budi.lidJid]);
  },
);

withWorld("session finds out which numbers are on WhatsApp", async ({ simulator, link }) => {
  const { session } = await link();
  const anna = simulator.contact(aNumber(), "Anna");

  const found = await session.onWhatsApp([anna.number, "6281000000000"]);

  assertEquals([...found], [[anna.number, anna.pnJid], ["6281000000000", null]]);
});

withWorld(
  "session finds and reaches whom WhatsApp knows by another number than is dialled",
  async (world) => {
    const { session } = await world.link();
    const ana = world.simulator.contact("556991674800", "Ana");
    const bia = world.simulator.contact("5215512345678", "Bia");
    const [dialled, other, nobody] = ["5569991674800", "525512345678", "62811000"];

    const found = await session.onWhatsApp([dialled, ana.number, other, nobody]);
    const outcome = await session.send(
      { waMessageId: "3EB0NINTH", to: `${dialled}@s.whatsapp.net`, content: { kind: "text", text: "Oi" } },
      { timeoutMs: 60_000 },
    );

    assertEquals([...found], [[dialled, ana.pnJid], [ana.number, ana.pnJid], [other, bia.pnJid], [
      nobody,
      null,
    ]]);
    assertEquals([outcome.ok, outcome.ok && outcome.to], [true, ana.pnJid]);
    assertEquals(ana.inbox.map(({ id }) => id), ["3EB0NINTH"]);
    assertEquals((await world.inbox.named("device_1", "3EB0NINTH")).map(({ chat }) => chat), [ana.pnJid]);
  },
);

withWorld("session shows that somebody types", async ({ simulator, link }) => {
  const { session } = await link();
  const anna = simulator.contact(aNumber(), "Anna");

  await session.setTyping(anna.pnJid, "composing");
});

withWorld("session makes a group and changes who is in it", async ({ simulator, link }) => {
  const { session, phone } = await link();
  const [anna, budi] = ["Anna", "Budi"].map((name) => simulator.contact(aNumber(), name));

  const made = await session.createGroup("Kelas 6", [anna.pnJid]);
  const added = await session.changeMembers(made.jid, "add", [budi.pnJid]);
  await session.changeMembers(made.jid, "promote", [budi.pnJid]);
  await session.setSubject(made.jid, "Kelas 7");
  const group = await session.group(made.jid);

  assertEquals([made.subject, group.subject], ["Kelas 6", "Kelas 7"]);
  assertEquals(added.map(({ ok }) => ok), [true]);
  const roles = new Map(group.participants.map(({ person, role }) => [person.pn, role]));
  assertEquals([roles.get(phone.pnJid), roles.get(anna.pnJid), roles.get(budi.pnJid)], [
    "superadmin",
    "member",
    "admin",
  ]);
  assertEquals((await session.groups()).map(({ jid }) => jid), [made.jid]);
  assert((await session.inviteCode(made.jid)).length > 10);
});

withWorld("session tells what WhatsApp has against a question about a group", async ({ link }) => {
  const { session } = await link();

  const error = await assertRejects(() => session.group("120363000000000404@g.us"), WhatsAppRefusal);

  assertEquals(error.message, "Cannot read the group: WhatsApp knows nothing of the kind (item-not-found)");
});

withWorld("session refuses every action before it is connected", async ({ open }) => {
  const { session } = await open();

  const error = await assertRejects(() => session.groups(), WhatsAppRefusal);

  assertEquals(error.message, "Cannot list groups: the device is not connected");
});

withWorld("session archives and mutes a chat", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  await anna.sendText(phone, "Halo");
  await reports.data("message.received");

  await session.archive(anna.pnJid, true);
  await session.mute(anna.pnJid, Date.now() + 3_600_000);
  await session.mute(anna.pnJid, null);
});

withWorld("session gives the address of a picture, or none", async ({ simulator, link }) => {
  const { session } = await link();
  const anna = simulator.contact(aNumber(), "Anna");

  const url = await session.pictureUrl(anna.pnJid);

  assert(url === null || url.startsWith("http"), `${url}`);
});

withWorld("session sends a file from disk", ({ simulator, link }) =>
  inFolder(async (folder) => {
    const { session } = await link();
    const anna = simulator.contact(aNumber(), "Anna");
    const path = `${folder}/nota.pdf`;
    const file = crypto.getRandomValues(new Uint8Array(30_000));
    await Deno.writeFile(path, file);
    const waMessageId = newWaMessageId();
    const content = {
      kind: "document",
      path,
      mimeType: "application/pdf",
      fileName: "nota.pdf",
      caption: "Nota",
    } as const;

    const outcome = await session.send({ waMessageId, to: anna.pnJid, content }, { timeoutMs: 10_000 });

    assertEquals(outcome.ok, true);
    const { message } = await anna.waitMessage(({ id }) => id === waMessageId);
    assertEquals(new Uint8Array(anna.openMedia(message)), file);
  }));

withWorld("session says that a file to send is not there", async ({ simulator, link }) => {
  const { session } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const content = { kind: "image", path: "/nowhere/x.png", mimeType: "image/png" } as const;

  const outcome = await session.send({ waMessageId: newWaMessageId(), to: anna.pnJid, content }, {
    timeoutMs: 60_000,
  });

  assertEquals([outcome.ok, !outcome.ok && outcome.retryable], [false, false]);
});
