import { assertEquals } from "@std/assert";
import { TestFleet } from "../support/fleet.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const RECIPIENTS = 12;

testWithPostgres(
  "blast leaves through devices wherever they are held, and goes on elsewhere when their gateway ends",
  async () => {
    await using fleet = await TestFleet.start({ gateways: 2, devices: 2 });
    const people = Array.from(
      { length: RECIPIENTS },
      (_, index) =>
        fleet.simulator.contact(`62812000000${String(index).padStart(2, "0")}`, `Person ${index}`),
    );
    const holders = await fleet.holders();
    const sent = () => people.filter(({ inbox }) => inbox.length > 0).length;

    const asked = await fleet.call("POST", "/api/messages/blast", {
      channels: ["whatsapp"],
      message: "Halo",
      recipients: people.map(({ number }) => number),
      devices: fleet.devices.map(({ id }) => id),
      pace: { minGapSeconds: 1, maxGapSeconds: 1 },
    });
    assertEquals(asked.status, 200, JSON.stringify(asked.body));
    await until(() => sent() >= 2, "the first ones to have it");
    const [place, other] = fleet.places;
    const { gateway } = place;
    place.gateway = undefined;
    const code = await gateway!.stop();
    const progress = async () =>
      (await fleet.call("GET", `/api/messages/blast/${asked.body.blast_id}`, undefined, other)).body.blast;
    await until(async () => (await progress()).status === "completed", "the blast to be done");

    const { counts } = await progress();
    assertEquals(new Set(holders.values()).size, 2);
    assertEquals([code, counts.failed, counts.queued, counts.unconfirmed], [0, 0, 0, 0]);
    assertEquals(people.map(({ inbox }) => inbox.length), people.map(() => 1));
  },
);
