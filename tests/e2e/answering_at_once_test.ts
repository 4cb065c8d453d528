import { assertEquals } from "@std/assert";
import type { Inbox } from "../../src/store/inbox.ts";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const ANNA = "4917012345678";

/** Has no message written, from `hold` until one is looked for in vain after `arm`. */
function holdBack(inbox: Inbox): { hold(): void; arm(): void } {
  const { get, named, journal } = inbox;
  let missed = Promise.withResolvers<void>();
  missed.resolve();
  let isArmed = false;
  const note = (isFound: boolean) => isArmed && !isFound && missed.resolve();
  const held: Pick<Inbox, "get" | "named" | "journal"> = {
    async get(...asked) {
      const found = await get(...asked);
      note(found !== undefined);
      return found;
    },
    async named(...asked) {
      const found = await named(...asked);
      note(found.length > 0);
      return found;
    },
    async journal(rows) {
      await missed.promise;
      await journal(rows);
    },
  };
  Object.assign(inbox, held);
  return {
    hold() {
      isArmed = false;
      missed = Promise.withResolvers();
    },
    arm: () => isArmed = true,
  };
}

Deno.test("receiver that answers an event at once finds the message that it tells of", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id: device, phone } = await gateway.pair("Kasir");
  const anna = gateway.simulator.contact(ANNA, "Anna");
  const writing = holdBack(gateway.store.inbox);
  const of = `/v1/devices/${device}`;
  let count = 0;
  const told = async () => {
    writing.hold();
    const id = await anna.sendMedia(phone, "image", new Uint8Array(8), { caption: "Halo" });
    count++;
    await until(async () => (await gateway.events("message.received")).length === count, "the event");
    writing.arm();
    return id;
  };

  const quoted = { to: ANNA, text: "Halo", quoted_message_id: await told() };
  const reply = await gateway.ask("POST", `${of}/messages/text`, quoted);
  const reacted = { message_id: await told(), emoji: "👍" };
  const reaction = await gateway.ask("POST", `${of}/messages/reaction`, reacted);
  const raw = await gateway.ask("GET", `${of}/messages/${await told()}/raw`);
  const file = await gateway.ask("GET", `${of}/media/${await told()}`);

  assertEquals([reply, reaction, raw, file].map(({ status }) => status), [200, 200, 200, 200]);
});
