import { assert, assertEquals } from "@std/assert";
import { startGateway } from "../../src/app/gateway.ts";
import { parseSettings } from "../../src/config.ts";
import { isScopeDecided, scopeOf } from "../../src/http/key_scopes.ts";

/** Every route of a whole gateway that takes a tenant's key. */
async function keyedRoutes(): Promise<readonly { readonly method: string; readonly path: string }[]> {
  const dir = await Deno.makeTempDir();
  const read = parseSettings({
    HOST: "127.0.0.1",
    PORT: "0",
    API_KEY: "kbr_key_of_the_default_tenant",
    DATA_DIR: `${dir}/data`,
    LOG_DIR: `${dir}/logs`,
  });
  if (!read.ok) throw new Error("Cannot start the gateway: its settings are refused");
  const gateway = await startGateway(read.settings, { print: () => {} });
  const routes = await gateway.routes();
  await gateway.stop();
  await Deno.remove(dir, { recursive: true });
  return routes.filter(({ path }) => /^\/(v1|api|graph|mcp|:version\{[^}]*\})(\/|$)/.test(path))
    .map(({ method, path }) => ({ method, path: path.replace(/:version\{[^}]*\}/, "v25.0") }));
}

Deno.test("every route that takes a key has a scope that somebody decided", async () => {
  const routes = await keyedRoutes();

  const open = [/^\/api\/health$/, /^\/api\/whatsapp\/webhook/];
  const forgotten = routes.filter(({ path }) => !open.some((one) => one.test(path)))
    .filter(({ method, path }) => !isScopeDecided(method, path))
    .map(({ method, path }) => `${method} ${path}: add it to SENDING or MANAGING in src/http/key_scopes.ts`);

  assert(routes.length > 120);
  assertEquals(forgotten, []);
});

Deno.test("path of many slashes has its scope at once", () => {
  const slashes = "/".repeat(2_000_000); // nobody would wait for time that grows with the square of it

  assertEquals(scopeOf("GET", `/v1/keys${slashes}`), "manage");
  assertEquals(scopeOf("GET", `/v1/keys${slashes}x`), "read");
  assertEquals(scopeOf("GET", slashes), "read");
});

const decided: readonly (readonly [request: string, scope: string])[] = [
  ["GET /v1/devices", "read"],
  ["HEAD /v1/devices", "read"],
  ["GET /v1/events/stream", "read"],
  ["GET /api/logs/messages", "read"],
  ["GET /graph/v25.0/628000000142", "read"],
  ["GET /v1/keys", "manage"],
  ["GET /v1/keys/", "manage"],
  ["GET /v1/devices/device_a/pairing/qr", "manage"],
  ["GET /v1/devices/device_a/pairing/qr.png", "manage"],
  ["GET /api/instance/device_a/qr", "manage"],
  ["GET /api/instance/device_a/pairing-code", "manage"],
  ["GET /api/whatsapp/qr", "manage"],
  ["POST /v1/devices/device_a/messages/text", "send"],
  ["POST /v1/devices/device_a/messages/text/", "send"],
  ["POST /v1/devices/device_a/messages/reaction", "send"],
  ["PATCH /v1/devices/device_a/messages/3EB0", "send"],
  ["DELETE /v1/devices/device_a/messages/3EB0", "send"],
  ["POST /v1/devices/device_a/messages/mark-read", "send"],
  ["POST /v1/devices/device_a/chats/1@lid/mark-read", "send"],
  ["POST /v1/devices/device_a/presence", "send"],
  ["DELETE /v1/messages/scheduled/msg_a", "send"],
  ["POST /api/message/send/text", "send"],
  ["POST /api/messages/blast", "send"],
  ["POST /api/messages/blast/blast_a/pause", "send"],
  ["POST /api/whatsapp/send-bulk", "send"],
  ["POST /graph/628000000142/messages", "send"],
  ["POST /graph/v25.0/628000000142/messages", "send"],
  ["POST /v25.0/628000000142/messages", "send"],
  ["POST /v25.0/628000000142/register", "manage"],
  ["DELETE /v25.0/1234", "manage"],
  ["POST /v1/devices", "manage"],
  ["DELETE /v1/devices/device_a", "manage"],
  ["POST /v1/devices/device_a/groups", "manage"],
  ["POST /v1/devices/device_a/chats/1@lid/archive", "manage"],
  ["POST /v1/webhooks", "manage"],
  ["POST /v1/deliveries/replay", "manage"],
  ["POST /v1/keys", "manage"],
  ["DELETE /v1/keys/key_a", "manage"],
  ["POST /api/webhook/send", "manage"],
  ["POST /v1/what/nobody/thought/of", "manage"],
  ["OPTIONS /v1/devices", "manage"],
  ["POST /mcp", "read"],
];

for (const [request, scope] of decided) {
  Deno.test(`${request} needs the scope "${scope}"`, () => {
    const [method, path] = request.split(" ");

    assertEquals(scopeOf(method, path), scope);
  });
}
