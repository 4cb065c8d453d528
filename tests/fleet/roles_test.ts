import { assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { TestFleet } from "../support/fleet.ts";
import { testWithPostgres } from "../support/postgres.ts";

const ENVS: readonly Readonly<Record<string, string>>[] = [
  { GATEWAY_ROLES: "http" },
  { GATEWAY_ROLES: "devices,deliveries", GATEWAY_WEIGHT: "3" },
  { GATEWAY_ROLES: "devices" },
];

testWithPostgres("gateways do what their roles say, and hold devices by their weight", async () => {
  await using fleet = await TestFleet.start({
    gateways: 3,
    devices: 4,
    envOf: (index) => ENVS[index],
  });
  for (const device of fleet.devices) await fleet.writeTo(device);
  await fleet.delivered();
  const holders = [...(await fleet.holders()).values()];
  const [, heavy] = fleet.places;

  const asked = await Promise.all(["/v1/devices", "/ready", "/health"].map(async (path) => {
    const response = await fetch(heavy.gateway!.url + path);
    return [response.status, (await response.text()).includes("GATEWAY_ROLES")];
  }));
  const sent = await fleet.call("POST", `/v1/devices/${fleet.devices[0].id}/messages/text`, {
    to: fleet.devices[0].writer.number,
    text: "Halo",
  });
  await until(() => fleet.devices[0].writer.inbox.length > 0, "the text to arrive");

  assertEquals(holders.toSorted(), ["g1", "g1", "g1", "g2"]);
  assertEquals(asked, [[404, true], [200, false], [200, false]]);
  assertEquals([sent.status, sent.body.data.status], [200, "sent"], JSON.stringify(sent.body));
});
