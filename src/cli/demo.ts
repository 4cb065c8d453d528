import { z } from "zod";
import { startGateway } from "../app/gateway.ts";
import { parseSettings } from "../config.ts";
import { startLogging } from "../logging.ts";
import { type ReceivedWebhook, startDemoReceiver } from "./demo_receiver.ts";
import { drawnQr } from "./qr.ts";
import { showTables } from "./demo_tables.ts";
import type { Terminal } from "./verb.ts";

const SECRET = "a-secret-that-both-sides-know";
const SHOP = "6281234567890";
const ANNA = "6289876543210";
const STEP_TIMEOUT_MS = 20_000;

const created = z.object({ data: z.object({ id: z.string() }) });
const qrShown = z.object({ data: z.object({ qr: z.string() }) });

/**
 * Shows everything at work on this machine alone: a phone is linked, messages go both ways, every webhook arrives
 * signed, one is retried because its receiver is broken, and the log keeps it all.
 */
export async function demo({ stay, signal, print }: Terminal & { readonly stay: boolean }): Promise<void> {
  const { WhatsAppSimulator, wordsOf } = await import("../simulator/mod.ts");
  const dir = await Deno.makeTempDir({ prefix: "kabar-demo-" });
  const dataDir = `${dir}/data`;
  const apiKey = crypto.randomUUID();
  const step = numbered(print);

  const stopLogging = await startLogging({ dir: `${dir}/logs`, level: "info", terminalLevel: "error" });
  const simulator = await WhatsAppSimulator.start();
  const receiver = startDemoReceiver(SECRET, (webhook) => print(lineOf(webhook)));
  const parsed = parseSettings({
    HOST: "127.0.0.1",
    PORT: "0",
    API_KEY: apiKey,
    DATA_DIR: dataDir,
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  const gateway = await startGateway(parsed.settings, { print });
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(gateway.url + path, {
      method,
      headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  };
  const arrived = (event: string, check: (webhook: ReceivedWebhook) => boolean = () => true) =>
    inTime(
      receiver.waitFor((webhook) => webhook.event === event && webhook.status === 200 && check(webhook)),
      event,
    );

  try {
    step(`The gateway listens on ${gateway.url}, an application waits for webhooks on ${receiver.url}`);
    await api("POST", "/v1/webhooks", { url: receiver.url, events: ["*"], secret: SECRET });

    step("A device is added, and its QR code is scanned by a (virtual) phone");
    const device = created.parse(await api("POST", "/v1/devices", { label: "Shop" })).data.id;
    await api("POST", `/v1/devices/${device}/start`);
    const { qr } = qrShown.parse(await api("GET", `/v1/devices/${device}/pairing/qr?wait=20`)).data;
    print(await drawnQr(qr));
    const phone = simulator.phone(SHOP, "Shop");
    await simulator.scanQr(qr, phone);
    await arrived("device.connected");

    step(`Anna (${ANNA}) writes to the shop`);
    const anna = simulator.contact(ANNA, "Anna");
    anna.autoReceipts = ["delivered", "read"];
    await anna.sendText(phone, "Halo, is the blue one still there?");
    await arrived("message.received");

    step("The shop answers over the API, and Anna reads it");
    await api("POST", `/v1/devices/${device}/messages/text`, { to: ANNA, text: "It is! Shall we send it?" });
    const answer = await inTime(
      anna.waitMessage((got) => wordsOf(got.message) !== undefined),
      "Anna's phone",
    );
    print(`   Anna's phone shows: "${wordsOf(answer.message)}"`);
    await arrived("message.status", ({ data }) => data.status === "read");

    step("Now the application is broken when Anna writes again; Kabar tries again by itself");
    receiver.breakOnce("message.received");
    await anna.sendText(phone, "Yes please!");
    await arrived("message.received", ({ attempt }) => attempt === 2);

    step(`What the log holds (${dataDir}/logs.db)`);
    await settled(dataDir, print);

    if (stay) {
      step("Everything stays up until Ctrl-C");
      print(`   Open ${gateway.url} in a browser and sign in with this key: ${apiKey}`);
      print(`   Messages sent to ${ANNA} reach Anna; she reads them. The API: ${gateway.url}/docs`);
      await aborted(signal);
    } else print("\nThat was Kabar. `--stay` keeps it up to play with.");
  } finally {
    await gateway.stop();
    await receiver.stop();
    await simulator.stop();
    await stopLogging();
    await Deno.remove(dir, { recursive: true });
  }
}

function numbered(print: (line: string) => void): (title: string) => void {
  let number = 0;
  return (title) => print(`\n${++number}. ${title}`);
}

function lineOf({ event, data, attempt, signature, signatureIsValid, status }: ReceivedWebhook): string {
  const signed = signatureIsValid ? `signature ${signature.slice(0, 12)}… verified` : "SIGNATURE WRONG";
  const detail = data.text ?? data.status ?? "";
  return `   → webhook ${event.padEnd(20)} ${
    String(detail).padEnd(36)
  } attempt ${attempt}, answered ${status}, ${signed}`;
}

async function settled(dataDir: string, print: (line: string) => void): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300)); // the last outcomes are being written
  for (const line of showTables(`${dataDir}/logs.db`)) print(line);
}

async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot go on: ${what} did not come`)), STEP_TIMEOUT_MS);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
