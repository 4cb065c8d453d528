// Brings what the dashboard draws with into `src/dashboard/assets`: one sprite of the Lucide icons that it names, and
// Inter (Latin letters only) as Base64 into `src/look`, since a binary cannot be imported. Run it after adding a name
// to ICONS:
//   deno run -A .build/face.ts
import { ICONS } from "../src/dashboard/assets/icon_names.ts";

const LUCIDE = "1.62.0";
const INTER = "5.3.0";
const ASSETS = new URL("../src/dashboard/assets/", import.meta.url);
const LINE = 110;

const folder = await Deno.makeTempDir();
try {
  await new Deno.Command("npm", {
    args: [
      "install",
      "--no-save",
      "--silent",
      `lucide-static@${LUCIDE}`,
      `@fontsource-variable/inter@${INTER}`,
    ],
    cwd: folder,
  }).output();
  const symbols = await Promise.all(ICONS.map(async (name) => {
    const icon = await Deno.readTextFile(`${folder}/node_modules/lucide-static/icons/${name}.svg`);
    const shapes = icon.slice(icon.indexOf(">", icon.indexOf("<svg")) + 1, icon.indexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replaceAll(/\s*\n\s*/g, "")}</symbol>`;
  }));
  const attributes = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" ' +
    'stroke-linejoin="round"';
  await Deno.writeTextFile(
    new URL("icons.svg", ASSETS),
    `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>\n${symbols.join("\n")}\n</svg>\n`,
  );
  const font = await Deno.readFile(
    `${folder}/node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2`,
  );
  const lines = font.toBase64().match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  await Deno.writeTextFile(new URL("../../look/inter.woff2.base64", ASSETS), lines.join("\n") + "\n");
} finally {
  await Deno.remove(folder, { recursive: true });
}
