// Draws every page of the dashboard: `deno task pictures [folder] [part of a path]`. In four looks: wide and a phone's
// width, light and dark, in both languages. They are to be looked at; nothing compares them.
import { launch } from "puppeteer-core";
import { signIn } from "./chromium.ts";
import { MASTER_KEY } from "./gateway.ts";
import { shownGateway, shownPaths } from "./shown_gateway.ts";

const LOOKS = [
  { width: 1280, scheme: "light", lang: "en" },
  { width: 390, scheme: "light", lang: "id" },
  { width: 1280, scheme: "dark", lang: "id" },
  { width: 390, scheme: "dark", lang: "en" },
] as const;

const [folder = `${Deno.env.get("TMPDIR") ?? "/tmp"}/kabar-pictures`, wanted = ""] = Deno.args;

await Deno.mkdir(folder, { recursive: true });
await using shown = await shownGateway();
const paths = await shownPaths(shown);
const browser = await launch({
  executablePath: Deno.env.get("CHROMIUM_PATH") ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"],
});
try {
  for (const { width, scheme, lang } of LOOKS) {
    const context = await browser.createBrowserContext();
    const tab = await context.newPage();
    await tab.setViewport({ width, height: 860, isMobile: width < 500 });
    await tab.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await tab.setCookie({ name: "kabar_lang", value: lang, url: `${shown.gateway.url}/ui` });
    await signIn(tab, shown.gateway.url, MASTER_KEY);
    for (const [name, path] of Object.entries(paths)) {
      if (!name.includes(wanted)) continue;
      const response = await tab.goto(shown.gateway.url + path);
      const file = `${folder}/${name}-${width}-${scheme}-${lang}.png`;
      await tab.screenshot({ path: file as `${string}.png`, fullPage: true });
      console.log(`${file}: ${response?.status()} ${path}`);
    }
    await context.close();
  }
} finally {
  await browser.close();
}
