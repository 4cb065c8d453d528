// The commands of the guides that integrators follow, as they stand there: typed into a shell on the gateway's machine.
// Only the gateway's and the receiver's addresses, keys and ids are put in their places.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/process.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

const KEY = "your-secret-api-key-here";

interface Shell {
  readonly gateway: GatewayProcess;
  readonly rx: Receiver;
  /** What a command prints, read as JSON where it is some. */
  // deno-lint-ignore no-explicit-any -- answers of every shape
  type(command: string, places?: Readonly<Record<string, string>>): Promise<any>;
}

/** Whether a program is there; each of these is on most machines. */
function has(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync()
    .success;
}
const PROGRAMS = ["curl", "jq", "sqlite3"];

function guide(
  name: string,
  envFor: (rx: Receiver) => Readonly<Record<string, string>>,
  work: (shell: Shell) => Promise<void>,
): void {
  Deno.test({
    name: `commands work as they stand in the guide (${name})`,
    ignore: Deno.build.os === "windows" || !PROGRAMS.every(has),
    async fn() {
      const dir = await Deno.makeTempDir();
      const rx = await startReceiver();
      const gateway = await startGatewayProcess({ dir, env: { API_KEY: KEY, ...envFor(rx) } });
      const type: Shell["type"] = async (command, places = {}) => {
        const put = Object.entries({
          "http://localhost:3000": gateway.url,
          "https://your-domain.com": gateway.url,
          "https://abc123.ngrok.io": rx.url,
          "https://your-webhook-endpoint.com": rx.url,
          YOUR_TENANT_API_KEY: KEY,
          YOUR_API_KEY: KEY,
          ...places,
        }).reduce((text, [place, value]) => text.replaceAll(place, value), command);
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: ["-c", put.replaceAll("curl ", "curl -sS ")],
          cwd: dir,
        }).output();
        const text = new TextDecoder().decode(stdout);
        assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], put);
        return command.includes("| jq") || !/^\s*[[{]/.test(text) ? text : JSON.parse(text);
      };
      try {
        await work({ gateway, rx, type });
      } finally {
        await gateway.kill();
        await rx.stop();
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}

const STATUS_WEBHOOK = `curl -X POST http://localhost:3000/webhooks/qiscus \\
  -H "Content-Type: application/json" \\
  -d '{
    "type": "message_status",
    "payload": {
      "message_id": "test-message-123",
      "status": "sent",
      "timestamp": "2025-11-01T10:00:00Z",
      "from": "6281234567890"
    }
  }'`;

const TEST_WEBHOOK = `curl -X POST http://localhost:3000/webhooks/test \\
  -H "Content-Type: application/json" \\
  -d '{"test": "data"}'`;

guide("Qiscus, without keys", () => ({ API_AUTH: "off" }), async ({ type }) => {
  const received = await type(STATUS_WEBHOOK);
  const postman = await type(
    `curl -X POST http://localhost:3000/webhooks/qiscus -H "Content-Type: application/json" -d '{
  "type": "message_status",
  "payload": {
    "message_id": "wamid.test123",
    "status": "delivered",
    "timestamp": "2025-11-01T10:00:00Z"
  }
}'`,
  );
  const echoed = await type(TEST_WEBHOOK);
  const ready = await type("curl https://your-domain.com/webhooks/qiscus");
  const status = await type("curl http://localhost:3000/api/qiscus/webhook/status");
  const sent = await type("curl 'http://localhost:3000/api/logs/messages?status=sent'");
  const failed = await type("curl 'http://localhost:3000/api/logs/messages?status=failed'");
  const messages = await type("curl 'http://localhost:3000/api/logs/messages?limit=10'");
  const system = await type("curl 'http://localhost:3000/api/logs/system?limit=10'");
  const picked = await type(`curl 'http://localhost:3000/api/logs/system?level=info&limit=20' \\
  | jq '.logs[] | select(.message | contains("webhook"))'`);
  const watched = await type("curl -s http://localhost:3000/api/logs/system?limit=5 | jq");
  const rows = await type(
    `sqlite3 data/logs.db "SELECT * FROM message_logs WHERE message_id = 'wamid.abc123xyz'"`,
  );
  const latest = await type(`sqlite3 data/logs.db "
  SELECT
    message_id,
    status,
    recipient_phone,
    created_at,
    updated_at
  FROM message_logs
  WHERE message_id IS NOT NULL
  ORDER BY updated_at DESC
  LIMIT 10
"`);
  const today = await type(`sqlite3 data/logs.db "
  SELECT COUNT(*)
  FROM system_logs
  WHERE message LIKE '%webhook%'
    AND DATE(created_at) = DATE('now')
"`);
  const breakdown = await type(`sqlite3 data/logs.db "
  SELECT
    status,
    COUNT(*) as count,
    MAX(updated_at) as last_update
  FROM message_logs
  WHERE message_id IS NOT NULL
  GROUP BY status
"`);
  const alert = await type(`FAILED_COUNT=$(sqlite3 data/logs.db "
  SELECT COUNT(*)
  FROM message_logs
  WHERE status='failed'
    AND updated_at > datetime('now', '-1 hour')
")

if [ "$FAILED_COUNT" -gt 10 ]; then
  echo "Alert: $FAILED_COUNT failed messages in last hour"
  # Send notification (email, Slack, etc.)
fi`);
  const log = await until(
    async () => await type(`grep "webhook" logs/combined.log || true`) || undefined,
    "the log",
  );

  const accepted = { success: true, message: "Webhook received" };
  assertEquals([received, postman], [accepted, accepted]);
  assertEquals([echoed.success, echoed.message, echoed.received], [true, "Webhook test successful", {
    test: "data",
  }]);
  assertEquals([ready.success, status.success, status.webhook.configured], [true, true, false]);
  assertEquals([sent.logs, failed.logs, messages.logs], [[], [], []]);
  assert(system.logs.length >= 3);
  assertMatch(String(picked), /"message": ".*webhook/);
  assertEquals(JSON.parse(watched).logs.length > 0, true);
  assertEquals([rows, latest, breakdown, alert], ["", "", "", ""]);
  assert(Number(today) >= 3);
  assertMatch(String(log), /webhook\.received/);
});

guide("Qiscus' webhooks, on a fresh start with keys", () => ({}), async ({ type }) => {
  assertEquals(await type(STATUS_WEBHOOK), { success: true, message: "Webhook received" });
  assertEquals((await type(TEST_WEBHOOK)).received, { test: "data" });
});

guide("tenant gateway", () => ({}), async ({ type, rx }) => {
  const created = await type(`curl -X POST http://localhost:3000/v1/webhooks \\
  -H "Authorization: Bearer YOUR_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "url": "https://abc123.ngrok.io/webhook/whatsapp",
    "events": ["message.received"]
  }'`);
  const id = created.data.webhook_id;
  const listed = await type(`curl -X GET http://localhost:3000/v1/webhooks \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY"`);
  const changed = await type(
    `curl -X PUT http://localhost:3000/v1/webhooks/wh_abc123xyz789 \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "events": [
      "message.received",
      "message.status"
    ]
  }'`,
    { wh_abc123xyz789: id },
  );
  const tested = await type(
    `curl -X POST http://localhost:3000/v1/webhooks/wh_abc123/test \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY"`,
    { wh_abc123: id },
  );
  rx.respond(500);
  await type(
    `curl -X POST http://localhost:3000/v1/webhooks/wh_abc123/test \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY"`,
    { wh_abc123: id },
  );
  const failed = await until(async () => {
    const { data } = await type(`curl -X GET http://localhost:3000/v1/webhooks/failed \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY"`);
    return data.total === 1 ? data : undefined;
  }, "the failed event");
  rx.respond(200);
  const retried = await type(
    `curl -X POST http://localhost:3000/v1/webhooks/failed/evt_failed_123/retry \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY"`,
    { evt_failed_123: failed.failed_events[0].event_id },
  );
  await rx.waitFor(3);
  await type(
    `curl -X DELETE http://localhost:3000/v1/webhooks/wh_abc123xyz789 \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY"`,
    { wh_abc123xyz789: id },
  );
  const left = await type(`curl -X GET http://localhost:3000/v1/webhooks \\
  -H "Authorization: Bearer YOUR_TENANT_API_KEY"`);

  assertEquals([created.success, created.data.status, created.data.url], [
    true,
    "active",
    `${rx.url}/webhook/whatsapp`,
  ]);
  assertMatch(id, /^wh_\w+$/);
  assertEquals(listed.data.webhooks.map((one: { webhook_id: string }) => one.webhook_id), [id]);
  assertEquals(changed.data.events, ["message.received", "message.status"]);
  assertEquals([tested.success, retried.success, left.data.total], [true, true, 0]);
  assertMatch(failed.failed_events[0].event_id, /^evt_/);
  assertEquals(new Set(rx.requests.map(({ path }) => path)), new Set(["/webhook/whatsapp"]));
});

guide("universal webhook", () => ({}), async ({ type }) => {
  const ready = await type("curl https://your-domain.com/api/whatsapp/webhook");
  const taken = await type(`curl -X POST https://your-domain.com/api/whatsapp/webhook \\
  -H "Content-Type: application/json" \\
  -d '{
    "sessionId": "test-session",
    "event": "qr", 
    "data": {
      "qr": "sample-qr-code"
    }
  }'`);
  const status = await type("curl https://your-domain.com/api/whatsapp/session/status/test-session");

  assertEquals([ready.success, taken.success], [true, true]);
  assertEquals([status.data.status, status.data.qr], ["qr_generated", "sample-qr-code"]);
});

guide("one account", (rx) => ({ WEBHOOK_URL: rx.url }), async ({ type, rx }) => {
  const status = await type(`curl -H "X-API-Key: your-secret-api-key-here" \\
  http://localhost:3000/api/webhook/status`);
  const tested = await type(`curl -X POST "http://localhost:3000/api/webhook/test" \\
  -H "Content-Type: application/json" \\
  -H "X-API-Key: your-secret-api-key-here" \\
  -d '{
    "eventType": "test",
    "data": {
      "message": "Test webhook"
    }
  }'`);
  const sent = await type(`curl -X POST "http://localhost:3000/api/webhook/send" \\
  -H "Content-Type: application/json" \\
  -H "X-API-Key: your-secret-api-key-here" \\
  -d '{
    "eventType": "custom.event",
    "data": {
      "customField": "customValue"
    }
  }'`);
  const log = await until(
    async () => await type(`grep "webhook" logs/app.log || true`) || undefined,
    "the log",
  );

  assertEquals([status.data.enabled, status.data.webhookUrl], [true, rx.url]);
  assertEquals([tested.success, tested.result.success, sent.success, sent.result.success], [
    true,
    true,
    true,
    true,
  ]);
  assertEquals(
    rx.requests.map(({ json }) => [json.event, json.data.message ?? json.data.customField]),
    [
      ["test", "Test webhook"],
      ["custom.event", "customValue"],
    ],
  );
  assertMatch(String(log), /webhook/);
});

guide("instances", () => ({}), async ({ type, rx }) => {
  // This guide writes its requests down as they go over the wire.
  const ask = (request: string, places: Readonly<Record<string, string>> = {}) => {
    const [line, ...body] = request.split("\n");
    const [method, path] = line.split(" ");
    const json = body.join("\n").replace(/^Content-Type: application\/json\n/, "").trim();
    return type(
      `curl -X ${method} "http://localhost:3000${path}" -H "X-API-Key: ${KEY}" -H "Content-Type: application/json"` +
        (json === "" ? "" : ` -d '${json}'`),
      places,
    );
  };
  await ask('POST /api/instance/create\n{"name": "Shop", "id": "shop"}');
  const places = { "/:instanceId": "/shop", xxx: "shop" };

  const set = await ask(
    `PUT /api/instance/:instanceId
Content-Type: application/json

{
  "webhookUrl": "https://your-webhook-endpoint.com/webhook"
}`,
    places,
  );
  const tested = await ask(`POST /api/webhook/test
Content-Type: application/json

{
  "url": "https://your-webhook-endpoint.com/webhook"
}`);
  const logs = await ask("GET /api/webhook/logs?instanceId=xxx&limit=50&status=failed", places);
  const stats = await ask("GET /api/webhook/stats?instanceId=xxx&days=7", places);
  const one = await ask("GET /api/webhook/logs/:webhookId", { "/:webhookId": "/dlv_1" });
  const retried = await ask("POST /api/webhook/retry/:webhookId", { "/:webhookId": "/dlv_1" });
  const cleared = await ask(
    `DELETE /api/webhook/logs
Content-Type: application/json

{
  "instanceId": "xxx",
  "days": 30
}`,
    places,
  );

  assertEquals([set.success, tested.success, logs, cleared.success], [
    true,
    true,
    { success: true, count: 0, data: [] },
    true,
  ]);
  assertEquals([stats.data.period, stats.data.successRate, stats.data.instanceId], [
    "7 days",
    "0.00",
    "shop",
  ]);
  assertEquals([one.success, retried.success], [false, false]); // nothing was delivered yet
  assertEquals(rx.requests.map(({ path }) => path), ["/webhook"]);
});
