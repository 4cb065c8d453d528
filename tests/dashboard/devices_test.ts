import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { aNumber, KEY, runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { aVisitor, signedIn, type Visitor } from "../support/ui.ts";

browserTest(
  "dashboard links a number: add it, scan the code, see it connected without loading again",
  async (browser) => {
    await using gateway = await runGateway({ whatsapp: true });
    const page = await browser.newPage();
    const misdeeds = await watched(page);
    await signIn(page, gateway.url, KEY, "/ui/devices");
    await page.click("a[href='/ui/devices/new']");
    await page.waitForSelector("#label");
    await page.type("#label", "Kasir 3");
    await Promise.all([page.waitForNavigation(), page.click("main form button[type=submit]")]);
    await page.waitForSelector("svg.qr");
    assertEquals(await flawsOf(page), []);

    const id = page.url().split("/").at(-1) ?? "";
    const { body } = await gateway.api("GET", `/v1/devices/${id}/pairing/qr`);
    await gateway.simulator.scanQr(body.data.qr, gateway.simulator.phone(aNumber(), "Kasir"));

    await page.waitForFunction(
      "document.querySelector('#live-device').innerText.includes('Connected since')",
    );
    assertStringIncludes(await page.$eval("#live-devices", (node) => node.innerText), "Connected");
    assertEquals(await flawsOf(page), []);
    assertEquals(misdeeds.list, []);
  },
);

Deno.test("dashboard links a number by a code that is typed", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const visitor = await signedIn(gateway);
  const { location } = await visitor.post("/ui/devices", { label: "Kasir 3" });
  const number = aNumber();

  const refused = await visitor.post(`${location}/code`, { phone: "12ab" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /aria-invalid="true"[^>]*value="12ab"|value="12ab"[^>]*aria-invalid="true"/);
  assertEquals((await visitor.post(`${location}/code`, { phone: `+${number}` })).location, location);
  const shown = async () => /id="pairing-code">(\w{4})-(\w{4})</.exec((await visitor.get(location!)).html);
  const [, a, b] = await until(async () => await shown() ?? undefined, "the code to be shown");
  await gateway.simulator.enterCode(`${a}${b}`, gateway.simulator.phone(number, "Kasir"));

  await gateway.deviceIs("connected", location!.split("/").at(-1)!);
});

Deno.test("dashboard gives a link to whoever holds the phone, for one device and until it is linked", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const visitor = await signedIn(gateway);
  const { location } = await visitor.post("/ui/devices", { label: "Kasir 3" });
  const coming = async () => /code \d of \d/.exec((await visitor.get(location!)).html)?.[0];
  assertEquals(await until(coming, "a QR code with its place"), "code 1 of 6");
  assertStringIncludes((await visitor.get(`${location}?lang=id`)).html, "kode ke-1 dari 6");
  await visitor.get(`${location}?lang=en`);
  await visitor.post(`${location}/link`, {});
  const [, link] = /value="[^"]*(\/pair\/[\w-]{22})"/.exec((await visitor.get(location!)).html) ?? [];
  const holder = aVisitor(gateway);

  const shown = await holder.get(link);
  assertEquals(shown.status, 200);
  assertStringIncludes(shown.html, "Link Kasir 3");
  assert(!shown.html.includes("/ui/devices"));
  const number = aNumber();
  assertEquals((await holder.post(`${link}/code`, { phone: `+${number}`, csrf: "guessed" })).status, 403);
  assertEquals((await holder.post(`${link}/code`, { phone: `+${number}` })).location, link);
  const [, a, b] = /id="pairing-code">(\w{4})-(\w{4})</.exec((await holder.get(link)).html) ?? [];
  await gateway.simulator.enterCode(`${a}${b}`, gateway.simulator.phone(number, "Kasir"));
  await gateway.deviceIs("connected", location!.split("/").at(-1)!);

  assertStringIncludes((await holder.get(link)).html, "The phone is linked");
  assertEquals((await holder.get(link)).status, 404);
});

