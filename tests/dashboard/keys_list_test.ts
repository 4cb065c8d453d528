import { assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";

browserTest("dashboard lists its keys on ?, and closes the list again", async (browser) => {
  await using gateway = await runGateway();
  const page = await browser.newPage();
  const misdeeds = await watched(page);
  await signIn(page, gateway.url, KEY, "/ui/templates");
  await page.focus("#main");

  await page.keyboard.press("?");

  assertStringIncludes(await page.$eval("dialog[open]", (dialog) => dialog.innerText), "find");
  assertEquals(await flawsOf(page), []);
  await page.click("dialog [data-close]");
  assertEquals(await page.$("dialog[open]"), null);
  await page.type(".find input", "?");
  assertEquals(await page.$("dialog[open]"), null);
  assertEquals(misdeeds.list, []);
});
