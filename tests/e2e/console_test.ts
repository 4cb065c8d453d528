// What the gateway says where it was started: a container has nothing else.
import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { call, type GatewayProcess, startGatewayProcess } from "../support/process.ts";

async function withConsole(
  env: Readonly<Record<string, string>>,
  work: (gateway: GatewayProcess, line: (name: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir, env });
  const line = (name: string) =>
    until(
      () => gateway.output().split("\n").find((text) => text.includes(`msg=${name} `)),
      `the line ${name}`,
    );
  try {
    await work(gateway, line);
  } finally {
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });
  }
}

/** A port that nobody listens on. */
function closedPort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}

Deno.test("console names the webhook and the error of an attempt that failed", () =>
  withConsole({ LOG_LEVEL: "warning" }, async (gateway, line) => {
    const webhook = await call(gateway.url, "POST", "/v1/webhooks", {
      url: `http://127.0.0.1:${closedPort()}/secret-path`,
      events: ["*"],
    });
    const id = webhook.body.data.webhook_id;

    await call(gateway.url, "POST", `/v1/webhooks/${id}/test`);
    const text = await line("webhook.attempt_failed");

    assertMatch(text, new RegExp(`^time=\\S+ level=warning .* webhook=${id} .* error="[^"]*refused`, "i"));
    assertEquals(text.includes("secret-path"), false);
  }));

Deno.test("console shows lines from LOG_LEVEL on", async () => {
  await withConsole({ LOG_LEVEL: "info" }, async (gateway, line) => {
    await call(gateway.url, "POST", "/v1/webhooks", { url: "http://127.0.0.1:9/", events: ["*"] });

    assertMatch(await line("webhook.created"), /level=info/);
  });
  await withConsole({ LOG_LEVEL: "warning" }, async (gateway, line) => {
    const { body } = await call(gateway.url, "POST", "/v1/webhooks", {
      url: `http://127.0.0.1:${closedPort()}/`,
      events: ["*"],
    });
    await call(gateway.url, "POST", `/v1/webhooks/${body.data.webhook_id}/test`);
    await line("webhook.attempt_failed"); // comes after the lines that must be missing

    assertEquals(/level=(info|debug)/.test(gateway.output()), false);
  });
});

Deno.test("console says when WhatsApp cannot be reached, and why", () => {
  const env = {
    LOG_LEVEL: "warning",
    WHATSAPP_WS_URL: `ws://127.0.0.1:${closedPort()}`,
    WHATSAPP_ROOT_KEY: "ab".repeat(32),
  };
  return withConsole(env, async (gateway, line) => {
    const { body } = await call(gateway.url, "POST", "/v1/devices", { label: "Kasir" });
    const id = body.data.id;

    await call(gateway.url, "POST", `/v1/devices/${id}/start`);
    const text = await line("device.not_connected");

    assertMatch(
      text,
      new RegExp(`level=warning .* deviceId=${id} .*why="WhatsApp cannot be reached \\(.*REFUSED`),
    );
  });
});
