import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { browserTest, flawsOf, signIn } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

const BANNER = "#stream-lost:not([hidden])";
const LIVE = '.live[data-state="live"]';
const HOOK = { url: "https://shop.example/hook", events: ["message.*"] };

browserTest("dashboard holds a live page at a key, and says when its stream is lost", async (browser) => {
  await using gateway = await runGateway();
  await gateway.api("POST", "/v1/webhooks", HOOK);
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000); // waits between connections grow
  await page.setViewport({ width: 1280, height: 900 });
  await signIn(page, gateway.url, KEY, "/ui/webhooks");
  await page.waitForSelector(LIVE);

  await page.keyboard.press(".");
  await page.waitForSelector('.live[data-state="held"]');
  await gateway.api("POST", "/v1/webhooks", HOOK);
  const other = await browser.newPage();
  await other.goto(`${gateway.url}/ui/webhooks`);
  await other.waitForSelector(LIVE);
  await other.waitForSelector("tr + tr .goes-to");
  assertEquals((await page.$$(".goes-to")).length, 1);
  await other.close();
  await page.bringToFront();

  await page.keyboard.press(".");
  await page.waitForSelector("tr + tr .goes-to");

  await page.type(".find input", "typed");
  await page.evaluate("document.activeElement.blur()");
  await page.setOfflineMode(true);
  await page.keyboard.press(".");
  await page.keyboard.press("."); // the connection is made anew, and cannot be
  await page.waitForSelector(BANNER);
  assertMatch(await page.$eval("#stream-lost span", (node) => node.innerText), /Last news at \d\d:\d\d:\d\d/);
  assertEquals(await flawsOf(page), []);

  await page.setOfflineMode(false);
  await page.waitForSelector("#stream-lost[hidden]");
  assertEquals(await page.$eval(".find input", (input) => input.value), "typed");
});

browserTest(
  "dashboard keeps what was typed when the session ends, and takes it after signing in again",
  async (browser) => {
    await using gateway = await runGateway();
    await gateway.api("POST", "/v1/webhooks", HOOK);
    const [{ webhook_id }] = (await gateway.api("GET", "/v1/webhooks")).body.data.webhooks;
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000); // waits between connections grow
    await page.setViewport({ width: 1280, height: 900 });
    await signIn(page, gateway.url, KEY, `/ui/webhooks/${webhook_id}`);
    await page.waitForSelector(LIVE);
    await page.type(".find input", "typed");
    await page.evaluate("document.activeElement.blur()");
    const token = await page.$eval("input[name=csrf]", (field) => field.value);

    await browser.defaultBrowserContext().deleteCookie(
      ...(await browser.cookies()).filter(({ name }) => name.includes("session")),
    );
    await page.keyboard.press(".");
    await page.keyboard.press("."); // the connection is made anew, without a session
    await page.waitForSelector(`${BANNER} a:not([hidden])`);
    assertEquals(await page.$eval(".find input", (input) => input.value), "typed");
    assertEquals(await flawsOf(page), []);

    const again = await browser.newPage();
    await signIn(again, gateway.url, KEY, `/ui/webhooks/${webhook_id}`);
    await again.close();
    await page.bringToFront();
    await page.waitForSelector("#stream-lost[hidden]");
    assertEquals(await page.$eval(".find input", (input) => input.value), "typed");
    await page.waitForFunction(
      `document.querySelector("input[name=csrf]").value !== ${JSON.stringify(token)}`,
    );
    assertNotEquals(await page.$eval("input[name=csrf]", (field) => field.value), token);
    await Promise.all([page.waitForNavigation(), page.click(".actions form button")]);
    assertEquals((await gateway.api("GET", `/v1/webhooks/${webhook_id}`)).body.data.status, "paused");
  },
);

Deno.test("dashboard never leads a stream to the sign-in page", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  visitor.cookies.clear();

  const stream = await visitor.get("/ui/live?page=%2Fui");

  assertEquals([stream.status, stream.location, stream.headers.has("Set-Cookie")], [401, null, false]);
});
