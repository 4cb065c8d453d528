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

browserTest("dashboard copies the id of a row on c, and nothing of a row that has none", async (browser) => {
  await using gateway = await runGateway();
  const id = await gateway.device();
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(() => {
    const copied: string[] = [];
    Object.assign(globalThis, { copied });
    Object.defineProperty(navigator, "clipboard", {
      value: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
    });
  });
  const pressed = async (path: string) => {
    await page.goto(gateway.url + path);
    await page.keyboard.press("j");
    assertEquals(await page.evaluate("document.activeElement.classList.contains('goes-to')"), true);
    await page.keyboard.press("c");
    return await page.evaluate("copied");
  };
  await signIn(page, gateway.url, KEY);

  assertEquals(await pressed("/ui"), [id]);
  assertEquals(await pressed("/ui/find?q=Kasir"), []);
});
