import { assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { type FleetDevice, type Place, TestFleet } from "../support/fleet.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { KEY } from "../support/process.ts";

/** The devices that a gateway holds. */
async function heldBy(fleet: TestFleet, place: Place): Promise<readonly FleetDevice[]> {
  const holders = await fleet.holders();
  return fleet.devices.filter(({ id }) => holders.get(id) === place.name);
}

/** Ends what a gateway does by `end`, and waits until others have logged its devices in; how long each took, in ms. */
async function moved(
  fleet: TestFleet,
  place: Place,
  end: () => Promise<unknown>,
): Promise<readonly number[]> {
  const devices = await heldBy(fleet, place);
  const before = new Map(devices.map((device) => [device, fleet.logins(device)]));
  const started = performance.now();
  await end();
  place.gateway = undefined;
  const took = await Promise.all(devices.map(async (device) => {
    const isBack = () => fleet.logins(device) > before.get(device)! && fleet.isOnline(device);
    await until(isBack, `${device.id} to be logged in elsewhere`);
    return Math.round(performance.now() - started);
  }));
  const holders = await fleet.holders();
  assertEquals(devices.filter(({ id }) => [null, undefined, place.name].includes(holders.get(id))), []);
  return took;
}

testWithPostgres("every gateway of a fleet reaches devices that others hold", async () => {
  await using fleet = await TestFleet.start({ gateways: 2, devices: 2 });
  const statuses = [];
  for (const { id, writer } of fleet.devices) {
    for (const place of fleet.places) {
      const text = { to: writer.number, text: `from ${place.name}` };
      const sent = await fleet.call("POST", `/v1/devices/${id}/messages/text`, text, place);
      const known = await fleet.call(
        "GET",
        `/v1/devices/${id}/contacts/check?phone=${writer.number}`,
        undefined,
        place,
      );
      const file = { to: writer.number, media_base64: btoa("a note"), file_name: "note.txt" };
      const lent = await fleet.call("POST", `/v1/devices/${id}/messages/document`, file, place);
      statuses.push(sent.body.data.status, known.status, lent.body.data?.status);
    }
  }

  const heard = fleet.devices.map(({ writer }) => writer.inbox.length);
  const holders = await fleet.holders();

  assertEquals(statuses, fleet.devices.flatMap(() => ["sent", 200, "sent", "sent", 200, "sent"]));
  assertEquals(heard, [4, 4]);
  assertEquals([...holders.values()].every((name) => name !== null), true);
});

testWithPostgres("file that came in is fetched at every gateway", async () => {
  await using fleet = await TestFleet.start({ gateways: 2, devices: 1 });
  const [{ id, phone, writer }] = fleet.devices;
  const file = crypto.getRandomValues(new Uint8Array(60_000));
  await writer.sendMedia(phone, "document", file);
  const [{ json }] = await fleet.receiver.waitFor(1);

  const got = await Promise.all(fleet.places.map(async ({ gateway }) => {
    const url = `${gateway!.url}/v1/devices/${id}/media/${json.data.media.id}`;
    const response = await fetch(url, { headers: { "x-api-key": KEY } });
    return new Uint8Array(await response.arrayBuffer());
  }));

  assertEquals(got, [file, file]);
});

testWithPostgres(
  "fleet loses nothing when a gateway is killed, stopped for a while or asked to end",
  async () => {
    await using fleet = await TestFleet.start({ gateways: 3, devices: 6 });
    const [killed, frozen, ended] = fleet.places;
    fleet.write(20, 200);

    const { gateway: first } = killed;
    const dark = [await moved(fleet, killed, () => first!.kill())];
    await fleet.up(killed);
    const codes: number[] = [];
    const { gateway: second } = ended;
    dark.push(await moved(fleet, ended, async () => codes.push(await second!.stop())));
    await fleet.up(ended);
    const orderly = fleet.doubleLogins();
    const { gateway: third } = frozen;
    const stop = () => Promise.resolve(Deno.kill(third!.pid, "SIGSTOP"));
    dark.push(await moved(fleet, frozen, stop));
    Deno.kill(third!.pid, "SIGCONT");
    frozen.gateway = third;
    await until(
      async () => (await fleet.log(frozen)).includes("fleet.entered_again"),
      "it to come back",
    );
    await fleet.stopWriting();
    await fleet.delivered();

    const { problems, ...account } = fleet.account();
    assertEquals(problems, []);
    assertEquals([orderly, codes], [0, [0]]);
    assertEquals(dark.every((times) => times.length > 0), true);
    assertEquals(account.doubleLogins <= dark[2].length, true);
  },
);
