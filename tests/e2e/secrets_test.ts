import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/process.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { startReceiver } from "../support/receiver.ts";
import { tellOfMessage } from "../soak/inbound.ts";

/** What must not be found in any log; each is long enough to be found by chance nowhere. */
const SECRETS = {
  apiKey: "kbr_api-key-that-nobody-may-read",
  masterKey: "master-key-that-nobody-may-read",
  environmentSecret: "environment-secret-nobody-may-read",
  receiverSecret: "receiver-secret-nobody-may-read",
  webhookSecret: "whsec_d2ViaG9vay1zZWNyZXQtbm9ib2R5LXJlYWRz",
  urlToken: "url-token-that-nobody-may-read",
  headerToken: "header-token-that-nobody-may-read",
  wrongKey: "wrong-key-that-somebody-tried",
  incomingText: "incoming-text-that-nobody-may-read",
  outgoingText: "outgoing-text-that-nobody-may-read",
  forwardedText: "halo", // what tellOfMessage says
  customData: "custom-data-that-nobody-may-read",
  receiverAnswer: "receiver-answer-that-nobody-may-read",
} as const;

Deno.test("gateway writes no secret and no text of a message into its logs", async () => {
  quietLibsignal();
  const dir = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start();
  const receiver = await startReceiver({ status: 500, body: SECRETS.receiverAnswer });
  const gateway = await startGatewayProcess({
    dir,
    env: {
      LOG_LEVEL: "debug",
      API_KEY: SECRETS.apiKey,
      MASTER_KEY: SECRETS.masterKey,
      WEBHOOK_URL: `${receiver.url}/hook?token=${SECRETS.urlToken}`,
      WEBHOOK_SECRET: SECRETS.environmentSecret,
      WHATSAPP_WEBHOOK_SECRET: SECRETS.receiverSecret,
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
      TRUST_PROXY: "127.0.0.1",
    },
  });
  const ask = (method: string, path: string, body?: unknown) =>
    callWith(gateway, SECRETS.apiKey, method, path, body);

  const device = (await ask("POST", "/v1/devices", { label: "Shop" })).body.data.id;
  const { qr } = (await ask("POST", `/v1/devices/${device}/pairing/qr`)).body.data;
  const phone = simulator.phone("6281100000099", "Gateway");
  await simulator.scanQr(qr, phone);
  await until(
    async () => (await ask("GET", `/v1/devices/${device}`)).body.data.status === "connected",
    "the device to be connected",
  );
  await ask("POST", "/v1/webhooks", {
    url: `http://127.0.0.1:9/${SECRETS.urlToken}`,
    events: ["*"],
    secret: SECRETS.webhookSecret,
    headers: { "X-Token": SECRETS.headerToken },
  });
  const anna = simulator.contact("6289876543210", "Anna");
  await anna.sendText(phone, SECRETS.incomingText);
  await ask("POST", `/v1/devices/${device}/messages/text`, {
    to: "6289876543210",
    text: SECRETS.outgoingText,
  });
  await ask("POST", `/v1/devices/${device}/messages/text`, {
    to: "620000000000",
    text: SECRETS.outgoingText,
  });
  await ask("POST", "/api/webhook/send", { eventType: "order.paid", data: { note: SECRETS.customData } });
  await ask("POST", "/v1/webhooks", { url: `ftp://x/${SECRETS.urlToken}`, events: [SECRETS.customData] });
  await callWith(gateway, SECRETS.wrongKey, "GET", "/v1/webhooks");
  await fetch(`${gateway.url}/api/webhook/status?api_key=${SECRETS.wrongKey}`).then((answer) =>
    answer.text()
  );
  await tellOfMessage(gateway.url, "3EB0SECRET");
  await until(() => receiver.requests.some(({ body }) => body.includes(SECRETS.incomingText)), "the webhook");
  const credentials = credentialsIn(`${dir}/data/logs.db`);
  const output = gateway.output();
  assertEquals(await gateway.stop(), 0);

  const logs = [output, systemLogOf(`${dir}/data/logs.db`)];
  for await (const { name } of Deno.readDir(`${dir}/logs`)) {
    logs.push(await Deno.readTextFile(`${dir}/logs/${name}`));
  }
  const text = logs.join("\n");
  assert(
    text.includes("webhook.attempt_failed") && text.includes("http.answered"),
    "the logs have not been found",
  );
  const secrets = { ...SECRETS, qr, ...credentials };
  const found = Object.entries(secrets).filter(([, secret]) => text.includes(secret)).map(([name]) => name);
  assertEquals(found, []);
  await receiver.stop();
  await simulator.stop();
  await Deno.remove(dir, { recursive: true });
});

async function callWith(gateway: GatewayProcess, key: string, method: string, path: string, body?: unknown) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { "content-type": "application/json", "x-api-key": key },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  // deno-lint-ignore no-explicit-any -- answers of every shape
  const answer: any = await response.json();
  return { status: response.status, body: answer };
}

/** What a device identifies itself with: every long word of what is stored. */
function credentialsIn(path: string): Readonly<Record<string, string>> {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare(
    "SELECT value FROM credentials UNION ALL SELECT value FROM signal_keys LIMIT 50",
  ).all();
  database.close();
  const words = rows.flatMap(({ value }) => String(value).match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? []);
  assert(words.length > 0, "the device has no credentials");
  return Object.fromEntries(words.map((word, at) => [`credential ${at}`, word]));
}

function systemLogOf(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare("SELECT * FROM system_logs").all();
  database.close();
  return JSON.stringify(rows);
}
