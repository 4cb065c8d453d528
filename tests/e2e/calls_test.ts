import { assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

Deno.test("a call that rings is rejected, and one that does not is refused", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact("628123456789", "Budi");
  const path = (call: string) => `/v1/devices/${id}/calls/${call}/reject`;
  budi.call(phone, "call-1", "offer");
  budi.call(phone, "call-2", "offer");
  budi.call(phone, "call-2", "timeout");
  await until(async () => (await gateway.events("call.ended")).length === 1, "the calls");

  const rejected = await gateway.ask("POST", path("call-1"));
  const [over, unknown] = [
    await gateway.ask("POST", path("call-2")),
    await gateway.ask("POST", path("call-3")),
  ];

  assertEquals([rejected.status, rejected.at("data.rejected")], [200, true]);
  assertEquals(budi.callAnswers.map(({ callId, step }) => [callId, step]), [["call-1", "reject"]]);
  for (const answer of [over, unknown]) {
    assertEquals([answer.status, answer.at("error.code")], [404, "CALL_NOT_FOUND"]);
  }
});
