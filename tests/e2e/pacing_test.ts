import { assert, assertEquals, assertMatch } from "@std/assert";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";

Deno.test("a device that is made with a pace types before it sends, rests, and says when each message leaves", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const pacing = { min_gap_ms: 2_000, max_gap_ms: 2_000 };
  const changed = await gateway.ask("PATCH", `/v1/devices/${id}`, { pacing });
  const send = (text: string) =>
    gateway.ask("POST", `/v1/devices/${id}/messages/text?wait=false`, { to: BUDI, text });
  const beganAt = Date.now();

  const first = await send("1");
  const second = await send("2");
  const askedS = Date.now() / 1000;
  await budi.waitMessage((message) => message.id === first.at("data.wa_message_id"));
  await gateway.restart();
  await gateway.connected(id);
  await budi.waitMessage((message) => message.id === second.at("data.wa_message_id"));
  const arrivedAt = Date.now();

  assertEquals(changed.at("data.pacing"), { min_gap_ms: 2_000, max_gap_ms: 2_000, typing: true });
  assertEquals([first.status, second.status], [202, 202]);
  const [firstS, secondS] = [first, second].map((answer) => Number(answer.at("data.send_at")));
  const isApart = secondS - firstS >= 2 && secondS - Math.max(firstS, askedS) <= 4;
  assertEquals(isApart, true, `told ${firstS} and ${secondS} at ${askedS}`);
  assertEquals(arrivedAt - beganAt >= 4_000, true, "typed, rested and typed over the restart");
  const shown = [...phone.devices.values()].flatMap(({ presence }) => presence).filter(({ tag }) =>
    tag === "chatstate"
  );
  assert(shown.length >= 2, `typed ${shown.length} times`); // once more when the restart came amid it
  assertEquals(new Set(budi.inbox.map((message) => message.id)).size, 2);
});

Deno.test("an answer that would have to wait too long says at once when the message leaves", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  gateway.simulator.contact(BUDI, "Budi");
  const pacing = { minGapMs: 3_600_000, maxGapMs: 3_600_000, typing: false };
  await gateway.ask("PATCH", `/v1/devices/${id}`, { pacing });
  const send = (text: string) => gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text });

  const first = await send("1");
  const second = await send("2");
  const off = await gateway.ask("PATCH", `/v1/devices/${id}`, { pacing: null });
  const third = await send("3");

  assertEquals([first.status, second.status, third.status], [200, 202, 200]);
  const aheadS = Number(second.at("data.send_at")) - Date.now() / 1000;
  assertEquals(aheadS > 3_500 && aheadS <= 3_600, true, `${aheadS} s ahead`);
  assertEquals([first.at("data.send_at"), third.at("data.send_at"), off.at("data.pacing")], [
    undefined,
    undefined,
    null,
  ]);
});

Deno.test("a pace that cannot be one is refused by name, and a change that says nothing", async () => {
  await using gateway = await startWhatsAppGateway();
  const made = await gateway.ask("POST", "/v1/devices", { label: "Kasir", pacing: { maxGapMs: 500 } });
  const change = (body: unknown) => gateway.ask("PATCH", `/v1/devices/${made.at("data.id")}`, body);

  const reversed = await change({ pacing: { min_gap_ms: 9_000, max_gap_ms: 10 } });
  const negative = await change({ pacing: { min_gap_ms: -1 } });
  const mistyped = await change({ pacing: { minGap: 1 } });
  const nothing = await change({});
  const label = await gateway.ask("PUT", `/v1/devices/${made.at("data.id")}`, { label: "Kasir 2" });

  assertEquals(made.at("data.pacing"), { min_gap_ms: 500, max_gap_ms: 500, typing: true });
  assertEquals([reversed, negative, mistyped, nothing].map(({ status }) => status), [400, 400, 400, 400]);
  assertMatch(JSON.stringify(reversed.body), /`pacing.min_gap_ms` must be at most `max_gap_ms`/);
  assertMatch(JSON.stringify(negative.body), /`pacing.min_gap_ms`/);
  assertMatch(JSON.stringify(mistyped.body), /Unknown field `minGap`/);
  assertMatch(JSON.stringify(nothing.body), /must name a field to change/);
  assertEquals([label.at("data.label"), label.at("data.pacing.max_gap_ms")], ["Kasir 2", 500]);
});
