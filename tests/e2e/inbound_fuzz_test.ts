// Everything that others post to, over the wire, with bodies that no system writes.
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { assertEquals } from "@std/assert";
import { type Gateway, KEY, MASTER_KEY, runGateway } from "../support/gateway.ts";

const INBOUND = ["/webhooks/qiscus", "/webhooks/test", "/api/whatsapp/webhook", "/api/whatsapp/webhook/s-1"];
const DEEP = 100_000;
const HUGE = 6 * 1_048_576;
const nested = (open: string, close: string) => open.repeat(DEEP) + close.repeat(DEEP);
const message = (json: string) => `{"sessionId":"s","event":"message","data":{"message":${json}}}`;
const key = '"id":{"fromMe":false,"remote":"628123456789@c.us","id":"A"}';

const BODIES: Readonly<Record<string, string | Uint8Array>> = {
  nothing: "",
  "a NUL": "\0",
  "NULs in a text": message(`{${key},"type":"chat","body":"a\\u0000b\\u0000"}`),
  "half a pair": message(`{${key},"type":"chat","body":"\\ud83d \\udc00 \\ud83d\\ud83d"}`),
  "half a pair in names": '{"sessionId":"s\\ud83d","event":"qr\\udc00","data":{"\\ud83d":"\\ud83d"}}',
  "half a pair in ids":
    '{"messages":[{"from":"62812345678","id":"w\\ud800","type":"text","text":{"body":"\\ud83d\\u0000"}}]}',
  "bytes that are no UTF-8": Buffer.from("7b2261223a22ff00fe80c0afeda0bd227d", "hex"),
  "UTF-16": Buffer.from('\ufeff{"sessionId":"s","event":"ready"}', "utf16le"),
  "lists 100,000 deep": nested("[", "]"),
  "objects 100,000 deep": `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`,
  "a deep message": message(`{${key},"x":${nested("[", "]")}}`),
  "deep statuses": `{"statuses":${nested("[", "]")}}`,
  "deep and never closed": '{"a":['.repeat(DEEP),
  "a huge text": message(`{${key},"type":"chat","body":"${"x".repeat(HUGE)}"}`),
  "a huge number": `{"timestamp":${"9".repeat(10_000)}}`,
  "a huge list": `{"messages":[${"0,".repeat(500_000)}0]}`,
  "many keys": `{${Array.from({ length: 50_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
  "names of prototypes":
    '{"__proto__":{"event":"qr"},"constructor":{"prototype":1},"type":"__proto__","payload":[]}',
  "a number": "1e999999",
  "a text": '"\ud83d"',
  null: "null",
  "a list": "[[[{}]]]",
  "a form": "payload=%00%ed%a0%bd&data={",
  "a form with JSON": `data=${encodeURIComponent(nested("[", "]"))}`,
  "a multipart form": '--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{}\r\n--x--\r\n',
};
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { "content-type": "application/json" },
  {},
  { "content-type": "text/plain; charset=utf-16" },
  { "content-type": "application/x-www-form-urlencoded" },
  { "content-type": "multipart/form-data; boundary=x" },
  { "content-type": "multipart/form-data" },
  { "content-type": ";;;" },
  { "content-type": "application/json", "content-encoding": "gzip" },
  { "content-type": "application/json", "content-encoding": "br" },
  { "content-type": "application/json", "content-encoding": "gzip, gzip" },
  { "content-type": "application/json", "x-qiscus-signature": "ä", "x-webhook-signature": "sha256=zz" },
];

async function withGateway(work: (gateway: Gateway) => Promise<void>): Promise<void> {
  await using gateway = await runGateway({
    settings: { RECEIVERS_OPEN: "true", WHATSAPP_WEBHOOK_RATE_LIMIT: "0", TRUST_PROXY: "127.0.0.1" },
  });
  await work(gateway);
}

let callers = 0;
/** Each time from somebody else: test webhooks are counted by address. */
async function post(url: string, body: BodyInit, headers: Readonly<Record<string, string>>): Promise<number> {
  const from = `10.0.${callers >> 8 & 255}.${callers++ & 255}`;
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "x-forwarded-for": from },
    body,
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("inbound routes answer no body with a fault of their own, whatever it is said to be", () =>
  withGateway(async (gateway) => {
    const faults: string[] = [];
    for (const [what, body] of Object.entries(BODIES)) {
      const isHuge = body.length > 1_000_000;
      for (const [index, headers] of HEADERS.entries()) {
        if (isHuge && index > 1) continue;
        const statuses = await Promise.all(
          INBOUND.map((path) => post(gateway.url + path, body as BodyInit, headers)),
        );
        statuses.forEach((status, at) => {
          if (status >= 500 || status === 429) {
            faults.push(`${INBOUND[at]}: ${what}, ${JSON.stringify(headers)}: ${status}`);
          }
        });
      }
    }
    const packed = gzipSync(Buffer.alloc(200_000_000));
    for (const path of INBOUND) {
      const status = await post(gateway.url + path, packed, HEADERS[7]);
      if (status !== 413) faults.push(`${path}: a bomb: ${status}`);
    }
    const after = await post(
      gateway.url + INBOUND[2],
      '{"sessionId":"s","event":"ready","data":{}}',
      HEADERS[0],
    );

    assertEquals([faults, after], [[], 200]);
  }));

Deno.test("routes that take JSON refuse what is 100,000 deep with 400", () =>
  withGateway(async (gateway) => {
    const routes = [
      ["POST", "/v1/webhooks"],
      ["POST", "/v1/devices"],
      ["POST", "/v1/devices/x/messages/text"],
      ["POST", "/v1/devices/x/messages/image"],
      ["POST", "/api/messages/blast"],
      ["POST", "/api/webhook/send"],
      ["POST", "/api/webhook/test"],
      ["POST", "/api/whatsapp/send-message"],
      ["PUT", "/api/instance/x"],
      ["DELETE", "/api/webhook/logs"],
      ["POST", "/admin/tenants"],
      ["POST", "/mcp"],
      ["POST", "/graph/v23.0/x/messages"],
      ["POST", "/webhooks/test"],
      ["POST", "/api/whatsapp/webhook"],
    ];
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${KEY}`,
      "x-api-key": KEY,
      "x-master-key": MASTER_KEY,
    };

    const others: string[] = [];
    for (const [method, path] of routes) {
      for (
        const body of [nested("[", "]"), `{"data":${nested("[", "]")}}`, `{"data":${'{"a":'.repeat(DEEP)}`]
      ) {
        const response = await fetch(gateway.url + path, { method, headers, body });
        await response.body?.cancel();
        if (![400, 404].includes(response.status)) {
          others.push(`${method} ${path} ${body.slice(0, 12)}: ${response.status}`);
        }
      }
    }

    assertEquals(others, []);
  }));

Deno.test("TRACE is no method of any route, and echoes nothing", () =>
  withGateway(async (gateway) => {
    const { hostname, port } = new URL(gateway.url);
    const trace = (path: string) =>
      new Promise<string>((resolve, reject) => {
        let answer = "";
        const socket = connect(Number(port), hostname, () =>
          socket.write(
            `TRACE ${path} HTTP/1.1\r\nHost: ${hostname}\r\nX-API-Key: ${KEY}\r\nX-Secret: abc\r\nConnection: close\r\n\r\n`,
          ));
        socket.setEncoding("utf8").on("data", (text) => answer += text).on("end", () => resolve(answer)).on(
          "error",
          reject,
        );
      });

    const answers = await Promise.all(["/", "/health", "/v1/webhooks", ...INBOUND].map(trace));

    assertEquals(answers.map((answer) => answer.split(" ")[1]), answers.map(() => "405"));
    assertEquals(answers.some((answer) => answer.includes("abc")), false);
  }));
