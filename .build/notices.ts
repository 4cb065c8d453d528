// Writes what `kabar licences` shows of the packages inside: `deno task notices`, after a change of deno.lock.
import { misfits, noticesOf } from "./licences.ts";
import { assetNotices, embeddedPackages } from "./packages.ts";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const packages = await embeddedPackages(root);
const wrong = misfits(packages);
if (wrong.length > 0) {
  console.error(`The executable may not hold:\n${wrong.join("\n")}`);
  Deno.exit(1);
}
await Deno.writeTextFile(
  `${root}/src/cli/notices.txt`,
  noticesOf(packages, await assetNotices(`${root}/src`)),
);
console.log(`src/cli/notices.txt: ${packages.length} packages`);
