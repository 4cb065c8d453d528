// An engine on a Postgres database in a process of its own. Takes the database's URL and a device's id; prints its port.
// POST / with the URL of a receiver subscribes it; with a number, delivers so many events and gives how many a second.
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { engineOn, IN_FLIGHT } from "./engines.ts";
import { perSecond } from "./load.ts";

const [url, device] = Deno.args;
const bench = await engineOn(await openPostgresStore({ url }), device);

Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) }, async (request) => {
  const asked: unknown = await request.json();
  if (typeof asked !== "string") {
    return Response.json(await perSecond(Number(asked), IN_FLIGHT, bench.deliver));
  }
  await bench.subscribe({ url: asked, devices: [bench.device] });
  return Response.json(null);
});
