import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";
import { HOUR_MS } from "../../src/spans.ts";
import { receiver } from "../support/ui_receiver.ts";

browserTest(
  "dashboard makes a webhook: choose events, test first, create, see the secret once",
  async (browser) => {
    await using gateway = await runGateway();
    await using app = receiver(() => new Response("thanks", { status: 200 }));
    const page = await browser.newPage();
    const misdeeds = await watched(page);
    await page.setViewport({ width: 1280, height: 900 });
    await signIn(page, gateway.url, KEY, "/ui/webhooks/new");
    assertEquals(await flawsOf(page), []);
    await page.type("#url", app.url);
    await page.click("[data-preset^='message.received']");
    const chosen = await page.$$eval("input[name=types]:checked", (boxes) => boxes.map(({ value }) => value));
    assertEquals(chosen.length, 5);

    await Promise.all([page.waitForNavigation(), page.click("button[value=test]")]);
    assertStringIncludes(await page.$eval("#test", (node) => node.innerText), "Answered 200");
    assertEquals(app.got.length, 1);
    assertEquals(JSON.parse(app.got[0].body).event, "message.received");
    assertEquals((await gateway.api("GET", "/v1/webhooks")).body.data.webhooks.length, 0);

    await Promise.all([page.waitForNavigation(), page.click(".actions .button.main")]);
    const secret = await page.$eval("#secret", (input) => input.value);
    assert(secret.length >= 24);
    const { webhooks } = (await gateway.api("GET", "/v1/webhooks")).body.data;
    assertEquals(webhooks[0].url, app.url);
    assertEquals(webhooks[0].events, chosen);
    assertEquals(await flawsOf(page), []);
    await page.goto(`${gateway.url}/ui/webhooks/${webhooks[0].webhook_id}`);
    assert(!(await page.content()).includes(secret));
    assertEquals(await flawsOf(page), []);
    assertEquals(misdeeds.list, []);
  },
);

Deno.test("dashboard says how fast a webhook answers, and how old its secret is", async () => {
  await using gateway = await runGateway();
  await gateway.api("POST", "/v1/webhooks", { url: "https://shop.example/hook", events: ["message.*"] });
  const [{ webhook_id: id, secret_created_at }] =
    (await gateway.api("GET", "/v1/webhooks")).body.data.webhooks;
  const hour = Math.floor(Date.now() / HOUR_MS);
  const durations = [0, 10, 0, 0, 10, 0, 0, 0, 0];
  await gateway.restored((store) =>
    store.hours.add({
      attempts: [{ webhookId: id, hour, first: 20, retried: 0, failed: 0, durations }],
      events: [],
    })
  );
  const visitor = await signedIn(gateway);

  const english = await visitor.get(`/ui/webhooks/${id}`);
  const indonesian = await visitor.get(`/ui/webhooks/${id}?lang=id`);
  const home = await visitor.get("/ui?lang=en");

  assertMatch(home.html, /shop\.example[^]*?Active[^]*?>50 ms median</);
  assertStringIncludes(english.html, "median 50 ms, 95 % within 475 ms");
  assertStringIncludes(indonesian.html, "median 50 md, 95 % dalam 475 md");
  const since = new Date(secret_created_at * 1_000).toISOString().slice(0, 19);
  assertMatch(english.html, new RegExp(`In use since</dt><dd><time datetime="${since}`));
});

Deno.test("dashboard subscribes in each format to the names that it has", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const eventsOf = async (format: string, types: readonly string[]) => {
    await visitor.post("/ui/webhooks", { url: "https://shop.example/hook", format, types, ordering: "none" });
    const { webhooks } = (await gateway.api("GET", "/v1/webhooks")).body.data;
    return webhooks.at(-1).events;
  };

  assertEquals(await eventsOf("device", ["message.received"]), ["message.received"]);
  assertEquals(await eventsOf("session", ["message.received", "device.qr"]), ["message", "qr"]);
  assertEquals(await eventsOf("account", ["message.received"]), ["message.received"]);
});

Deno.test("dashboard says what is wrong with a webhook, and keeps what was chosen", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);

  const empty = await visitor.post("/ui/webhooks", { url: "", types: ["message.sent"], format: "account" });
  assertEquals(empty.status, 422);
  assertStringIncludes(empty.html, "Give the URL of your program.");
  assertMatch(empty.html, /value="message\.sent" checked/);
  const bad = await visitor.post("/ui/webhooks", {
    url: "ftp://x",
    types: ["message.sent"],
    format: "device",
  });
  assertEquals(bad.status, 422);
  assertStringIncludes(bad.html, 'id="url-fault"');
  const nothing = await visitor.post("/ui/webhooks", { url: "https://shop.example", format: "device" });
  assertStringIncludes(nothing.html, "Choose at least one event.");
});

