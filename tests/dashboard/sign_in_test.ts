import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { KEY, MASTER_KEY, runGateway } from "../support/gateway.ts";
import { aVisitor, signedIn } from "../support/ui.ts";

Deno.test("dashboard is where / leads, and tells programs what is where", async () => {
  await using gateway = await runGateway();
  const visitor = aVisitor(gateway);

  assertEquals((await visitor.get("/", { Accept: "text/html,*/*" })).location, "/ui");
  assertEquals((await visitor.get("/ui")).location, "/ui/sign-in");
  assertEquals((await visitor.get("/ui/devices?x=1")).location, "/ui/sign-in?next=%2Fui%2Fdevices%3Fx%3D1");
  const json = await visitor.get("/", { Accept: "application/json" });
  assertEquals(JSON.parse(json.html).links.dashboard, "/ui");
});

Deno.test("dashboard sends the strict headers with every page", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);

  for (const path of ["/ui/sign-in", "/ui", "/ui/nothing"]) {
    const { headers } = await visitor.get(path);
    assertEquals(
      headers.get("Content-Security-Policy"),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; " +
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; " +
        "frame-ancestors 'none'",
      path,
    );
    assertEquals(headers.get("Referrer-Policy"), "same-origin");
    assertEquals(headers.get("Cross-Origin-Opener-Policy"), "same-origin");
    assertEquals(headers.get("Cross-Origin-Resource-Policy"), "same-origin");
    assertEquals(
      headers.get("Permissions-Policy"),
      "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    );
    assertEquals(headers.get("X-Content-Type-Options"), "nosniff");
    assertEquals(headers.get("X-Frame-Options"), "DENY");
    assertEquals(headers.get("Cache-Control"), "no-store");
  }
});

Deno.test("dashboard signs in with a key, into a cookie that reaches pages only", async () => {
  await using gateway = await runGateway();
  const visitor = aVisitor(gateway);

  const answer = await visitor.post("/ui/sign-in", { key: KEY, next: "/ui/devices" });

  assertEquals([answer.status, answer.location], [303, "/ui/devices"]);
  const cookie = answer.headers.getSetCookie().find((text) => text.startsWith("kabar_session=")) ?? "";
  assertMatch(cookie, /HttpOnly/);
  assertMatch(cookie, /SameSite=Lax/);
  assertMatch(cookie, /Path=\/ui/);
  assert(!/Secure/.test(cookie));
  assert(!answer.html.includes(KEY));
  assertEquals((await visitor.get("/ui")).status, 200);
  const api = await visitor.get("/v1/webhooks");
  assertEquals(api.status, 401);
});

Deno.test("dashboard keeps its cookie to TLS where the browser talks TLS", async () => {
  await using gateway = await runGateway();
  const answer = await aVisitor(gateway).post("/ui/sign-in", { key: KEY }, {
    "Sec-Fetch-Site": "same-origin",
    Origin: "https://kabar.example",
  });

  const cookie = answer.headers.getSetCookie().join("\n");
  assertMatch(cookie, /__Secure-kabar_session=.*Secure/);
});

Deno.test("dashboard says what is wrong with a key", async () => {
  await using gateway = await runGateway();
  const visitor = aVisitor(gateway);
  const faultOf = async (key: string) => {
    const { status, html } = await visitor.post("/ui/sign-in", { key });
    return [status, /id="key-fault".*?<span>(.*?)<\/span>/s.exec(html)?.[1]];
  };

  assertEquals(await faultOf(""), [422, "Type or paste the key."]);
  assertEquals(await faultOf("kbr_abc"), [
    422,
    "This key is not known here. It begins with kbr_ and has 47 characters; this one has 7. " +
    "Was it cut off when it was copied?",
  ]);
  for (let n = 0; n < 4; n++) {
    assertEquals(await faultOf("something"), [422, "This key is not known here."]);
  }
  const [status, sentence] = await faultOf(KEY);
  assertEquals(status, 429);
  assertMatch(String(sentence), /^Too many wrong keys\. Try again in \d+ s\.$/);
});

