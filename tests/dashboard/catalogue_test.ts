import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { EVENT_GUIDE } from "../../src/events/guide.ts";
import { EVENT_GUIDE_ID } from "../../src/events/guide_id.ts";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { signedIn } from "../support/ui.ts";

browserTest(
  "dashboard explains an event, says when it was seen here, and leads to a subscription",
  async (browser) => {
    await using gateway = await runGateway({ whatsapp: true });
    const { phone } = await gateway.pair();
    const page = await browser.newPage();
    const misdeeds = await watched(page);
    await signIn(page, gateway.url, KEY, "/ui/catalogue/message.received");
    assertStringIncludes(
      await page.$eval("#live-seen", (node) => node.innerText),
      "It has not come here yet.",
    );

    await gateway.simulator.contact("6281100006001", "Ibu Sari").sendText(phone, "Halo");

    await page.waitForFunction("/last/i.test(document.querySelector('#live-seen').innerText)");
    assertEquals(await flawsOf(page), []);
    await Promise.all([page.waitForNavigation(), page.click(".actions a.main")]);
    const chosen = await page.$$eval("input[name=types]:checked", (boxes) => boxes.map(({ value }) => value));
    assertEquals(chosen, ["message.received"]);
    assertEquals(misdeeds.list, []);
  },
);

Deno.test("dashboard shows each event as every format says it, and finds events by their fields", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);

  for (const type of Object.keys(EVENT_GUIDE)) {
    const { status, html } = await visitor.get(`/ui/catalogue/${type}?format=session`);
    assertEquals(status, 200, type);
    assertStringIncludes(html, `/ui/webhooks/new?event=${type}`);
  }
  const one = await visitor.get("/ui/catalogue/message.sent?lang=id");
  assertMatch(one.html, /<b>cloud<\/b>[^]*program untuk Cloud API dari Meta/);
  const { html } = await visitor.get("/ui/catalogue?q=previous_id&lang=en");
  assertStringIncludes(html, 'href="/ui/catalogue/identity.changed"');
  assertEquals(html.includes('href="/ui/catalogue/message.sent"'), false);
  assertMatch((await visitor.get("/ui/catalogue?q=nothingatall")).html, /Nothing matches/);
  assertEquals((await visitor.get("/ui/catalogue/message.nothing")).status, 404);
});

Deno.test("dashboard counts only a tenant's own events in the catalogue", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { phone } = await gateway.pair();
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  await gateway.simulator.contact("6281100006002", "Budi").sendText(phone, "Halo");
  const seen = async () =>
    (await gateway.api("GET", "/v1/events?types=message.received")).body.data.events.length;
  await until(async () => await seen() > 0, "the message to come in");

  const { html } = await foreign.get("/ui/catalogue/message.received");

  assertStringIncludes(html, "It has not come here yet.");
});

Deno.test("catalogue has a text of its own in Indonesian for every event", () => {
  for (const [type, english] of Object.entries(EVENT_GUIDE)) {
    const indonesian = EVENT_GUIDE_ID[type as keyof typeof EVENT_GUIDE];
    for (const part of ["summary", "when", "whatToDo"] as const) {
      assertEquals(indonesian[part] === english[part], false, `${type}.${part}`);
      const codes = (text: string) => [...text.matchAll(/`[^`]+`/g)].map(([code]) => code).toSorted();
      assertEquals(codes(indonesian[part]), codes(english[part]), `${type}.${part}`);
    }
  }
});