Deno.test("dashboard refuses private addresses to tenants, also in a test", async () => {
  await using gateway = await runGateway();
  await using app = receiver(() => new Response("internal"));
  const tenant = await gateway.tenant();
  const visitor = await signedIn(gateway, tenant.key);

  for (const what of ["test", "create"]) {
    const { status } = await visitor.post("/ui/webhooks", {
      url: app.url,
      types: ["message.received"],
      format: "device",
      do: what,
    });
    assertEquals(status, 422, what);
  }
  assertEquals(app.got, []);
});

Deno.test("dashboard shows nobody another tenant's webhook", async () => {
  await using gateway = await runGateway();
  const made = await gateway.api("POST", "/v1/webhooks", { url: "https://shop.example/hook", events: ["*"] });
  const id = made.body.data.webhook_id;
  const visitor = await signedIn(gateway, (await gateway.tenant()).key);

  assert(!(await visitor.get("/ui/webhooks")).html.includes(id));
  assertEquals((await visitor.get(`/ui/webhooks/${id}`)).status, 404);
  assertEquals((await visitor.get(`/ui/webhooks/${id}/edit`)).status, 404);
  for (const verb of ["edit", "pause", "resume", "probe", "test", "rotate", "delete"]) {
    const { status } = await visitor.post(`/ui/webhooks/${id}/${verb}`, {
      must: "shop.example",
      url: "https://x.example",
    });
    assertEquals(status, 404, verb);
  }
});

Deno.test("dashboard pauses, resumes, edits and deletes a webhook", async () => {
  await using gateway = await runGateway();
  const made = await gateway.api("POST", "/v1/webhooks", { url: "https://shop.example/hook", events: ["*"] });
  const id = made.body.data.webhook_id;
  const visitor = await signedIn(gateway);
  const stored = async () => (await gateway.api("GET", `/v1/webhooks/${id}`)).body.data;

  await visitor.post(`/ui/webhooks/${id}/pause`, {});
  assertEquals((await stored()).status, "paused");
  await visitor.post(`/ui/webhooks/${id}/resume`, {});
  assertEquals((await stored()).status, "active");
  await visitor.post(`/ui/webhooks/${id}/edit`, {
    url: "https://shop.example/other",
    types: ["call.received"],
    format: "device",
    ordering: "device",
  });
  assertEquals([(await stored()).url, (await stored()).events], ["https://shop.example/other", [
    "call.received",
  ]]);
  assertEquals((await visitor.post(`/ui/webhooks/${id}/delete`, { must: "shop" })).status, 422);
  assertEquals((await visitor.post(`/ui/webhooks/${id}/delete`, { must: "shop.example" })).status, 303);
  assertEquals((await gateway.api("GET", `/v1/webhooks/${id}`)).status, 404);
});

Deno.test("dashboard sets retries, timeout, headers and several devices, and shows no header's value again", async () => {
  await using gateway = await runGateway();
  const ids = [await gateway.device(), await gateway.device(), await gateway.device()];
  const visitor = await signedIn(gateway);
  const fields = { url: "https://shop.example/hook", types: ["message.received"], format: "device" };
  await visitor.post("/ui/webhooks", {
    ...fields,
    devices: ids.slice(0, 2),
    retry: "5, 30",
    timeout: "20",
    headers: "Authorization: Bearer abc\nX-Shop: 1",
    secret: "my own secret",
  });
  const stored = async () => (await gateway.api("GET", "/v1/webhooks")).body.data.webhooks[0];
  const made = await stored();
  assertEquals([made.devices, made.retry, made.timeout], [ids.slice(0, 2), [5, 30], 20]);
  assertEquals(made.recovery, false);
  const edit = `/ui/webhooks/${made.webhook_id}/edit`;
  const { html } = await visitor.get(edit);
  assertStringIncludes(html, "Authorization: ***");
  assert(!html.includes("Bearer abc"));

  const { status } = await visitor.post(edit, {
    ...fields,
    retry: "standard",
    headers: "Authorization: ***",
    recovery: "yes",
  });

  assertEquals(status, 303);
  const now = await stored();
  assertEquals([now.devices, now.timeout === made.timeout, now.recovery], [null, false, true]);
  assertEquals(Object.keys(now.headers), ["Authorization"]);
});

