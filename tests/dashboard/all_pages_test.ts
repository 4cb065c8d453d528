import { assertEquals } from "@std/assert";
import type { Browser, Page } from "puppeteer-core";
import { browserTest, flawsOf, sidewaysScroll, signIn, watched } from "../support/chromium.ts";
import { until } from "../support/until.ts";
import { type Gateway, MASTER_KEY, runGateway } from "../support/gateway.ts";
import { receiver } from "../support/ui_receiver.ts";

/** What a stranger may call himself and write: markup, hypermedia attributes, signs that turn text, no blanks. */
const HOSTILE =
  `"><img src=x onerror=alert(1)><script>alert(1)</script><b hx-get="/ui/hit" hx-trigger="load">b</b>` +
  `<hx-partial hx-target="#main">x</hx-partial>\u202Egnp.exe${"W".repeat(300)}`;

/** A gateway in which every page has something to show, all of it hostile. */
async function furnished(answer: () => Response) {
  const gateway = await runGateway({ whatsapp: true, settings: { WEBHOOK_RETRY_SCALE: "1" } });
  const app = receiver(answer);
  await gateway.api("POST", "/v1/webhooks", { url: app.url, events: ["*"], retry: [1] });
  const { id, phone } = await gateway.pair();
  await gateway.api("PATCH", `/v1/devices/${id}`, { label: HOSTILE.slice(0, 100) });
  const stranger = gateway.simulator.contact("6281100009001", HOSTILE);
  await stranger.sendText(phone, HOSTILE);
  await gateway.api("POST", `/v1/devices/${id}/messages/text`, { to: "6281100009001", text: HOSTILE });
  await gateway.api("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    devices: [id],
    message: HOSTILE,
    recipients: [{ phone: "+6281100009001", name: HOSTILE.slice(0, 200) }],
  });
  await gateway.api("POST", "/v1/opt-outs", { person: "+6281100009002", reason: HOSTILE.slice(0, 200) });
  await gateway.api("POST", "/v1/keys", { name: HOSTILE.slice(0, 90), scopes: ["read"] });
  await gateway.api("POST", "/api/templates", { id: "hostile", name: HOSTILE.slice(0, 180), body: HOSTILE });
  const { keys } = (await gateway.api("GET", "/v1/keys")).body.data;
  const failed = async () => (await gateway.api("GET", "/v1/deliveries?status=failed")).body.data.deliveries;
  await until(async () => (await failed()).length > 0, "a delivery to fail");
  const webhooks = (await gateway.api("GET", "/v1/webhooks")).body.data.webhooks;
  const events = (await gateway.api("GET", "/v1/events?types=message.received")).body.data.events;
  const blasts = (await gateway.api("GET", "/api/messages/blast")).body.blasts;
  const messages = (await gateway.api("GET", `/v1/devices/${id}/messages`)).body.data?.messages ?? [];
  const paths = [
    "/ui",
    "/ui/devices",
    `/ui/devices/${id}`,
    "/ui/devices/new",
    "/ui/webhooks",
    "/ui/webhooks/new",
    `/ui/webhooks/${webhooks[0].webhook_id}`,
    `/ui/webhooks/${webhooks[0].webhook_id}/edit`,
    "/ui/deliveries",
    `/ui/deliveries/${(await failed())[0].delivery_id ?? (await failed())[0].id}`,
    "/ui/replays",
    "/ui/replays/new?state=failed",
    "/ui/events",
    `/ui/events/${events[0].event_id}`,
    "/ui/catalogue",
    "/ui/catalogue/message.received",
    "/ui/messages",
    ...(messages.length === 0 ? [] : [`/ui/messages/${messages[0].message_id ?? messages[0].id}`]),
    "/ui/messages/scheduled",
    "/ui/messages/new",
    "/ui/chats",
    `/ui/chats?device=${id}&chat=6281100009001`,
    "/ui/blasts",
    "/ui/blasts/new",
    `/ui/blasts/${blasts[0].id}`,
    "/ui/templates",
    "/ui/templates/new",
    "/ui/templates/hostile",
    "/ui/opt-outs",
    "/ui/keys",
    `/ui/keys?revoke=${keys[0].key_id}`,
    "/ui/logs",
    "/ui/settings",
    "/ui/tenants",
    "/ui/tenants/tenant_default",
    "/ui/fleet",
    "/ui/find?q=6281100009001",
    `/ui/find?q=${encodeURIComponent(HOSTILE)}`,
    "/ui/nothing",
  ];
  return {
    gateway,
    paths,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

const REFUSING = () =>
  new Response(HOSTILE, { status: 503, headers: { "Content-Type": "text/html", "X-Note": "<script>" } });

interface Look {
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** Opens every page in one language, and looks at it in some ways; what is wrong with each. */
async function walk(
  browser: Browser,
  gateway: Gateway,
  paths: readonly string[],
  lang: string,
  looksAt: (index: number) => readonly Look[],
): Promise<readonly string[]> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const misdeeds = await watched(page);
  await page.setCookie({ name: "kabar_lang", value: lang, url: `${gateway.url}/ui` });
  await signIn(page, gateway.url, MASTER_KEY);
  const wrong: string[] = [];
  for (const [index, path] of paths.entries()) {
    const response = await page.goto(gateway.url + path);
    const status = response?.status();
    if (status !== (path === "/ui/nothing" ? 404 : 200)) wrong.push(`${path}: ${status}`);
    for (const { width, scheme } of looksAt(index)) {
      const where = `${path}, ${width} px, ${scheme}`;
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([
        { name: "prefers-reduced-motion", value: "reduce" },
        { name: "prefers-color-scheme", value: scheme },
      ]);
      wrong.push(...(await flawsOf(page)).map((flaw) => `${where}: ${flaw}`));
      const wide = await sidewaysScroll(page);
      if (wide > 0) wrong.push(`${where}: ${wide} px wider than the window`);
      if (width < 896) {
        const crowding = await page.$$eval(
          ".unlisted",
          (nodes) => nodes.filter((node) => node.getClientRects().length > 0).map((node) => node.className),
        );
        wrong.push(...crowding.map((name) => `${where}: "${name}" is not for phones`));
      }
    }
    wrong.push(...(await injectedInto(page)).map((what) => `${path}: ${what}`));
    const shown = await page.$eval("html", (root) => root.lang);
    if (shown !== lang) wrong.push(`${path}: in "${shown}"`);
  }
  const expected = /status of 404/; // the page that does not exist
  wrong.push(...misdeeds.list.filter((text) => !expected.test(text)));
  await context.close();
  return wrong;
}

/** Elements and attributes that came out of a stranger's text. */
async function injectedInto(page: Page): Promise<readonly string[]> {
  return await page.$eval("body", (body) => {
    const found: string[] = [];
    if (body.querySelector("img[src=x], [hx-get], hx-partial, main script") !== null) {
      found.push("markup of a stranger");
    }
    return found;
  });
}

/** How each page is looked at. In the second language, whose words only are others, pages take turns. */
const LOOKS: Readonly<Record<string, (index: number) => readonly Look[]>> = {
  en: () => [{ width: 1280, scheme: "light" }, { width: 390, scheme: "dark" }],
  id: (index) => [index % 2 === 0 ? { width: 1280, scheme: "dark" } : { width: 390, scheme: "light" }],
};

for (const [lang, looksAt] of Object.entries(LOOKS)) {
  browserTest(
    `dashboard holds on every page, wide and narrow, light and dark, in "${lang}"; nothing of a stranger runs`,
    async (browser) => {
      await using it = await furnished(REFUSING);

      assertEquals(await walk(browser, it.gateway, it.paths, lang, looksAt), []);
    },
  );
}

browserTest("dashboard scrolls nowhere sideways at 320 px, and works without scripts", async (browser) => {
  await using it = await furnished(REFUSING);
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.setViewport({ width: 320, height: 700 });
  await signIn(page, it.gateway.url, MASTER_KEY);
  const wrong: string[] = [];

  for (const path of it.paths) {
    await page.goto(it.gateway.url + path);
    const wide = await sidewaysScroll(page);
    if (wide > 0) wrong.push(`${path}: ${wide} px wider than the window`);
    if (await page.$("main h1") === null) wrong.push(`${path}: no heading`);
  }

  assertEquals(wrong, []);
});

browserTest("dashboard replays in the browser what an endpoint refused", async (browser) => {
  let status = 503;
  await using it = await furnished(() => new Response("", { status }));
  const { gateway } = it;
  const page = await browser.newPage();
  const misdeeds = await watched(page);
  const tenantPage = it.paths.find((path) => /\/deliveries\/dlv_/.test(path)) ?? "";
  await signIn(page, gateway.url, MASTER_KEY, tenantPage);
  status = 200;

  await Promise.all([page.waitForNavigation(), page.click("[data-key=r], form[action$='/retry'] button")]);

  const id = tenantPage.split("/").at(-1);
  await until(
    async () => (await gateway.api("GET", `/v1/deliveries/${id}`)).body.data.status === "success",
    "the delivery to get through",
  );
  assertEquals(misdeeds.list, []);
});
