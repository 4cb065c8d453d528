import { networkInterfaces } from "node:os";
import { assertEquals, assertMatch } from "@std/assert";
import { kindOf } from "../../src/net/addresses.ts";
import { until } from "../support/until.ts";
import { call, type GatewayProcess, KEY, startGatewayProcess } from "../support/process.ts";

const MASTER = "the operator's own master key";

async function withGateway(
  env: Readonly<Record<string, string>>,
  work: (gateway: GatewayProcess) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir, env: { MASTER_KEY: MASTER, ...env } });
  try {
    await work(gateway);
  } finally {
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });
  }
}

async function aTenant(gateway: GatewayProcess) {
  const answer = await fetch(`${gateway.url}/admin/tenants`, {
    method: "POST",
    headers: { "X-Master-Key": MASTER, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Stranger" }),
  });
  const key: string = (await answer.json()).data.api_key;
  return {
    async post(path: string, body: unknown) {
      const answer = await fetch(gateway.url + path, {
        method: "POST",
        headers: { "X-API-Key": key, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    },
  };
}

Deno.test("webhook that leads back to the gateway's own receiver goes round once and says why", () =>
  withGateway({}, async (gateway) => {
    const url = `${gateway.url}/api/whatsapp/webhook`;
    await call(gateway.url, "POST", "/v1/webhooks", { url, events: ["*"], format: "session", retry: [] });

    await call(gateway.url, "POST", "/api/whatsapp/webhook", {
      sessionId: "loop",
      event: "qr",
      data: { qr: "2@abc" },
    });
    const failed = await until(async () => {
      const { body } = await call(gateway.url, "GET", "/v1/deliveries?status=failed");
      return body.data.deliveries.length > 0 && body.data.deliveries;
    }, "the delivery to be refused");

    const { body } = await call(gateway.url, "GET", "/v1/events?types=device.qr");
    assertEquals(body.data.events.length, 1);
    assertMatch(JSON.stringify(failed), /508/);
  }));

for (const format of ["session", "cloud"]) {
  Deno.test(`two gateways whose webhooks lead to each other pass an event once around (${format})`, () =>
    withGateway({}, (one) =>
      withGateway({}, async (other) => {
        const receiver = format === "cloud" ? "/webhooks/qiscus" : "/api/whatsapp/webhook";
        for (const [from, to] of [[one, other], [other, one]]) {
          const url = `${to.url}${receiver}`;
          await call(from.url, "POST", "/v1/webhooks", { url, events: ["*"], format, retry: [] });
        }

        await call(one.url, "POST", "/api/whatsapp/webhook", {
          sessionId: "chain",
          event: "message",
          data: { message: { id: { id: "3EB0A1", remote: "628123456789@c.us" }, body: "hello" } },
        });
        await call(one.url, "POST", "/api/whatsapp/webhook", {
          sessionId: "chain",
          event: "qr",
          data: { qr: "2@abc" },
        });
        const failed = await until(async () => {
          const { body } = await call(other.url, "GET", "/v1/deliveries?status=failed");
          return body.data.deliveries.length > 0 && body.data.deliveries;
        }, "the delivery back to be refused");

        await until(async () => {
          const { body } = await call(other.url, "GET", "/v1/events?types=message.received");
          return body.data.events.length > 0;
        }, "the message to reach the other gateway");

        assertMatch(JSON.stringify(failed), /508/);
        for (const gateway of [one, other]) {
          for (const type of ["message.received", "device.qr"]) {
            const { body } = await call(gateway.url, "GET", `/v1/events?types=${type}`);
            assertEquals(body.data.events.length <= 1, true, `${type}: ${body.data.events.length}`);
          }
        }
        const { body } = await call(other.url, "GET", "/v1/events?types=message.received");
        assertEquals(body.data.events.length, 1);
      })));
}

Deno.test("webhooks of other gateways are taken by receivers, and nowhere else whatever key they carry", () =>
  withGateway({}, async (gateway) => {
    const post = (path: string, from: string, headers: Readonly<Record<string, string>> = {}) =>
      fetch(gateway.url + path, {
        method: "POST",
        headers: { "X-Kabar-From": from, "X-API-Key": KEY, "X-Master-Key": MASTER, ...headers },
        body: JSON.stringify({ sessionId: "other", event: "ready", data: {} }),
      }).then(async (answer) => ({ status: answer.status, text: await answer.text() }));
    const keyed = [
      "/v1/webhooks/wh_1/test",
      "/api/webhook/retry/dlv_1",
      "/admin/tenants/tenant_default/rotate-key",
      "/graph/v23.0/1/messages",
      "/mcp",
    ];

    for (const path of keyed) assertEquals([path, (await post(path, "a mark")).status], [path, 403]);
    assertEquals((await post("/api/whatsapp/webhook", "a mark, another")).status, 200);
    const long = await post("/api/whatsapp/webhook", Array.from({ length: 9 }, (_, i) => `mark${i}`).join());
    assertEquals(long.status, 508, long.text);
  }));

Deno.test("tenant's webhook cannot lead to this machine, even where private addresses are allowed", () =>
  withGateway({ WEBHOOK_ALLOW_PRIVATE: "true" }, async (gateway) => {
    const tenant = await aTenant(gateway);
    const port = new URL(gateway.url).port;
    const at = (host: string) =>
      tenant.post("/v1/webhooks", { url: `http://${host}:${port}/api/whatsapp/webhook`, events: ["*"] });

    for (const host of ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "2130706433"]) {
      const { status, text } = await at(host);
      assertEquals(status, 400, `${host}: ${text}`);
    }
    const elsewhere = await tenant.post("/v1/webhooks", { url: "http://10.1.2.3/hook", events: ["*"] });
    assertEquals(elsewhere.status, 201, elsewhere.text);
  }));

/** An address of this machine in a private network; undefined: it has none. */
const ownAddress = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).map((one) =>
  one.address
).find((address) => kindOf(address) === "private");

Deno.test({
  name: "tenant's webhook reaches neither the gateway nor another program by this machine's own address",
  ignore: ownAddress === undefined,
  fn: () =>
    withGateway({ HOST: "::", WEBHOOK_ALLOW_PRIVATE: "true" }, async (gateway) => {
      const hostname = ownAddress ?? "";
      const heard: Request[] = [];
      await using program = Deno.serve({ hostname, port: 0, onListen: () => {} }, (request) => {
        heard.push(request);
        return new Response("ok");
      });
      const tenant = await aTenant(gateway);
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;

      for (const port of [new URL(gateway.url).port, program.addr.port]) {
        const url = `http://${host}:${port}/api/whatsapp/webhook`;
        const made = await tenant.post("/v1/webhooks", { url, events: ["*"], format: "session" });
        const { text } = await tenant.post(`/v1/webhooks/${JSON.parse(made.text).data.webhook_id}/test`, {});
        assertMatch(text, /leads to the gateway's own machine/);
      }

      assertEquals(heard.length, 0);
      const { body } = await call(gateway.url, "GET", "/v1/devices");
      assertEquals(body.data.devices.filter(({ kind }: { kind: string }) => kind === "external"), []);
    }),
});

Deno.test("webhook cannot set headers by which somebody is believed", () =>
  withGateway({}, async (gateway) => {
    const set = (name: string) =>
      call(gateway.url, "POST", "/v1/webhooks", {
        url: "https://hooks.example.com/",
        events: ["*"],
        headers: { [name]: "10.0.0.1" },
      });
    const refused = [
      "X-Forwarded-For",
      "x-forwarded-host",
      "Forwarded",
      "X-Real-IP",
      "CF-Connecting-IP",
      "X-Master-Key",
      "Origin",
      "Sec-Fetch-Site",
      "X-Kabar-From",
    ];

    for (const name of refused) assertEquals([name, (await set(name)).status], [name, 400]);
    for (const name of ["X-API-Key", "Authorization", "X-Shop"]) {
      assertEquals([name, (await set(name)).status], [name, 201]);
    }
  }));

Deno.test("gateway without keys serves programs on this machine, and no web page", () =>
  withGateway({ API_AUTH: "off" }, async (gateway) => {
    const port = new URL(gateway.url).port;
    const ask = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) =>
      rawAsk(Number(port), method, path, { Host: `127.0.0.1:${port}`, ...headers }, body);
    const evil = { Origin: "https://evil.example" };
    const blast = JSON.stringify({ message: "promo", channels: ["whatsapp"], recipients: ["628123456789"] });

    const refused = [
      await ask("POST", "/v1/devices/y/logout", evil),
      await ask("POST", "/v1/devices/y/restart", { ...evil, "Sec-Fetch-Site": "cross-site" }),
      await ask("POST", "/v1/devices/y/messages/image", {
        ...evil,
        "Content-Type": "multipart/form-data; boundary=x",
      }),
      await ask("POST", "/api/messages/blast", { ...evil, "Content-Type": "text/plain" }, blast),
      await ask("GET", "/v1/webhooks", { Host: `rebind.evil.example:${port}` }),
      await ask("GET", "/v1/webhooks", { "X-Forwarded-For": "203.0.113.9" }),
    ];

    assertEquals(refused, refused.map(() => 403));
    const page = await ask("GET", "/ui/", { Host: `rebind.evil.example:${port}` });
    assertEquals(page >= 400 && page < 500, true, `the page was answered ${page}`);
    assertEquals(await ask("GET", "/v1/webhooks", {}), 200);
    assertEquals(await ask("POST", "/v1/devices/y/logout", {}), 404);
    assertEquals(await ask("POST", "/api/messages/blast", { "Content-Type": "text/plain" }, blast), 415);
  }));

/** The status of an answer; `fetch` does not let `Host` and `Origin` be chosen. */
async function rawAsk(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<number> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const all = { ...headers, "Content-Length": String(body.length), Connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await connection.write(new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${body}`));
  const text = await new Response(connection.readable).text();
  return Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
}