Deno.test("dashboard ends a pairing link when its maker wants no more", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const visitor = await signedIn(gateway);
  const { location } = await visitor.post("/ui/devices", { label: "Kasir 3" });
  await visitor.post(`${location}/link`, {});
  const [, link] = /value="[^"]*(\/pair\/[\w-]{22})"/.exec((await visitor.get(location!)).html) ?? [];

  await visitor.post(`${location}/link/end`, {});

  assertEquals((await aVisitor(gateway).get(link)).status, 404);
});

Deno.test("dashboard deletes a device only once its name is typed", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const id = await gateway.device();

  const wrong = await visitor.post(`/ui/devices/${id}/delete`, { must: "Kasi" });
  assertEquals(wrong.status, 422);
  assertStringIncludes(wrong.html, "That is not the name.");
  assertEquals((await gateway.api("GET", `/v1/devices/${id}`)).status, 200);
  assertEquals((await visitor.post(`/ui/devices/${id}/delete`, { must: "Kasir" })).location, "/ui/devices");
  assertEquals((await gateway.api("GET", `/v1/devices/${id}`)).status, 404);
});

Deno.test("dashboard says which field of a new device is wrong, and keeps what was typed", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);

  const { status, html } = await visitor.post("/ui/devices", { label: "", alias: "has blanks" });

  assertEquals(status, 422);
  assertStringIncludes(html, 'href="#label"');
  assertStringIncludes(html, 'value="has blanks"');
});

Deno.test("dashboard shows nobody another tenant's device", async () => {
  await using gateway = await runGateway();
  const id = await gateway.device();
  const tenant = await gateway.tenant();
  const visitor = await signedIn(gateway, tenant.key);

  assert(!(await visitor.get("/ui/devices")).html.includes(id));
  assertEquals((await visitor.get(`/ui/devices/${id}`)).status, 404);
  for (const verb of ["start", "stop", "restart", "logout", "rename", "delete", "code", "link", "link/end"]) {
    const { status } = await visitor.post(`/ui/devices/${id}/${verb}`, {
      label: "x",
      must: "Kasir",
      phone: aNumber(),
    });
    assertEquals(status, 404, verb);
  }
});

Deno.test("dashboard keeps a pairing link over a restart", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const id = await gateway.device();
  const first = await signedIn(gateway);
  await first.post(`/ui/devices/${id}/link`, {});
  const linkShown = async (visitor: Visitor) =>
    /\/pair\/[\w-]+/.exec((await visitor.get(`/ui/devices/${id}`)).html)?.[0];
  const link = await until(() => linkShown(first), "the link");

  await gateway.start();

  assertEquals((await aVisitor(gateway).get(link)).status, 200);
  const second = await signedIn(gateway);
  assertEquals(await until(() => linkShown(second), "the link after the restart"), link);
});

Deno.test("dashboard sets how fast a device sends and which proxy it takes, and shows no password", async () => {
  await using gateway = await runGateway();
  const id = await gateway.device();
  const visitor = await signedIn(gateway);
  const paced = { paced: "on", minGap: "2", maxGap: "2,5", typing: "on" };

  const wrong = await visitor.post(`/ui/devices/${id}/settings`, { ...paced, minGap: "9" });
  const noProxy = await visitor.post(`/ui/devices/${id}/settings`, { ...paced, proxy: "ftp://x:geheim@y" });
  const right = await visitor.post(`/ui/devices/${id}/settings`, {
    ...paced,
    proxy: "socks5://kasir:geheim@proxy.example:1080",
  });
  const shown = await visitor.get(`/ui/devices/${id}`);

  assertEquals([wrong.status, noProxy.status, right.status], [422, 422, 303]);
  assertStringIncludes(wrong.html, "Give pauses from 0 to 300 seconds");
  assertStringIncludes(noProxy.html, "That is no proxy that may be used.");
  const device = (await gateway.api("GET", `/v1/devices/${id}`)).body.data;
  assertEquals(device.pacing, { min_gap_ms: 2_000, max_gap_ms: 2_500, typing: true });
  assertStringIncludes(shown.html, "socks5://proxy.example:1080");
  assertEquals(shown.html.includes("geheim"), false);

  await visitor.post(`/ui/devices/${id}/settings`, { noProxy: "on" });

  const after = (await gateway.api("GET", `/v1/devices/${id}`)).body.data;
  assertEquals([after.pacing, after.proxy], [null, null]);
});
