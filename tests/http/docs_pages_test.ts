// The documentation in a real browser: what it looks like to people, and that "Try it" reaches this gateway.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startGateway } from "../../src/app/gateway.ts";
import { browserTest, flawsOf, sidewaysScroll, watched } from "../support/chromium.ts";
import { settingsOf } from "../support/settings.ts";

// Of the groups of the API, webhooks have every part that such a page is made of, and a third of the longest page.
const PAGES = [
  "/docs",
  "/docs/api/webhooks",
  "/docs/events",
  "/docs/events/message.received?kind=image&format=session",
  "/docs/guide/ordering",
  "/docs/search?q=webhook",
  "/docs/nowhere",
];

async function withGateway(test: (url: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const settings = settingsOf({ DATA_DIR: `${dir}/data`, HOST: "127.0.0.1", PORT: "0", API_KEY: "key" });
  const gateway = await startGateway(settings, { print: () => {} });
  try {
    await test(gateway.url);
  } finally {
    await gateway.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

const WIDE = [1280, "light"] as const;
const NARROW = [390, "dark"] as const;
const NARROWEST = [320, "light"] as const;

/** How each page is looked at. In the second language, whose words only are others, pages take turns. */
const LOOKS: Readonly<Record<string, (index: number) => readonly (readonly [number, "light" | "dark"])[]>> = {
  en: () => [WIDE, NARROW, NARROWEST],
  id: (index) => [[WIDE, NARROW, NARROWEST][index % 3]],
};

for (const [language, looksAt] of Object.entries(LOOKS)) {
  browserTest(
    `docs have no flaw that axe finds, wide and narrow, light and dark, in "${language}"`,
    (browser) =>
      withGateway(async (url) => {
        const page = await browser.newPage();
        const misdeeds = await watched(page);
        for (const [index, path] of PAGES.entries()) {
          await page.goto(`${url}${path}${path.includes("?") ? "&" : "?"}lang=${language}`);
          for (const [width, theme] of looksAt(index)) {
            await page.setViewport({ width, height: 900 });
            await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);

            assertEquals(await flawsOf(page), [], `${path}, ${width} px`);
            assertEquals(await sidewaysScroll(page), 0, `${path}, ${width} px`);
          }
        }
        assertEquals(misdeeds.list.filter((line) => !line.includes("404")), []);
      }),
  );
}

browserTest("docs work where scripts are switched off", (browser) =>
  withGateway(async (url) => {
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    await page.goto(`${url}/docs`);
    await page.type("input[type=search]", "rotate secret");
    await Promise.all([page.waitForNavigation(), page.click("header button")]);
    await Promise.all([page.waitForNavigation(), page.click(".hits a")]);

    assertStringIncludes(page.url(), "/docs/api/webhooks#post-v1-webhooks-id-rotate-secret");
  }));

browserTest(
  "docs' “Try it” opens the operation that it was asked for, and sends it to this gateway",
  (browser) =>
    withGateway(async (url) => {
      const page = await browser.newPage();
      const misdeeds = await watched(page);
      await page.goto(`${url}/docs/try#get-health`);

      await page.waitForSelector(".opblock.is-open");
      const opened = await page.$eval(".opblock.is-open .opblock-summary-path", (it) => it.textContent ?? "");
      const answered = page.waitForResponse(`${url}/health`);
      await page.click(".opblock.is-open .execute");
      await answered;
      await page.waitForSelector(".opblock.is-open .live-responses-table tbody .response-col_status");
      const status = await page.$eval(
        ".opblock.is-open .live-responses-table tbody .response-col_status",
        (it) => it.textContent ?? "",
      );

      assertStringIncludes(opened.replaceAll("\u200b", ""), "/health");
      assertStringIncludes(status, "200");
      assertEquals(misdeeds.list, []);
      assert(page.url().includes("#/Health/get-health"), page.url());
    }),
);