Deno.test("dashboard says which of a webhook's folded fields is wrong", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const fields = { url: "https://shop.example/hook", types: ["message.received"], format: "device" };

  for (
    const [field, value] of [
      ["retry", "sometimes"],
      ["retry", "30, 5"],
      ["timeout", "0"],
      ["timeout", "soon"],
      [
        "headers",
        "no header",
      ],
      ["headers", "Host: x"],
      ["secret", "whsec_!"],
    ]
  ) {
    const { status, html } = await visitor.post("/ui/webhooks", { ...fields, [field]: value });
    assertEquals(status, 422, `${field}: ${value}`);
    assertStringIncludes(html, `id="${field}-fault"`);
  }
  assertEquals((await gateway.api("GET", "/v1/webhooks")).body.data.webhooks, []);
});

Deno.test("dashboard looks behind a URL before a webhook is made, and posts nothing", async () => {
  await using gateway = await runGateway();
  await using app = receiver(() => new Response("hello"));
  const visitor = await signedIn(gateway);
  const fields = { types: ["message.received"], format: "device", do: "look" };

  const reached = await visitor.post("/ui/webhooks", { ...fields, url: app.url });
  assertStringIncludes(reached.html, `Answers on port ${new URL(app.url).port}, without TLS`);
  assertEquals(app.got, []);
  const gone = await visitor.post("/ui/webhooks", { ...fields, url: "http://127.0.0.1:1/" });
  assertStringIncludes(gone.html, "Not reached: Connection refused");
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  assertEquals((await foreign.post("/ui/webhooks", { ...fields, url: app.url })).status, 422);
  assertEquals((await gateway.api("GET", "/v1/webhooks")).body.data.webhooks, []);
});

/** The boxes of a form that are ticked, as a browser would send them again. */
function ticked(html: string, name: string): readonly string[] {
  const boxes = html.matchAll(
    new RegExp(`<input type="checkbox" name="${name}" value="([^"]+)"( checked)?`, "g"),
  );
  return [...boxes].filter(([, , checked]) => checked !== undefined).map(([, value]) => value);
}

Deno.test("dashboard leaves a webhook's events as they are when something else of it is changed", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const url = "https://shop.example/hook";
  for (const events of [["message.*"], ["receipt.read"], ["message.received", "receipt.read"], ["*"]]) {
    const made = await gateway.api("POST", "/v1/webhooks", { url, events });
    const id = made.body.data.webhook_id;
    const edit = `/ui/webhooks/${id}/edit`;
    const stored = async () => (await gateway.api("GET", `/v1/webhooks/${id}`)).body.data;
    const { html } = await visitor.get(edit);
    assertEquals(html.includes("It also gets receipt.read"), events.includes("receipt.read"));

    const fields = { url, format: "device", ordering: "device" };
    const { status } = await visitor.post(edit, { ...fields, types: ticked(html, "types") });

    assertEquals(status, 303);
    assertEquals([(await stored()).events, (await stored()).ordering], [events, "device"]);
    await visitor.post(edit, { ...fields, types: ["call.received"] });
    const kept = events.filter((name) => name === "receipt.read");
    assertEquals((await stored()).events, ["call.received", ...kept]);
  }
});

Deno.test("dashboard does not open a webhook to all devices because its own is not on the list", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const url = "https://shop.example/hook";
  const device = await gateway.device();
  const made = await gateway.api("POST", "/v1/webhooks", { url, events: ["*"], devices: [device] });
  const id = made.body.data.webhook_id;
  await gateway.api("DELETE", `/v1/devices/${device}`);
  const { html } = await visitor.get(`/ui/webhooks/${id}/edit`);
  const [types, devices] = [ticked(html, "types"), ticked(html, "devices")];

  await visitor.post(`/ui/webhooks/${id}/edit`, { url, format: "device", ordering: "none", types, devices });

  const { devices: stored } = (await gateway.api("GET", `/v1/webhooks/${id}`)).body.data;
  assertEquals(stored, [device]);
});

Deno.test("dashboard shows a secret once that was made, and no empty box for one of the reader's own", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const fields = { url: "https://shop.example/hook", types: ["message.received"], format: "device" };

  const made = await visitor.post("/ui/webhooks", fields);
  const own = await visitor.post("/ui/webhooks", { ...fields, secret: "a secret of my own" });

  assertMatch(made.html, /id="secret"[^>]* value="[^"]{24,}"/);
  assertStringIncludes(own.html, "The webhook is created");
  assert(!own.html.includes('id="secret"'));
});
