import { Buffer } from "node:buffer";
import { assertEquals, assertRejects } from "@std/assert";
import { downloadMediaMessage, type WAMessage } from "@whiskeysockets/baileys";
import { tinyPng } from "../../../src/simulator/people/content.ts";
import { statusOf } from "../../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";
import { trustingUpload } from "../../support/trusted_media.ts";

async function download(message: WAMessage): Promise<Uint8Array> {
  return new Uint8Array(await downloadMediaMessage(message, "buffer", {}));
}

withSimulator("media of a contact is downloaded to the very bytes that were sent", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const image = crypto.getRandomValues(new Uint8Array(60_001));
  const pdf = new TextEncoder().encode("%PDF-1.7 not really");

  const { message: looked } = await client.message(
    await anna.sendMedia(phone, "image", image, { caption: "look" }),
  );
  const { message: bill } = await client.message(
    await anna.sendMedia(phone, "document", pdf, { fileName: "bill.pdf" }),
  );

  assertEquals(looked.message?.imageMessage?.caption, "look");
  assertEquals(await download(looked), image);
  assertEquals(bill.message?.documentMessage?.fileName, "bill.pdf");
  assertEquals(await download(bill), pdf);
  await client.end();
});

withSimulator("media that is gone is refused, and Baileys does not ask for it again", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const { message } = await client.message(await anna.sendMedia(phone, "image", tinyPng()));
  simulator.media.failures.set(new URL(message.message?.imageMessage?.url ?? "").pathname, 410);
  let asked = 0;
  const reuploadRequest = (again: WAMessage) => (asked++, Promise.resolve(again));

  const gone = await assertRejects(() =>
    downloadMediaMessage(message, "buffer", {}, { logger: client.log.logger, reuploadRequest })
  );

  assertEquals([statusOf(gone), asked], [410, 0]);
  await client.end();
});

withSimulator(
  "media of the client is uploaded over https with an authority that only it trusts",
  async (simulator) => {
    const { client } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");
    const file = crypto.getRandomValues(new Uint8Array(10_000));
    using http = Deno.createHttpClient({ caCerts: [simulator.tlsCaPem] });
    const upload = trustingUpload(client.socket, http);
    const content = { document: Buffer.from(file), fileName: "a.bin", mimetype: "application/octet-stream" };

    // `upload` is not in the types of the options, but they are spread over Baileys' own
    const sent = await client.socket.sendMessage(anna.pnJid, content, { upload } as object);

    const got = await anna.waitMessage((message) => message.id === sent?.key.id);
    assertEquals(got.message.documentMessage?.fileName, "a.bin");
    assertEquals(new Uint8Array(anna.openMedia(got.message)), file);
    assertEquals(simulator.media.uploads, 1);
    await client.end();
  },
);

withSimulator(
  "media host serves https under its own authority, and nobody else trusts it",
  async (simulator) => {
    const { path } = simulator.media.put(Buffer.from("blob"));
    const url = `https://${simulator.media.host}${path}`;
    using http = Deno.createHttpClient({ caCerts: [simulator.tlsCaPem] });

    const response = await fetch(url, { client: http });

    assertEquals(await response.text(), "blob");
    await assertRejects(() => fetch(url), TypeError);
  },
);

withSimulator(
  "media that is gone is uploaded again by its sender when the client asks",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");
    const { message } = await client.message(
      await anna.sendMedia(phone, "image", tinyPng(), { https: true }),
    );
    const before = message.message?.imageMessage?.directPath;

    const { message: updated } = await client.socket.updateMediaMessage(message);

    const after = updated?.imageMessage?.directPath;
    assertEquals([after === before, simulator.media.get(after ?? "")], [
      false,
      simulator.media.get(before ?? ""),
    ]);
    await client.end();
  },
);

withSimulator("media of a message that nobody sent cannot be uploaded again", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const { message } = await client.message(await anna.sendMedia(phone, "image", tinyPng()));
  const other = { ...message, key: { ...message.key, id: "UNKNOWN" } };

  const asking = client.socket.updateMediaMessage(other);

  assertEquals(statusOf(await asking.catch((error: unknown) => error)), 404);
  await client.end();
});
