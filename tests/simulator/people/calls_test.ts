import { assertEquals } from "@std/assert";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator(
  "contact sees that a client rejects a call, and other devices stop ringing",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const { client: second } = await link(simulator, {}, phone);
    const anna = simulator.contact(aNumber(), "Anna");
    anna.call(phone, "CALL1", "offer");
    const offered = await client.until(
      () => client.of("call").flat().find(({ id }) => id === "CALL1"),
      "the call",
    );

    await client.socket.rejectCall(offered.id, offered.from);
    await simulator.until(() => anna.callAnswers.length > 0, "the answer");
    const ended = await second.until(
      () => second.of("call").flat().find(({ id, status }) => id === "CALL1" && status !== "offer"),
      "the end",
    );

    assertEquals(anna.callAnswers.map(({ callId, step, by }) => [callId, step, by]), [[
      "CALL1",
      "reject",
      phone,
    ]]);
    assertEquals(ended.status, "terminate");
    await client.end();
    await second.end();
  },
);

withSimulator("call of a hidden number names the lid alone, and every step is sent", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const cara = simulator.contact(aNumber(), "Cara", { isNumberHidden: true });
  const steps = [
    "offer",
    "offer_notice",
    "preaccept",
    "transport",
    "relaylatency",
    "accept",
    "terminate",
  ] as const;

  for (const step of steps) cara.call(phone, "CALL2", step, { reason: "group_call_ended" });
  await simulator.until(() => device.pending.size === 0, "acks");

  const calls = (device.connection?.log ?? []).filter(({ direction, node }) =>
    direction === "out" && node.tag === "call"
  )
    .map(({ node: { content } }) => Array.isArray(content) ? content[0] : undefined);
  assertEquals(calls.map((call) => call?.tag), [...steps]);
  assertEquals([calls[0]?.attrs["caller_pn"], calls[6]?.attrs.reason], [undefined, "group_call_ended"]);
  await client.end();
});
