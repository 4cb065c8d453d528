import { assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

const ignore = Deno.build.os === "windows"; // it has no limit of descriptors to run into

/** Opens so many connections that say nothing, as far as they are taken. */
async function flood(url: string, count: number): Promise<readonly Deno.Conn[]> {
  const { hostname, port } = new URL(url);
  const opened: Deno.Conn[] = [];
  for (let i = 0; i < count; i++) {
    const connection = await Deno.connect({ hostname, port: Number(port) }).catch(() => undefined);
    if (connection !== undefined) opened.push(connection);
  }
  return opened;
}

Deno.test({
  name:
    "gateway serves and delivers during and after a flood of connections under a small limit of descriptors",
  ignore,
  async fn() {
    const dir = await Deno.makeTempDir();
    const receiver = await startReceiver(200);
    const gateway = await startGatewayProcess({ dir, openFiles: 200 });
    try {
      const made = await call(gateway.url, "POST", "/v1/webhooks", { url: receiver.url, events: ["*"] });
      const test = () => call(gateway.url, "POST", `/v1/webhooks/${made.body.data.webhook_id}/test`);

      const connections = await flood(gateway.url, 300);
      const delivered = async () => {
        const answer = await test().catch(() => undefined); // nobody takes the connection
        return answer?.body.data?.delivered === true;
      };
      await until(delivered, "a request is taken and its delivery arrives during the flood");
      for (const connection of connections) connection.close();
      await until(delivered, "the same after it");

      assertEquals(receiver.requests.length >= 2, true);
      assertEquals(await gateway.stop(), 0);
    } finally {
      await gateway.kill();
      await receiver.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
