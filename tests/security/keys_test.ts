import { assertEquals, assertMatch } from "@std/assert";
import { KEY, startGatewayProcess } from "../support/process.ts";
import { setUpHttp } from "../support/http.ts";

Deno.test("wrong master keys are looked at ten times a minute, from each address", async () => {
  await using http = await setUpHttp({ now: () => 1_000_000 });
  const guess = (key: string, remoteAddress: string) =>
    http.ask("GET", "/admin/tenants", { key: null, headers: { "X-Master-Key": key }, remoteAddress });

  const statuses = [];
  for (let i = 0; i < 12; i++) statuses.push((await guess(`guess ${i}`, "203.0.113.9")).status);
  const right = await guess("open sesame", "203.0.113.9");
  const elsewhere = await guess("open sesame", "203.0.113.10");

  assertEquals(statuses, [...Array(10).fill(401), 429, 429]);
  assertEquals([right.status, elsewhere.status], [429, 200]);
  assertMatch(right.headers.get("Retry-After") ?? "", /^\d+$/);
});

Deno.test("wrong API keys are answered three hundred times a minute, and a right one always", async () => {
  await using http = await setUpHttp({ now: () => 1_000_000 });
  const ask = (key: string | undefined, remoteAddress: string) =>
    http.ask("GET", "/v1/webhooks", { ...(key !== undefined && { key }), remoteAddress });

  const statuses = [];
  // one customer's IPv6 network counts as one address
  for (let i = 0; i < 301; i++) {
    statuses.push((await ask(`wrong ${i}`, `2001:db8::${i.toString(16)}`)).status);
  }

  assertEquals(statuses, [...Array(300).fill(401), 429]);
  assertEquals((await ask(undefined, "2001:db8::1")).status, 200);
  assertEquals((await ask("wrong", "2001:db8:0:1::1")).status, 401);
});

Deno.test("a short master key binds the gateway to this machine, and is warned about", async () => {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir, env: { MASTER_KEY: "1", HOST: "0.0.0.0" } });
  try {
    assertMatch(gateway.output(), /WARNING: MASTER_KEY has fewer than 16 characters.*not 0\.0\.0\.0/);
    if (Deno.build.os === "linux") { // all of 127.0.0.0/8 is this machine there
      const port = Number(new URL(gateway.url).port);
      const other = await Deno.connect({ hostname: "127.0.0.2", port }).then(
        (c) => c.close(),
        () => "refused",
      );
      assertEquals(other, "refused");
    }
  } finally {
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });
  }
});

/** A gateway of the test's own, and a function that asks it something. */
async function withGateway(
  env: Readonly<Record<string, string>>,
  work: (
    ask: (
      path: string,
      init?: RequestInit,
    ) => Promise<{ readonly status: number; readonly headers: Headers }>,
  ) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir, env });
  try {
    await work(async (path, init) => {
      const headers = new Headers(init?.headers);
      if (path.startsWith("/ui")) headers.set("Origin", gateway.url);
      const answer = await fetch(gateway.url + path, { redirect: "manual", ...init, headers });
      await answer.body?.cancel();
      return answer;
    });
  } finally {
    await gateway.kill();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Every surface that takes an API key, and how a key is refused there that is none. */
const SURFACES: readonly (readonly [path: string, refused: number])[] = [
  ["/v1/webhooks", 401],
  ["/api/webhook/status", 401],
  ["/api/webhook/status?api_key=wrong", 401],
  ["/graph/v23.0/628123456789", 401],
  ["/v23.0/628123456789?access_token=wrong", 401],
  ["/mcp", 401],
  ["/metrics", 401],
  ["/api/whatsapp/session/status/nobody", 401],
];

Deno.test("wrong API keys are counted together on every surface that takes one", () =>
  withGateway({}, async (ask) => {
    const stranger = { "X-Forwarded-For": "203.0.113.9" };
    const wrong = (path: string) =>
      ask(path, { headers: path.includes("wrong") ? stranger : { ...stranger, "X-API-Key": "wrong" } });

    for (const [path, refused] of SURFACES) assertEquals([path, (await wrong(path)).status], [path, refused]);
    for (let i = SURFACES.length; i < 300; i++) await wrong(SURFACES[i % SURFACES.length][0]);

    for (const [path] of SURFACES) assertEquals([path, (await wrong(path)).status], [path, 429]);
    assertEquals((await ask("/v1/webhooks", { headers: { "X-API-Key": KEY } })).status, 200);
    assertEquals((await ask("/metrics", { headers: { ...stranger, "X-API-Key": KEY } })).status, 200);
  }));

Deno.test("wrong keys at the dashboard's door are answered five times a minute", () =>
  withGateway({ MASTER_KEY: "the operator's own master key" }, async (ask) => {
    const signIn = (key: string) =>
      ask("/ui/sign-in", { method: "POST", body: new URLSearchParams({ key, next: "/ui" }) });

    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await signIn(`guess ${i}`)).status);

    assertEquals(statuses, [422, 422, 422, 422, 422, 429]);
    assertEquals((await signIn("the operator's own master key")).status, 429);
  }));

Deno.test("one limit counts what a tenant asks on all surfaces", () =>
  withGateway({ RATE_LIMIT_PER_MINUTE: "9" }, async (ask) => {
    const signedIn = await ask("/ui/sign-in", {
      method: "POST",
      body: new URLSearchParams({ key: KEY, next: "/ui" }),
    });
    const cookie = signedIn.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    const keyed = (path: string) => ask(path, { headers: { "X-API-Key": KEY } });
    const onDashboard = () => ask("/ui/webhooks", { method: "POST", headers: { Cookie: cookie } });
    const asks = [
      () => keyed("/v1/webhooks"),
      () => keyed("/api/webhook/status"),
      () => keyed("/graph/v23.0/628123456789"),
      () => keyed("/v23.0/628123456789"),
      () => keyed("/mcp"),
      () => keyed(`/api/templates?api_key=${KEY}`),
      onDashboard,
    ];

    const first = [];
    for (const ask of asks) first.push((await ask()).status);
    await keyed("/v1/devices");
    await keyed("/v1/devices");
    const second = [];
    for (const ask of asks) second.push((await ask()).status);

    assertEquals(first.includes(429), false, first.join());
    assertEquals(second, asks.map(() => 429));
    assertEquals((await ask("/ui", { headers: { Cookie: cookie } })).status, 200); // to look at is not to do
  }));
