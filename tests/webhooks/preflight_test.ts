import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { systemClock } from "../../src/async/clock.ts";
import { BusyError, InvalidError, RefusedError } from "../../src/errors.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { createGuard } from "../../src/net/guard.ts";
import { createTlsIdentity } from "../../src/simulator/wire/tls.ts";
import { createPreflight } from "../../src/webhooks/preflight.ts";
import { runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

const guard = createGuard({ allowPrivate: ["127.0.0.0/8"] });

Deno.test("preflight reaches a receiver and posts nothing", async () => {
  await using rx = await startReceiver();
  const preflight = createPreflight({ guard, clock: systemClock });

  const found = await preflight(rx.url, DEFAULT_TENANT);

  assertEquals(found.ok && [found.port, found.certificateUntil], [Number(new URL(rx.url).port), null]);
  assertEquals(rx.requests, []);
});

Deno.test("preflight reads the end of a certificate that is believed, and refuses another", async () => {
  const { certPem, keyPem, caPem } = createTlsIdentity();
  const server = createServer({ cert: certPem, key: keyPem });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/hook`;
  try {
    const believed = await createPreflight({ guard, wire: { ca: [caPem] }, clock: systemClock })(
      url,
      DEFAULT_TENANT,
    );
    assert(believed.ok, JSON.stringify(believed));
    assert((believed.certificateUntil ?? 0) > Date.now());
    const refused = await createPreflight({ guard, clock: systemClock })(url, DEFAULT_TENANT);
    assert(!refused.ok);
    assertEquals(refused.reason, "tls");
  } finally {
    await new Promise((closed) => server.close(closed));
  }
});

Deno.test("preflight says why nothing is reached", async () => {
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();

  const found = await createPreflight({ guard, clock: systemClock })(
    `http://127.0.0.1:${port}/`,
    DEFAULT_TENANT,
  );

  assertEquals(!found.ok && [found.reason, found.error], ["connect", "Connection refused"]);
});

Deno.test("preflight refuses private addresses, an eleventh look in a minute, and a proxy", async () => {
  const strict = createPreflight({ guard: createGuard({ allowPrivate: false }), clock: systemClock });
  await assertRejects(() => strict("http://127.0.0.1/", "tenant_x"), InvalidError);
  let now = 0;
  const counted = createPreflight({ guard, clock: { ...systemClock, now: () => now } });
  await using rx = await startReceiver();
  for (let n = 0; n < 10; n++) await counted(rx.url, "tenant_x");
  await assertRejects(() => counted(rx.url, "tenant_x"), BusyError);
  assert((await counted(rx.url, "tenant_y")).ok);
  now = 60_001;
  assert((await counted(rx.url, "tenant_x")).ok);
  const proxied = createPreflight({ guard, wire: { proxy: "http://127.0.0.1:1" }, clock: systemClock });
  await assertRejects(
    () => proxied("https://shop.example", DEFAULT_TENANT),
    RefusedError,
  );
});

Deno.test("preflight answers over the API", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway();

  const { status, body } = await gateway.api("POST", "/v1/webhooks/preflight", { url: rx.url });

  assertEquals([status, body.data.reachable, body.data.error], [200, true, null]);
  const bad = await gateway.api("POST", "/v1/webhooks/preflight", { url: "ftp://x" });
  assertEquals(bad.status, 400);
  assertMatch(bad.text, /url/);
});

Deno.test("preflight tells other tenants nothing of this machine, by whatever address", async () => {
  await using rx = await startReceiver();
  // as where the name leads to an address of the machine's own in a network that webhooks may go to
  const own = { ...createGuard({ allowPrivate: true }), checkUrl: (url: string) => new URL(url) };
  const preflight = createPreflight({ guard: own, clock: systemClock });

  const others = await preflight(rx.url, "tenant_x");
  const operators = await preflight(rx.url, DEFAULT_TENANT);

  assertEquals([!others.ok && others.reason, operators.ok], ["refused_address", true]);
});
