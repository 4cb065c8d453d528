import { assertEquals } from "@std/assert";
import { TestFleet } from "../support/fleet.ts";
import { startPooler, testWithPooler } from "../support/pooler.ts";
import { temporaryDatabase } from "../support/postgres.ts";

testWithPooler("gateways behind a pooler reach each other's devices, and take over", async () => {
  await using database = await temporaryDatabase({ bare: true });
  await using pooler = await startPooler(database.url);
  await using fleet = await TestFleet.start({
    gateways: 2,
    devices: 2,
    databaseUrl: pooler.url,
    env: { DATABASE_MODE: "pooled" },
  });
  const statuses = [];
  for (const { id, writer } of fleet.devices) {
    for (const place of fleet.places) {
      const text = { to: writer.number, text: `from ${place.name}` };
      const sent = await fleet.call("POST", `/v1/devices/${id}/messages/text`, text, place);
      statuses.push(sent.body.data?.status);
    }
  }

  fleet.write(10, 100);
  const [killed] = fleet.places;
  const { gateway } = killed;
  killed.gateway = undefined;
  await gateway!.kill();
  await fleet.taken(fleet.places[1]);
  await fleet.stopWriting();
  await fleet.delivered();

  assertEquals(statuses, ["sent", "sent", "sent", "sent"]);
  assertEquals([fleet.account().problems, fleet.doubleLogins()], [[], 0]);
});
