// A real browser for the pages' tests: Chromium from CHROMIUM_PATH or Debian's, without a window. Where there is none,
// the tests that need it are skipped, and say so.
// @ts-types="axe-core"
import axe from "axe-core/axe.min.js"; // its source is half as much to read for every page
import { type Browser, launch, type Page } from "puppeteer-core";
import { PATIENCE_MS } from "./until.ts";

const PATH = Deno.env.get("CHROMIUM_PATH") ?? "/usr/bin/chromium";

/** Whether there is a browser to test with. */
export const HAS_CHROMIUM = await Deno.stat(PATH).then(() => true, () => false);
if (!HAS_CHROMIUM) console.warn(`No browser at ${PATH}: tests of pages are skipped (set CHROMIUM_PATH)`);

/** Declares a test that needs a browser. */
export function browserTest(name: string, body: (browser: Browser) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !HAS_CHROMIUM,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const profile = await Deno.makeTempDir({ prefix: "kabar-chromium-" });
      const browser = await launch({
        executablePath: PATH,
        userDataDir: profile,
        args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"],
        timeout: PATIENCE_MS,
        protocolTimeout: 2 * PATIENCE_MS,
      });
      const newPage = browser.newPage.bind(browser);
      browser.newPage = async () => {
        const page = await newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        return page;
      };
      try {
        await body(browser);
      } finally {
        await browser.close();
        await Deno.remove(profile, { recursive: true }).catch(() => {});
      }
    },
  });
}

/** What a page did that it should not: violations of its policy, errors in scripts, requests that left or failed. */
export interface Misdeeds {
  readonly list: string[];
}

/** Watches a page from its beginning. */
export async function watched(page: Page): Promise<Misdeeds> {
  const list: string[] = [];
  page.setDefaultTimeout(PATIENCE_MS);
  // while a page fades into the next one, clicks reach nothing
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) list.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => list.push(`script: ${String(error)}`));
  await page.exposeFunction("reportViolation", (text: string) => void list.push(`policy: ${text}`));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const { violatedDirective, blockedURI, sourceFile, sample } = event as unknown as Record<
        string,
        string
      >;
      const report = (globalThis as unknown as Record<string, (text: string) => void>).reportViolation;
      report(`${violatedDirective} ${blockedURI} ${sourceFile} ${sample}`);
    });
  });
  return { list };
}

/** What axe-core finds wrong with a page as it stands: rule and places. It is put into the page once. */
export async function flawsOf(page: Page): Promise<readonly string[]> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
  const results = await page.evaluate(async () => {
    const { axe, document } = globalThis as unknown as {
      axe: { run: (...given: unknown[]) => Promise<unknown> };
      document: unknown;
    };
    return await axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
  }) as { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} (${failureSummary.slice(0, 300)})`)
  );
}

/** Signs in with a key. */
export async function signIn(page: Page, url: string, key: string, next = "/ui"): Promise<void> {
  await page.goto(`${url}/ui/sign-in?next=${encodeURIComponent(next)}`);
  await page.type("#key", key);
  await Promise.all([page.waitForNavigation(), page.click("form.form button[type=submit]")]);
}

/** By how much the page is wider than the window, in pixels. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return await page.$eval("html", (root) => root.scrollWidth - root.clientWidth);
}
