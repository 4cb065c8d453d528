// Prints what the changelog has on a version: `deno run --allow-read .build/release_notes.ts v1.2.0`.
import { VERSION } from "../src/version.ts";

/**
 * The section of a version, without its heading.
 * @param tag The release's tag, `v` and the version.
 * @throws {Error} If the tag is not the version of the source, or if the changelog has nothing on it.
 */
export function releaseNotes(changelog: string, tag: string, version: string): string {
  if (tag !== `v${version}`) {
    throw new Error(`Cannot release "${tag}": src/version.ts has ${version}, so the tag is v${version}`);
  }
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split("\n", 1)[0].split(" ")[0] === version);
  const notes = section?.slice(section.indexOf("\n")).trim() ?? "";
  if (notes === "") {
    throw new Error(`Cannot release "${tag}": .github/CHANGELOG.md has no section ${version}`);
  }
  return notes;
}

if (import.meta.main) {
  try {
    const path = new URL("../.github/CHANGELOG.md", import.meta.url);
    console.log(releaseNotes(await Deno.readTextFile(path), Deno.args[0] ?? "", VERSION));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
