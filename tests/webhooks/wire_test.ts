import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { rootCertificates } from "node:tls";
import { assertEquals, assertMatch } from "@std/assert";
import { readWire } from "../../src/app/wire.ts";
import { parseSettings } from "../../src/config.ts";
import { createGuard, type ResolveName } from "../../src/net/guard.ts";
import { createTlsIdentity } from "../../src/simulator/wire/tls.ts";
import { SELF_SIGNED_CERT, SELF_SIGNED_KEY } from "../support/self_signed.ts";
import { createAttempts, type Wire } from "../../src/webhooks/attempt.ts";

const HERE: ResolveName = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);

/** A receiver with a certificate of its own authority, and a proxy that counts whom it is asked for. */
async function setUp() {
  const identity = createTlsIdentity();
  const receiver = createHttpsServer(
    { cert: identity.certPem, key: identity.keyPem },
    (_request, response) => response.end("ok"),
  );
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createHttpServer();
  proxy.on("connect", (request, client: Socket) => {
    asked.push(request.url ?? "");
    const port = Number(request.url?.split(":")[1]);
    const onwards = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onwards.pipe(client).pipe(onwards);
    });
    for (const socket of [client, onwards]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
  });
  for (const server of [receiver, proxy]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  }
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  return {
    identity,
    asked,
    url: `https://localhost:${portOf(receiver)}/hook`,
    proxy: `http://127.0.0.1:${portOf(proxy)}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

async function post(url: string, wire: Wire, tenantId = "tenant_default", allowPrivate = true) {
  const attempts = createAttempts({ guard: createGuard({ allowPrivate, lookup: HERE }), wire });
  try {
    const outcome = await attempts.attempt({ url, headers: {}, body: "{}", timeoutMs: 5_000, tenantId });
    return outcome.ok ? outcome.statusCode : outcome.error;
  } finally {
    await attempts.close();
  }
}

Deno.test("attempt believes an authority of the operator's own, besides the known ones", async () => {
  await using world = await setUp();
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `My authority\n${world.identity.caPem}`);
  const parsed = parseSettings({ WEBHOOK_CA: file });
  if (!parsed.ok) throw new Error(parsed.problems.join());

  const wire = await readWire(parsed.settings);

  assertEquals(wire.ca?.length, rootCertificates.length + 1);
  assertEquals(await post(world.url, wire), 200);
  assertEquals(
    await post(world.url, {}),
    "TLS: certificate is not from a known authority; the setting WEBHOOK_CA can name a file with its authority",
  );
  await Deno.remove(file);
});

Deno.test("attempt believes a certificate that is its own authority once WEBHOOK_CA names it", async () => {
  const receiver = createHttpsServer(
    { cert: SELF_SIGNED_CERT, key: SELF_SIGNED_KEY },
    (_request, response) => response.end("ok"),
  );
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", () => resolve()));
  const { port } = receiver.address() as AddressInfo;
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, SELF_SIGNED_CERT);
  const parsed = parseSettings({ WEBHOOK_CA: file });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const wire = await readWire(parsed.settings);

  const named = await post(`https://localhost:${port}/hook`, wire);
  const unnamed = await post(`https://localhost:${port}/hook`, {});
  const elsewhere = await post(`https://other.example:${port}/hook`, wire);

  assertEquals([named, typeof unnamed, typeof elsewhere], [200, "string", "string"]);
  assertMatch(String(unnamed), /WEBHOOK_CA/);
  assertMatch(String(elsewhere), /^TLS: /);
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await Deno.remove(file);
});

Deno.test("attempt goes through the proxy of https URLs, but for the hosts that are left out", async () => {
  await using world = await setUp();
  const { proxy, identity: { caPem: ca } } = world;

  const through = await post(world.url, { proxy, ca: [ca] });
  const left = await post(world.url, { proxy, ca: [ca], noProxy: ["localhost"] });

  assertEquals([through, left], [200, 200]);
  assertEquals(world.asked, [new URL(world.url).host]);
});

Deno.test("attempt through a proxy goes nowhere for another tenant where its URLs may not lead", async () => {
  await using world = await setUp();
  const { proxy, identity: { caPem: ca } } = world;
  const url = world.url.replace("localhost", "inner.example");

  const refused = await post(url, { proxy, ca: [ca] }, "tenant", false);

  assertEquals(world.asked, []);
  assertEquals(String(refused).includes("leads to no public address"), true);
});

Deno.test("WEBHOOK_CA is named when its file holds no certificate", async () => {
  const file = await Deno.makeTempFile();
  const errors = [];
  for (const path of [file, `${file}.missing`]) {
    const parsed = parseSettings({ WEBHOOK_CA: path });
    if (!parsed.ok) throw new Error(parsed.problems.join());
    errors.push(
      await readWire(parsed.settings).then(() => "read", (error: Error) => error.message.split(",")[0]),
    );
  }

  assertEquals(errors, [
    "WEBHOOK_CA takes a file of certificates (PEM)",
    "WEBHOOK_CA takes a file that can be read",
  ]);
  await Deno.remove(file);
});
