import { assert, assertEquals } from "@std/assert";
import { readFixture } from "../../src/recording/read_fixture.ts";
import { castOf, replay } from "../../src/simulator/mod.ts";
import { revealedBy } from "../support/revealed.ts";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const ANNA = "4917012345678";

Deno.test("gateway writes records that only their owner reads, and takes them again", async () => {
  const folder = await Deno.makeTempDir();
  const records = `${folder}/wire`;
  await using gateway = await startWhatsAppGateway({ settings: { WIRE_RECORD: records } });
  const { id, phone } = await gateway.pair("Kasir");
  const anna = gateway.simulator.contact(ANNA, "Anna Contoh");
  await anna.sendText(phone, "my PIN is 4711");
  await until(async () => (await gateway.events("message.received")).length === 1, "the event");
  const recordIn = () => [...Deno.readDirSync(records)].map(({ name }) => `${records}/${name}`);
  await until(() => recordIn().some((file) => Deno.readTextFileSync(file).includes("plain")), "the record");
  const [path] = recordIn();

  const text = await Deno.readTextFile(path);
  const fixture = readFixture(text);
  const other = await gateway.pair("Toko");
  const cast = castOf(fixture, gateway.simulator);
  const device = [...other.phone.devices.values()][0];
  const played = await replay({
    simulator: gateway.simulator,
    cast: { ...cast, phone: other.phone },
    fixture,
    device,
  });
  await until(async () => (await gateway.events("message.received")).length === 2, "the event again");

  assert(path.startsWith(`${records}/${id}-`), path);
  if (Deno.build.os !== "windows") assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  assertEquals(revealedBy(text, [ANNA, "Contoh", "my PIN"]), []);
  assertEquals([fixture.header.texts, played.played, played.unsettled], ["dropped", 1, []]);
  const [first, second] = await gateway.events("message.received");
  assertEquals(second.messageId, first.messageId);
  assertEquals([second.content.kind, second.from.pn], ["text", "628110000002@s.whatsapp.net"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("gateway goes on when a record cannot be written", async () => {
  const file = await Deno.makeTempFile();
  await using gateway = await startWhatsAppGateway({ settings: { WIRE_RECORD: `${file}/no-folder` } });
  const { phone } = await gateway.pair("Kasir");

  await gateway.simulator.contact(ANNA, "Anna").sendText(phone, "hi");
  await until(async () => (await gateway.events("message.received")).length === 1, "the event");

  await Deno.remove(file);
});
