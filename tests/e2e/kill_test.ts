import { assert, assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { startReceiver } from "../support/receiver.ts";

/** Kills a gateway in the middle of forty deliveries, starts it again, and waits for all of them. */
async function killBetween(database: Readonly<Record<string, string>>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const receiver = await startReceiver("hang");
  const env = { WEBHOOK_URL: `${receiver.url}/hook`, WEBHOOK_FORMAT: "account", ...database };
  const first = await startGatewayProcess({ dir, env });
  const names = Array.from({ length: 40 }, (_, i) => `order.${i}`);
  // The answers never come: each call waits for a delivery that hangs, and the process is killed meanwhile.
  const calls = names.map((eventType) =>
    call(first.url, "POST", "/api/webhook/send", { eventType, data: { eventType } }).catch(() => undefined)
  );
  await until(async () => {
    const { body } = await call(first.url, "GET", "/v1/deliveries?limit=100&status=pending");
    return body.data.deliveries.length === names.length;
  }, "all events to be stored");

  await first.kill();
  receiver.respond(200);
  const second = await startGatewayProcess({ dir, env });

  await until(
    () =>
      names.every((name) =>
        receiver.requests.some(({ json, receivedAt }) => json.event === name && receivedAt)
      ),
    "every event to arrive",
  );
  await until(async () => {
    const { body } = await call(second.url, "GET", "/v1/deliveries?limit=100&status=success");
    return body.data.deliveries.length === names.length;
  }, "every delivery to be recorded");
  await Promise.all(calls);
  assertEquals(await second.stop(), 0);
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
}

Deno.test("gateway killed between commit and delivery delivers everything after a start", () =>
  killBetween({}));

testWithPostgres(
  "gateway on Postgres killed between commit and delivery delivers everything after a start",
  async () => {
    await using database = await temporaryDatabase();
    await killBetween({ DATABASE_URL: database.url });
  },
);

Deno.test("gateway finishes what is in flight when it is asked to stop", async () => {
  const dir = await Deno.makeTempDir();
  const receiver = await startReceiver({ status: 200, delayMs: 1_000 });
  const gateway = await startGatewayProcess({ dir, env: { WEBHOOK_URL: receiver.url } });
  const sending = call(gateway.url, "POST", "/api/webhook/send", { eventType: "late", data: {} });
  await receiver.waitFor(1);

  const code = await gateway.stop();

  assertEquals(code, 0);
  const { body } = await sending;
  assert(body.result.success, JSON.stringify(body));
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("gateway shows its API key once, at the first start", async () => {
  const dir = await Deno.makeTempDir();
  const first = await startGatewayProcess({ dir, env: { API_KEY: "" } });
  const key = /API key \(shown only this once\): (\S+)/.exec(first.output())?.[1];
  assert(key !== undefined, first.output());
  const answer = await fetch(`${first.url}/v1/webhooks`, { headers: { authorization: `Bearer ${key}` } });
  await answer.body?.cancel();
  assertEquals(answer.status, 200);
  await first.stop();

  const second = await startGatewayProcess({ dir, env: { API_KEY: "" } });

  assert(!second.output().includes("API key"), second.output());
  const again = await fetch(`${second.url}/v1/webhooks`, { headers: { authorization: `Bearer ${key}` } });
  await again.body?.cancel();
  assertEquals(again.status, 200);
  await second.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("gateway refuses wrong settings with one line each and exit code 2", async () => {
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;

  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--config", config, "--allow-env", "--allow-read", main],
    env: { PORT: "three", LOG_LEVEL: "loud", NO_COLOR: "1" },
  }).output();

  assertEquals(code, 2);
  const lines = new TextDecoder().decode(stderr).trim().split("\n").filter((line) =>
    line.includes(" takes ")
  );
  assertEquals(lines.length, 2);
});
