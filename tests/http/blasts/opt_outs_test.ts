import { assertEquals } from "@std/assert";
import { setUpBlasting } from "../../support/blasting.ts";
import { mockQiscus } from "../../support/qiscus.ts";

const [BUDI, SARI] = ["6281234567890", "6281234567891"];
const OPT_OUT = {
  pn: `${BUDI}@s.whatsapp.net`,
  lid: null,
  reason: "STOP",
  source: "message",
  at: 1,
} as const;
const BODY = { channels: ["whatsapp"], message: "Halo", recipients: [BUDI, SARI] };

Deno.test("blast through Qiscus does not reach who wants no more, and says so in its rows", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  await server.store.optOuts.add("tenant_default", OPT_OUT);

  const { json } = await server.ask("POST", "/api/messages/blast", BODY);
  await server.reaches(json.blast_id, "completed");

  const rows = await server.store.messages.list({ blastId: String(json.blast_id) }, { limit: 9 });
  const refused = rows.find(({ to }) => to === BUDI);
  assertEquals([refused?.status, refused?.error?.reason], ["failed", "opted_out"]);
  assertEquals(qiscus.sends.length, 1);
  const failed = server.published.filter(({ type, data }) =>
    type === "message.status" && "status" in data && data.status === "failed"
  );
  assertEquals(failed.map(({ data }) => "reason" in data && data.reason), [{
    code: null,
    message: "This person asked for no more messages of this kind",
    reason: "opted_out",
  }]);
});

Deno.test("blast that a crash interrupted does not go on to who opted out meanwhile", async () => {
  const folder = await Deno.makeTempDir();
  const before = await setUpBlasting({ folder, start: false });
  await before.addDevice("device_1");
  const { json } = await before.ask("POST", "/api/messages/blast", { ...BODY, device: "device_1" });
  const id = String(json.blast_id);
  await before.store.blasts.claim(id, { deviceId: "device_1", waMessageId: "3EB0A", now: 1 });
  await before.store.optOuts.add("tenant_default", OPT_OUT);
  await before.stop();

  await using after = await setUpBlasting({ folder, start: false });
  const line = after.addLine("device_1");
  await after.blasting.start();
  await after.reaches(id, "completed");

  assertEquals(line.sent.map(({ to }) => to), [`${SARI}@s.whatsapp.net`]);
});

Deno.test("blast does not reach who opted out under the other spelling of their number, or by hidden identity", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  const [ana, bia, carla] = ["5511987654321", "5215512345678", "5491123456789"];
  await server.store.optOuts.add("tenant_default", { ...OPT_OUT, pn: "551187654321@s.whatsapp.net" });
  await server.store.optOuts.add("tenant_default", { ...OPT_OUT, pn: null, lid: "9000@lid" });
  await server.store.credentials.setKeys("device_1", [
    { type: "lid-mapping", id: "525512345678", value: '"9000"' },
  ]);

  const { json } = await server.ask("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    message: "Halo",
    device: "device_1",
    recipients: [ana, bia, carla],
  });
  await server.reaches(json.blast_id, "completed");

  assertEquals(line.sent.map(({ to }) => to), [`${carla}@s.whatsapp.net`]);
});

Deno.test("blast writes once to a number that stands in its list in two spellings", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");

  const { json } = await server.ask("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    message: "Halo",
    device: "device_1",
    recipients: ["+55 11 98765-4321", "+55 11 8765-4321"],
  });
  await server.reaches(json.blast_id, "completed");

  assertEquals(line.sent.map(({ to }) => to), ["5511987654321@s.whatsapp.net"]);
  assertEquals(json.duplicates, 1);
});
