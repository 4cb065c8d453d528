import { assertEquals, assertStringIncludes } from "@std/assert";
import { Client, type JSONRPCMessage, type Transport } from "@modelcontextprotocol/client";
import { mcpProxy } from "../../src/cli/mcp.ts";
import { type Gateway, runGateway } from "../support/gateway.ts";

/** Lines that are written while somebody reads them. */
function lineQueue() {
  const stream = new TransformStream<string, string>();
  const writer = stream.writable.getWriter();
  return {
    lines: stream.readable.values(),
    push: (line: string) => void writer.write(line).catch(() => {}),
    end: () => writer.close(),
  };
}

const settingsOf = (url: string, key: string) => ({ HOST: "127.0.0.1", PORT: 1, APP_URL: url, API_KEY: key });

/** The official client, whose other end is the proxy: as over stdio, without the process. */
async function connectThroughProxy(gateway: Gateway, key: string, mode: "legacy" | { readonly pin: string }) {
  const queue = lineQueue();
  const stop = new AbortController();
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message: JSONRPCMessage) => Promise.resolve(queue.push(JSON.stringify(message))),
    close: () => Promise.resolve(),
  };
  const ended = mcpProxy({
    settings: settingsOf(gateway.url, key),
    lines: queue.lines,
    write: (line) => transport.onmessage?.(JSON.parse(line)),
    signal: stop.signal,
  });
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  return {
    client,
    async end() {
      await client.close();
      await queue.end();
      return await ended;
    },
  };
}

for (const [protocol, mode] of [["2025-11-25", "legacy"], ["2026-07-28", { pin: "2026-07-28" }]] as const) {
  Deno.test(`kabar mcp passes the official client's calls on to a running gateway (${protocol})`, async () => {
    await using gateway = await runGateway();
    const { body } = await gateway.api("POST", "/v1/keys", { name: "Assistant", scopes: ["read"] });
    const { client, end } = await connectThroughProxy(gateway, body.data.api_key, mode);

    const { tools } = await client.listTools();
    const [health, devices] = await Promise.all([
      client.callTool({ name: "health", arguments: {} }),
      client.callTool({ name: "list_devices", arguments: {} }),
    ]);

    assertEquals(client.getNegotiatedProtocolVersion(), protocol);
    assertEquals(tools[0].name, "list_devices");
    assertEquals(health.structuredContent, { ok: true, attention: [] });
    assertEquals(devices.structuredContent, { devices: [] });
    assertEquals(await end(), 0);
  });
}

/** What the proxy writes for these lines. */
async function written(lines: readonly string[], url: string, key: string) {
  const out: string[] = [];
  await mcpProxy({
    settings: settingsOf(url, key),
    lines: (async function* () {
      yield* lines;
    })(),
    write: (line) => out.push(line),
    signal: new AbortController().signal,
  });
  return out.map((line) => JSON.parse(line));
}

const LIST = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/list" });

Deno.test("kabar mcp answers what is no JSON, and says what is wrong with the key or the address", async () => {
  await using gateway = await runGateway();

  const [noJson] = await written(["{", ""], gateway.url, "kbr_wrong");
  const [wrongKey] = await written([LIST], gateway.url, "kbr_wrong");
  const [nobody] = await written([LIST], "http://127.0.0.1:1", "kbr_wrong");
  const batch = await written([`[${LIST}]`], gateway.url, "kbr_wrong");

  assertEquals([noJson.id, noJson.error.code], [null, -32700]);
  assertEquals(wrongKey.id, 7);
  assertStringIncludes(wrongKey.error.message, "refused (401): Invalid API key");
  assertEquals(nobody.id, 7);
  assertStringIncludes(nobody.error.message, "Cannot reach the gateway at http://127.0.0.1:1");
  assertEquals(batch.map(({ error }) => error.code), [-32700]);
});
