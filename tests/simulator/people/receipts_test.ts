import { assertEquals } from "@std/assert";
import { textContent } from "../../../src/simulator/people/content.ts";
import { child, children } from "../../../src/simulator/wire/nodes.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

const KINDS = [
  "sender",
  "read-self",
  "played-self",
  "server-error",
  "inactive",
  "peer_msg",
  "hist_sync",
] as const;

withSimulator("contact sends receipts of every kind", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const sent = await client.socket.sendMessage(anna.pnJid, { text: "hi" });
  const id = sent?.key.id ?? "";

  for (const kind of KINDS) anna.sendReceipt(phone, id, kind);
  await simulator.until(() => device.pending.size === 0, "acks");

  const types = device.acks.filter(({ attrs }) => attrs.class === "receipt").map(({ attrs }) => attrs.type);
  assertEquals(types.sort(), [...KINDS].sort());
  await client.end();
});

withSimulator("receipt of many members of a group comes at once", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const budi = simulator.contact(aNumber(), "Budi");
  const group = simulator.group("Family", [anna, budi, phone]);
  const sent = await client.socket.sendMessage(group.jid, { text: "hi all" });
  const seen = new Promise<Parameters<typeof child>[0]>((done) => {
    client.socket.ws.on("CB:receipt", done);
  });

  group.sendReceipts(sent?.key.id ?? "", "read", [anna, budi], 1_900_000_000);
  const receipt = await seen;

  assertEquals([receipt?.attrs.from, receipt?.attrs.type, receipt?.attrs.participant], [
    group.jid,
    "read",
    undefined,
  ]);
  const readers = child(receipt, "participants");
  assertEquals(readers?.attrs.key, sent?.key.id);
  assertEquals(children(readers, "user").map(({ attrs }) => attrs), [
    { jid: anna.lidJid, t: "1900000000" },
    { jid: budi.lidJid, t: "1900000000" },
  ]);
  await client.end();
});

withSimulator("owner reads on the phone, and linked devices are told", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Family", [anna, phone]);
  const seen: Record<string, string>[] = [];
  client.socket.ws.on(
    "CB:receipt",
    ({ attrs }: { readonly attrs: Record<string, string> }) => seen.push(attrs),
  );
  const direct = await anna.sendText(phone, "read me");
  const shared = await anna.send(group, textContent("me too"));
  await client.message(shared);

  phone.sendReceipt(anna, [direct], "read-self");
  phone.sendReceipt(group, [shared], "read-self");
  await client.until(() => seen.length === 2, "two receipts");

  assertEquals(
    seen.map(({ from, recipient, participant, id, type }) => [from, recipient, participant, id, type]),
    [
      [phone.lidJid, anna.lidJid, undefined, direct, "read-self"],
      [group.jid, undefined, phone.lidJid, shared, "read-self"],
    ],
  );
  await client.end();
});
