// `kabar simulate`: only the simulated WhatsApp network and its control API, until told to stop.
import { startControlServer } from "./control.ts";
import { WhatsAppSimulator } from "./server.ts";

/** Where to listen: `port` for the control API, `wsPort` for WhatsApp's WebSocket; 0 takes any free port. */
export interface SimulateSettings {
  readonly host: string;
  readonly port: number;
  readonly wsPort: number;
}

/** Runs until `signal` aborts; prints what to set in a gateway, and what to try. */
export async function simulate(
  { host, port, wsPort }: SimulateSettings,
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  const simulator = await WhatsAppSimulator.start({ hostname: host, port: wsPort });
  const caPath = await Deno.makeTempFile({ prefix: "kabar-simulator-", suffix: ".pem" });
  try {
    await Deno.writeTextFile(caPath, simulator.tlsCaPem);
    const control = startControlServer({ simulator, hostname: host, port });
    for (const line of introduction(simulator, control.url, caPath)) print(line);
    await aborted(signal);
    await control.stop();
  } finally {
    await simulator.stop();
    await Deno.remove(caPath);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}

function introduction(simulator: WhatsAppSimulator, url: string, caPath: string): string[] {
  const post = (path: string, body: unknown) =>
    `  curl -sX POST ${url}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  return [
    `A WhatsApp network for tests is running. Control API: ${url}`,
    "",
    "Start the gateway with these settings, so that its sessions connect here:",
    `  WHATSAPP_WS_URL=${simulator.url} WHATSAPP_ROOT_KEY=${simulator.rootKey.toString("hex")}`,
    `  WHATSAPP_MEDIA_CA=${caPath}`,
    "",
    "Make a phone and scan the QR code that the gateway shows (its text, not the picture):",
    post("/phones", { phone: "4915100000001", name: "Shop" }),
    post("/phones/4915100000001/scan", { qr: "THE TEXT OF THE QR CODE" }),
    "",
    "Make somebody who reads what they get, answers, and writes first:",
    post("/contacts", {
      phone: "4917200000001",
      name: "Anna",
      autoReceipts: ["delivered", "read"],
      autoReply: "You said: {text}",
    }),
    post("/contacts/4917200000001/messages", { to: "4915100000001", text: "Hello!" }),
    "",
    "See what they got, and everything else that can be done:",
    `  curl -s '${url}/contacts/4917200000001/messages?wait=10'`,
    `  curl -s ${url}/`,
    "",
  ];
}
