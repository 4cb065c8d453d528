import { assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

const EVENTS = 5;

const ACCIDENTS: Readonly<Record<string, (path: string) => Promise<void>>> = {
  async deleted(path) {
    await Deno.remove(path);
  },
  async "overwritten with something else"(path) {
    await Deno.writeTextFile(path, "not a database, but long enough to look like one".repeat(200));
  },
  async "damaged in the middle"(path) {
    const { size } = await Deno.stat(path);
    const file = await Deno.open(path, { write: true });
    await file.seek(Math.floor(size / 3), Deno.SeekMode.Start);
    await file.write(new Uint8Array(Math.floor(size / 2)).fill(0xa5));
    file.close();
  },
};

for (const [accident, happen] of Object.entries(ACCIDENTS)) {
  Deno.test(`gateway delivers what waited for a retry when the file of its alarms was ${accident}`, async () => {
    const dir = await Deno.makeTempDir();
    const receiver = await startReceiver(500);
    const env = { WEBHOOK_URL: receiver.url, WEBHOOK_FORMAT: "account", WEBHOOK_RETRY_SCALE: "1" };
    const first = await startGatewayProcess({ dir, env });
    const calls = Array.from(
      { length: EVENTS },
      (_, i) =>
        call(first.url, "POST", "/api/webhook/send", { eventType: "order.paid", data: { i } })
          .catch(() => undefined),
    ); // cut off by the kill
    await receiver.waitFor(EVENTS);
    await until(async () => {
      const { body } = await call(first.url, "GET", "/v1/deliveries?status=pending");
      return body.data.deliveries.filter((delivery: { attempts: number }) => delivery.attempts === 1)
        .length ===
        EVENTS;
    }, "every first attempt to be recorded");
    await first.kill();
    await Promise.all(calls);
    await happen(`${dir}/data/kv.db`);
    receiver.respond(200);

    const second = await startGatewayProcess({ dir, env });

    const delivered = () => receiver.requests.slice(EVENTS).map(({ json }) => json.data.i).sort();
    await until(() => delivered().length >= EVENTS, "every retry");
    assertEquals(delivered(), [0, 1, 2, 3, 4]);
    assertEquals(await second.stop(), 0);
    await receiver.stop();
    await Deno.remove(dir, { recursive: true });
  });
}
