// What waits for a device leaves from the number that it was given to, or not at all.
import { assertEquals } from "@std/assert";
import type { LinkedDevice, VirtualPhone } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { aNumber, type Gateway, runGateway } from "../support/gateway.ts";

const BUDI = "628123456789";
const OTHER_NUMBER = "The device was linked with another number before the message was sent";

interface Linked {
  readonly gateway: Gateway;
  readonly id: string;
  readonly phone: VirtualPhone;
  readonly linked: LinkedDevice;
  /** Our ids of the texts that wait, in order. */
  readonly waiting: readonly string[];
}

/** A device that is stopped, with texts that wait for it. */
async function withTextsWaiting(gateway: Gateway, key?: string): Promise<Linked> {
  const { id, phone, linked } = await gateway.pair({ key });
  await gateway.api("POST", `/v1/devices/${id}/stop`, undefined, key);
  const waiting: string[] = [];
  for (const text of ["one", "two", "three"]) {
    const path = `/v1/devices/${id}/messages/text?wait=false`;
    const { body } = await gateway.api("POST", path, { to: BUDI, text }, key);
    waiting.push(body.data.message_id);
  }
  return { gateway, id, phone, linked, waiting };
}

const unlinkings: readonly [string, (device: Linked) => Promise<void>][] = [
  ["logged out", async ({ gateway, id }) => void await gateway.api("POST", `/v1/devices/${id}/logout`)],
  ["unlinked on its phone", async ({ gateway, id, linked }) => {
    linked.remove();
    await gateway.api("POST", `/v1/devices/${id}/start`);
    await gateway.deviceIs("needs_pairing", id);
  }],
];

async function link({ gateway, id }: Linked, phone: VirtualPhone): Promise<void> {
  const qr = await gateway.api("POST", `/v1/devices/${id}/pairing/qr`);
  await gateway.simulator.scanQr(qr.body.data.qr, phone);
  await gateway.deviceIs("connected", id);
}

for (const [how, unlink] of unlinkings) {
  Deno.test(`texts of a device that was ${how} fail when it is linked with another number`, async () => {
    await using gateway = await runGateway({ whatsapp: true });
    const budi = gateway.simulator.contact(BUDI, "Budi");
    const device = await withTextsWaiting(gateway);

    await unlink(device);
    await link(device, gateway.simulator.phone(aNumber(), "Other"));
    const messages = await Promise.all(device.waiting.map((id) =>
      until(async () => {
        const { body } = await gateway.api("GET", `/v1/messages/${id}`);
        return body.data.status === "queued" ? undefined : body.data;
      }, `${id} to be decided`)
    ));
    const path = `/v1/devices/${device.id}/messages/text`;
    const sent = await gateway.api("POST", path, { to: BUDI, text: "from the other number" });

    assertEquals(messages.map(({ status, last_error }) => [status, last_error]), [
      ["failed", OTHER_NUMBER],
      ["failed", OTHER_NUMBER],
      ["failed", OTHER_NUMBER],
    ]);
    assertEquals(sent.status, 200, sent.text);
    assertEquals(budi.inbox.map(({ message }) => message.extendedTextMessage?.text), [
      "from the other number",
    ]);
  });

  Deno.test(`texts of a device that was ${how} go out in order when it is linked with the same number`, async () => {
    await using gateway = await runGateway({ whatsapp: true });
    const budi = gateway.simulator.contact(BUDI, "Budi");
    const device = await withTextsWaiting(gateway);

    await unlink(device);
    await link(device, device.phone);
    await until(() => budi.inbox.length === 3, "the texts to arrive");

    const texts = budi.inbox.map(({ message }) => message.extendedTextMessage?.text);
    assertEquals(texts, ["one", "two", "three"]);
  });
}

Deno.test("a tenant is removed with the texts that wait for its device, and nothing of it is sent", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const tenant = await gateway.tenant();
  const { id, phone, waiting } = await withTextsWaiting(gateway, tenant.key);

  const removed = await gateway.admin("DELETE", `/admin/tenants/${tenant.id}`);
  await gateway.start();

  assertEquals(removed.status, 200, removed.text);
  assertEquals([budi.inbox.length, phone.devices.size], [0, 0]);
  await gateway.restored(async (store) => {
    const left = await Promise.all(waiting.map((each) => store.messages.get(each)));
    assertEquals([...left, await store.devices.get(id)], [undefined, undefined, undefined, undefined]);
  });
});