Deno.test("dashboard refuses forms that came from elsewhere", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const before = (await visitor.get("/ui")).html;
  assertStringIncludes(before, 'lang="en"');
  const { host } = new URL(gateway.url);
  const ways: readonly (readonly [Record<string, string>, Record<string, string>])[] = [
    [{ lang: "id" }, {}],
    [{ lang: "id" }, { "Sec-Fetch-Site": "cross-site" }],
    [{ lang: "id" }, { "Sec-Fetch-Site": "same-site", Origin: `http://${host}` }],
    [{ lang: "id" }, { Origin: "https://evil.example" }],
    [{ lang: "id" }, { Origin: "null" }],
    [{ lang: "id", csrf: "guessed" }, { "Sec-Fetch-Site": "same-origin" }],
    [{ lang: "id", csrf: "" }, { Origin: `http://${host}` }],
  ];

  for (const [fields, headers] of ways) {
    const answer = await visitor.post("/ui/look", fields, headers);
    assertEquals(answer.status, 403, JSON.stringify([fields, headers]));
    assertStringIncludes(answer.html, "This form did not come from here");
  }
  assertEquals((await aVisitor(gateway).post("/ui/sign-in", { key: KEY }, {})).status, 403);
  assertStringIncludes((await visitor.get("/ui")).html, 'lang="en"');
  assertEquals((await visitor.post("/ui/look", { lang: "id" }, { Origin: `http://${host}` })).status, 303);
  assertStringIncludes((await visitor.get("/ui")).html, 'lang="id"');
});

Deno.test("dashboard takes no form of an earlier session", async () => {
  await using gateway = await runGateway();
  const earlier = await signedIn(gateway);
  const stale = /name="csrf" value="([^"]+)"/.exec((await earlier.get("/ui")).html)?.[1] ?? "";
  const visitor = await signedIn(gateway);

  assertEquals((await visitor.post("/ui/look", { lang: "id", csrf: stale })).status, 403);
});

Deno.test("dashboard asks to sign in again once the session is over", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const token = visitor.cookies.get("kabar_session") ?? "";
  await visitor.post("/ui/sign-out", {});
  visitor.cookies.set("kabar_session", token);

  const answer = await visitor.get("/ui/webhooks");

  assertEquals([answer.status, answer.location], [303, "/ui/sign-in?next=%2Fui%2Fwebhooks&over=1"]);
  assertStringIncludes((await visitor.get(answer.location!)).html, "Your session is over");
});

Deno.test("dashboard ends the sessions of a key that was replaced", async () => {
  await using gateway = await runGateway();
  const tenant = await gateway.tenant();
  const visitor = await signedIn(gateway, tenant.key);
  assertEquals((await visitor.get("/ui")).status, 200);

  await gateway.admin("POST", `/admin/tenants/${tenant.id}/rotate-key`);

  assertEquals((await visitor.get("/ui")).status, 303);
});

Deno.test("dashboard answers what does not exist, and what is too large, with pages", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway, MASTER_KEY);

  const missing = await visitor.get("/ui/nothing%22%3E%3Cscript%3E");
  const large = await visitor.post("/ui/look", { lang: "x".repeat(6_000_000) });

  assertEquals(missing.status, 404);
  assertStringIncludes(missing.html, "There is nothing here");
  assert(!missing.html.includes("<script>"));
  assertEquals(large.status, 413);
  assertMatch(large.headers.get("Content-Type") ?? "", /text\/html/);
});

Deno.test("dashboard files are kept by browsers, by the hash in their names", async () => {
  await using gateway = await runGateway();
  const { html } = await aVisitor(gateway).get("/ui/sign-in");
  const files = [...html.matchAll(/(?:href|src)="(\/ui\/a\/[^"#]+)/g)].map(([, path]) => path);

  assert(files.length >= 4);
  for (const file of files) {
    const answer = await aVisitor(gateway).get(file);
    assertEquals(answer.status, 200, file);
    assertEquals(answer.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  }
  assertEquals((await aVisitor(gateway).get("/ui/a/ui.other.css")).status, 404);
});

Deno.test("dashboard speaks Indonesian to who asks for it", async () => {
  await using gateway = await runGateway();
  const visitor = aVisitor(gateway);

  assertStringIncludes((await visitor.get("/ui/sign-in?lang=id")).html, "<h1>Masuk</h1>");
  assertStringIncludes(
    (await visitor.get("/ui/sign-in", { "Accept-Language": "id-ID" })).html,
    "<h1>Masuk</h1>",
  );
  assertStringIncludes(
    (await visitor.get("/ui/sign-in", { "Accept-Language": "de" })).html,
    "<h1>Sign in</h1>",
  );
});
