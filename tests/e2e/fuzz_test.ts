import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { startGateway } from "../../src/app/gateway.ts";
import { type ApiDocument, operationsOf } from "../support/api_document.ts";
import { type ArbitraryRequest, requestOf } from "../support/arbitrary_requests.ts";
import { settingsOf } from "../support/settings.ts";

const RUNS = Number(Deno.env.get("KABAR_FUZZ_RUNS") ?? 12);
/** These take as long as they are told, as WhatsApp or the receiver takes, or as is polite. */
const SLOW = /\/events|\/qr|pairing|\/logout$|send-bulk|webhook\/send/;
const PATIENCE_MS = 300;

Deno.test("gateway answers no request made from its API document with 500, nor with a stack trace", async () => {
  const dir = await Deno.makeTempDir();
  const gateway = await startGateway(
    settingsOf({
      HOST: "127.0.0.1",
      PORT: "0",
      API_KEY: "key",
      MASTER_KEY: "master",
      DATA_DIR: `${dir}/data`,
      RATE_LIMIT_PER_MINUTE: "1000000",
      WEBHOOK_RETRY_SCALE: "0.001",
      WHATSAPP_WS_URL: "ws://127.0.0.1:9",
      WHATSAPP_ROOT_KEY: "00".repeat(32),
      WEBHOOK_URL: "http://127.0.0.1:9/",
    }),
    { print: () => {} },
  );
  const send = async ({ method, path, contentType, body }: ArbitraryRequest) => {
    const headers = { "x-api-key": "key", "x-master-key": "master" };
    const response = await fetch(gateway.url + path, {
      method,
      headers: contentType === undefined ? headers : { ...headers, "content-type": contentType },
      body,
      signal: SLOW.test(path) ? AbortSignal.timeout(PATIENCE_MS) : AbortSignal.timeout(30_000),
    });
    return { status: response.status, text: await response.text() };
  };
  const document: ApiDocument = JSON.parse((await send(plain("GET", "/openapi.json"))).text);
  const made = await send({
    ...plain("POST", "/v1/devices"),
    body: '{"label":"a"}',
    contentType: "application/json",
  });
  const known = [JSON.parse(made.text).data.id, "tenant_default"];

  const faults: string[] = [];
  let answered = 0;
  for (const operation of operationsOf(document)) {
    await Promise.all(
      fc.sample(requestOf(document, operation, known), RUNS).map(async (request) => {
        const answer = await send(request).catch((error) => {
          if (error.name !== "TimeoutError") throw error;
          return { status: 0, text: "" };
        });
        if (answer.status !== 0) answered++;
        if (answer.status === 500 || /\.ts:\d+|\n {4}at /.test(answer.text)) {
          faults.push(`${JSON.stringify(request)} → ${answer.status} ${answer.text}`);
        }
      }),
    );
  }

  assertEquals(faults.slice(0, 10), []);
  assert(answered > operationsOf(document).length * RUNS / 2, `only ${answered} requests were answered`);
  await gateway.stop();
  await Deno.remove(dir, { recursive: true });
});

function plain(method: string, path: string): ArbitraryRequest {
  return { method, path, contentType: undefined, body: undefined };
}
