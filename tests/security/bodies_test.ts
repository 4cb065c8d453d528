import { assertEquals, assertLess } from "@std/assert";
import { type GatewayProcess, startGatewayProcess } from "../support/process.ts";

const CHUNK = new Uint8Array(65_536).fill(0x20);

/** The memory that a process holds, bytes. */
function memoryOf({ pid }: GatewayProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes) * 1024;
}

/** Sends the head of a request and most of its body; the answer that came meanwhile, or "" while none does. */
async function sendHalf(gateway: GatewayProcess, path: string, size: number): Promise<() => Promise<string>> {
  const { hostname, port } = new URL(gateway.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head =
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`;
  const write = async () => {
    await connection.write(new TextEncoder().encode(head));
    for (let sent = 0; sent + CHUNK.length < size; sent += CHUNK.length) await connection.write(CHUNK);
  };
  const written = write().catch(() => {}); // it is refused in the middle
  return async () => {
    const buffer = new Uint8Array(100);
    const read = await connection.read(buffer).catch(() => null);
    connection.close();
    await written;
    return new TextDecoder().decode(buffer.subarray(0, read ?? 0));
  };
}

Deno.test({
  name: "bodies of strangers on keyed routes are refused before they are read",
  ignore: Deno.build.os !== "linux", // its memory is read there
  async fn() {
    const dir = await Deno.makeTempDir();
    const gateway = await startGatewayProcess({ dir });
    try {
      const before = memoryOf(gateway);

      const paths = ["/v1/messages", "/v1/webhooks", "/api/messages/blast", "/admin/tenants"];
      const answers = [];
      for (let i = 0; i < 60; i++) answers.push(await sendHalf(gateway, paths[i % paths.length], 5_000_000));
      const texts = await Promise.all(answers.map((answer) => answer()));

      assertEquals(new Set(texts.map((text) => /^HTTP\/1.1 (\d+)/.exec(text)?.[1])), new Set(["401"]));
      assertLess(memoryOf(gateway) - before, 50 * 1_048_576);
    } finally {
      await gateway.kill();
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test("bodies of strangers to receivers share one bound, and others are served meanwhile", async () => {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir });
  try {
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push(await sendHalf(gateway, "/webhooks/test", 5_000_000));
    const health = await fetch(`${gateway.url}/health`);
    await health.body?.cancel();
    const texts = await Promise.all(answers.map((answer) => answer()));

    assertEquals(health.status, 200);
    const statuses = texts.map((text) => /^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
    assertEquals(statuses.filter((status) => status === "503").length >= 5, true, statuses.join()); // no room for them
    assertEquals(statuses.every((status) => status === "503" || status === "408"), true, statuses.join());
  } finally {
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });
  }
});
