// Writes events and outcomes as fast as it can, and tells of each only when the store has confirmed it.
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { aDraft, aNewDelivery, settle, T0 } from "../contracts/samples.ts";

const store = openSqliteStore({ path: Deno.args[0] });
const encoder = new TextEncoder();
const tell = (line: string) => Deno.stdout.writeSync(encoder.encode(`${line}\n`));

async function writeForEver(): Promise<void> {
  while (true) {
    const appended = await store.events.append(aDraft(), [aNewDelivery("wh_a", { claimed: true })], T0);
    if (appended.duplicate) continue;
    tell(`event ${appended.event.id}`);
    const [delivery] = appended.deliveries;
    await settle(store, delivery, "success");
    tell(`delivery ${delivery.number}`);
  }
}

await Promise.all(Array.from({ length: 8 }, writeForEver));
