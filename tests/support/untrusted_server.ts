// Connects to a server that nobody in this process trusts, and prints how that ends. Run in a process of its own.
import { logOf } from "../../src/log.ts";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { createSessions } from "../../src/whatsapp/baileys/session.ts";
import { keptStore } from "./kept_store.ts";
import { Reports } from "./sessions.ts";

const simulator = await WhatsAppSimulator.start();
const sessions = createSessions({
  ...keptStore(),
  settings: { url: simulator.url },
  log: logOf("whatsapp"),
});
const reports = new Reports();
await sessions.open("device_1", reports);
const [end] = await reports.until(() => reports.ends.length > 0 && reports.ends, "the end");
console.log(`${end.reason}: ${end.message.split(".")[0]}`);
Deno.exit();
