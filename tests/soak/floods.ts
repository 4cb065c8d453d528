// What strangers and a hostile tenant do to the gateway while the soak of the line goes on.
import { pause } from "./line_cast.ts";
import { count, type Tally } from "./line_trouble.ts";

export const MASTER = "the operator's own master key";

const CONNECTIONS = 400;
const BODIES = 60;
const WRONG_KEYS = 400;
const HANGING_WEBHOOKS = 40;
const CHUNK = new Uint8Array(65_536).fill(0x20);

/**
 * Floods the gateway until the signal aborts, one kind after the other without a rest.
 * @param url The gateway's address; undefined while it is down.
 * @returns What the answers were that should not have been.
 */
export async function flood(
  url: () => string | undefined,
  tally: Tally,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = [];
  using hanging = startHanging();
  const tenant = await hostileTenant(url() ?? "", hanging.url);
  const floods: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
    "flood of idle connections": (url) => holdConnections(url, ""),
    "flood of half heads": (url) => holdConnections(url, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "),
    "flood of half bodies": sendHalfBodies,
    "flood of wrong keys": async (url) => problems.push(...await guessKeys(url)),
    "flood of hanging deliveries": (url) => tenant.testAll(url),
    "flood of look-ups that fail": (url) => tenant.makeStrange(url),
  };
  while (!signal.aborted) {
    for (const [what, make] of Object.entries(floods)) {
      const at = url();
      if (at === undefined || signal.aborted) continue;
      count(tally, what);
      await make(at).catch(() => {}); // the gateway is stopped and killed meanwhile
    }
    await pause(200, signal);
  }
  return problems;
}

/** Opens as many connections as are taken, says so much on each, and holds them for a moment. */
async function holdConnections(url: string, text: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const opened: Deno.Conn[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const connection = await Deno.connect({ hostname, port: Number(port) }).catch(() => undefined);
    if (connection === undefined) continue;
    opened.push(connection);
    if (text !== "") await connection.write(new TextEncoder().encode(text)).catch(() => {}); // turned away
  }
  await pause(1_000);
  for (const connection of opened) connection.close();
}

/** Sends most of large bodies, without a key. */
async function sendHalfBodies(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const paths = ["/v1/messages", "/webhooks/test", "/api/messages/blast", "/api/whatsapp/webhook"];
  await Promise.all(Array.from({ length: BODIES }, async (_, index) => {
    const connection = await Deno.connect({ hostname, port: Number(port) });
    const head = `POST ${paths[index % paths.length]} HTTP/1.1\r\nHost: ${hostname}\r\n` +
      "Content-Type: application/json\r\nContent-Length: 5000000\r\n\r\n";
    try {
      await connection.write(new TextEncoder().encode(head));
      for (let sent = 0; sent + CHUNK.length < 5_000_000; sent += CHUNK.length) await connection.write(CHUNK);
    } catch {
      // refused in the middle, as it should be
    } finally {
      connection.close();
    }
  }));
}

async function guessKeys(url: string): Promise<readonly string[]> {
  const statuses = new Set<number>();
  for (let i = 0; i < WRONG_KEYS; i++) {
    const path = ["/v1/devices", "/api/templates", "/mcp", "/admin/tenants"][i % 4];
    const answer = await fetch(url + path, { headers: { "X-API-Key": `kbr_${i}`, "X-Master-Key": `${i}` } });
    await answer.body?.cancel();
    statuses.add(answer.status);
  }
  return [...statuses].filter((status) => ![401, 429, 503].includes(status)).map((status) =>
    `a wrong key was answered ${status}`
  );
}

/** A tenant with webhooks that hang. */
async function hostileTenant(url: string, hanging: string) {
  const made = await fetch(`${url}/admin/tenants`, {
    method: "POST",
    headers: { "X-Master-Key": MASTER, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Hostile" }),
  });
  const key: string = (await made.json()).data.api_key;
  const ask = async (url: string, path: string, body: unknown) => {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { "X-API-Key": key, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    return await answer.json();
  };
  const ids: string[] = [];
  for (let i = 0; i < HANGING_WEBHOOKS; i++) {
    const { data } = await ask(url, "/v1/webhooks", { url: `${hanging}/${i}`, events: ["*"], timeout: 3 });
    ids.push(data.webhook_id);
  }
  return {
    testAll: (url: string) => Promise.all(ids.map((id) => ask(url, `/v1/webhooks/${id}/test`, {}))),
    makeStrange: (url: string) =>
      Promise.all(
        Array.from(
          { length: HANGING_WEBHOOKS },
          () =>
            ask(url, "/v1/webhooks", {
              url: `http://${crypto.randomUUID()}.example/`,
              events: ["call.received"],
            }),
        ),
      ),
  };
}

/** Takes connections and never answers. */
function startHanging() {
  const open = new Set<Deno.Conn>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) {
      open.add(connection);
      void new Response(connection.readable).arrayBuffer().catch(() => {}).finally(() =>
        open.delete(connection)
      );
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    [Symbol.dispose]() {
      listener.close();
    },
  };
}
