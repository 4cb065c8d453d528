import { assertEquals } from "@std/assert";
import { createChatOrder } from "../../../src/whatsapp/baileys/chat_order.ts";
import type { BinaryNode } from "../../../src/whatsapp/baileys/stanza.ts";
import { aNumber, type Linked, Reports, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";
import { settled } from "../../support/manual_clock.ts";

const message = (from: string, attrs: Record<string, string> = {}): BinaryNode => ({
  tag: "message",
  attrs: { from, ...attrs },
});
const OFFLINE = { offline: "1" };

function setUp() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  let open = true;
  const inOrder = createChatOrder({ ready: Promise.resolve(), isOpen: () => open });
  const take = (name: string, stanza: BinaryNode) =>
    inOrder(stanza, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, resolve));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { begun, take, end, close: () => open = false };
}

Deno.test("live message waits for the backlog of its chat, under either address, and for no other", async () => {
  const { begun, take, end } = setUp();

  take("anna 1", message("1@lid", { ...OFFLINE, sender_pn: "62@s.whatsapp.net" }));
  take("budi 1", message("2@lid", OFFLINE));
  take("anna live", message("62@s.whatsapp.net"));
  take("siti live", message("3@lid"));
  await settled();
  const before = begun.toSorted();
  await end("anna 1");

  assertEquals(before, ["anna 1", "siti live"]);
  assertEquals(begun.toSorted(), ["anna 1", "anna live", "budi 1", "siti live"]);
});

Deno.test("what the owner typed waits for the chat that it is in", async () => {
  const { begun, take, end } = setUp();

  take("anna", message("1@lid", OFFLINE));
  take("typed", message("9@lid", { recipient: "1@lid" }));
  await settled();
  const before = [...begun];
  await end("anna");

  assertEquals([before, begun], [["anna"], ["anna", "typed"]]);
});

Deno.test("backlog that is not handled when its connection ends is left to WhatsApp", async () => {
  const { begun, take, end, close } = setUp();

  take("one", message("1@lid", OFFLINE));
  take("two", message("2@lid", OFFLINE));
  await settled();
  close();
  await end("one");

  assertEquals(begun, ["one"]);
});

withWorld("session tells a chat's backlog before what comes live, kill after kill", async (world) => {
  const linked: Linked = await world.link();
  const { simulator } = world;
  const contacts = ["Anna", "Budi", "Siti"].map((name) => simulator.contact(aNumber(), name));
  const told = new Map<string, number[]>();
  const keys = new Set<string>();
  let { session } = linked;
  let n = 0;
  const write = async () => {
    n++;
    for (const contact of contacts) await contact.sendText(linked.phone, `${n}`);
  };
  const listen = (reports: Reports) => {
    const happened = reports.happened.bind(reports);
    reports.happened = async (drafts) => {
      await happened(drafts);
      for (const { type, data, dedupeKey = "" } of drafts) {
        if (type !== "message.received" || data.content.kind !== "text" || keys.has(dedupeKey)) continue;
        keys.add(dedupeKey); // the event log knows the others
        told.set(data.chat.jid, [...told.get(data.chat.jid) ?? [], Number(data.content.text)]);
      }
    };
    return reports;
  };

  for (let kill = 0; kill < 3; kill++) {
    await session.stop();
    for (let text = 0; text < 15; text++) await write();
    const reports = listen(new Reports());
    session = await world.again().open("device_1", reports);
    await until(() => linked.device.online, "the login");
    for (let text = 0; text < 5; text++) await write();
    await until(() => linked.device.pending.size === 0, "an empty backlog");
  }
  await until(() => keys.size === n * contacts.length, "all texts");

  const wanted = Array.from({ length: n }, (_, index) => index + 1);
  assertEquals([...told.values()], contacts.map(() => wanted));
});
