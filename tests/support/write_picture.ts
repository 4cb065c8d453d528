// Draws the README's picture of the dashboard: `deno task picture`. A gateway with made-up people, in a real browser.
import { launch } from "puppeteer-core";
import { signIn } from "./chromium.ts";
import { KEY } from "./gateway.ts";
import { shownGateway } from "./shown_gateway.ts";

const SIZE = { width: 1280, height: 860 };

const [page = "/ui", file = ".github/dashboard.png"] = Deno.args;

await using shown = await shownGateway();
const browser = await launch({
  executablePath: Deno.env.get("CHROMIUM_PATH") ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"],
});
try {
  const tab = await browser.newPage();
  await tab.setViewport({ ...SIZE, deviceScaleFactor: 1 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await signIn(tab, shown.gateway.url, KEY, page);
  await tab.waitForNetworkIdle({ idleTime: 500, timeout: 5_000 }).catch(() => {}); // pages that stay live are never idle
  await tab.screenshot({ path: file as `${string}.png` });
} finally {
  await browser.close();
}
console.log(`${file}: ${page} as it is`);
