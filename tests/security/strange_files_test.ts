import { Buffer } from "node:buffer";
import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BYTES = Buffer.from("hello");

/** Files that this process has open in the gateway's folder for received ones. */
function openFiles(): number {
  if (Deno.build.os !== "linux") return 0;
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).includes("/media/cache/");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false; // the one by which the folder was read
      throw error;
    }
  }).length;
}

for (
  const mimetype of [
    "text/plain\r\nX-Evil: 1",
    "image/png\u0000é",
    "text/html; charset=é",
    "x".repeat(20_000),
  ]
) {
  Deno.test(`file of the type ${JSON.stringify(mimetype.slice(0, 30))} is handed out as unknown bytes`, async () => {
    await using gateway = await startWhatsAppGateway();
    const { id, phone } = await gateway.pair("kasir");
    const budi = gateway.simulator.contact("628123456789", "Budi");
    const fileName = "faktur\u202Egnp.exe\r\n\ud800";
    await budi.sendMedia(phone, "document", BYTES, { mimetype, fileName });
    await until(async () => (await gateway.events("message.received")).length === 1, "it came");
    const [event] = await gateway.events("message.received");
    const media = event.content.kind === "document" ? event.content.media : undefined;
    const path = `/v1/devices/${id}/media/${media?.mediaId}`;

    const answers = [];
    for (let i = 0; i < 20; i++) {
      answers.push(await gateway.ask("GET", path), await gateway.ask("HEAD", path));
      await gateway.ask("HEAD", path, undefined, { Range: "bytes=0-1" });
    }

    assertEquals(new Set(answers.map(({ status }) => status)), new Set([200]));
    assertEquals(Buffer.from(answers[0].bytes), BYTES);
    assertEquals(answers[0].headers.get("Content-Type"), "application/octet-stream");
    assertMatch(
      answers[0].headers.get("Content-Disposition") ?? "",
      /^attachment; filename="fakturgnp\.exe_?"/,
    );
    assertEquals(media?.mimeType, "application/octet-stream");
    assertEquals(media?.fileName?.startsWith("fakturgnp.exe"), true);
    await until(() => openFiles() === 0, "every file to be closed");
  });
}
