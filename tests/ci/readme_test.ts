import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const readme = await Deno.readTextFile(new URL("README.md", ROOT));
const guide = await Deno.readTextFile(new URL(".github/CONTRIBUTING.md", ROOT));

/** The end of a heading's address, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s-]/gu, "").trim().replaceAll(" ", "-");
}

Deno.test("README links to parts and files that are there", async () => {
  const prose = readme.replaceAll(/```[\s\S]*?```/g, "");
  const anchors = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => `#${anchorOf(heading)}`);
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);

  assert(links.length > 10);
  for (const link of links.filter((link) => !/^https:/.test(link))) {
    if (link.startsWith("#")) assert(anchors.includes(link), link);
    else assert((await Deno.stat(new URL(link, ROOT))).isFile, link);
  }
});

Deno.test("the contributors' guide names only files and folders that there are", async () => {
  const named = [...guide.matchAll(/`((?:src|tests)\/[\w./]*)`/g)].map(([, path]) => path);

  assert(named.length > 10);
  for (const path of named) await Deno.stat(new URL(path, ROOT));
});

Deno.test("README and the contributors' guide name only tasks that there are", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));

  const named = [...(readme + guide).matchAll(/(?:deno|deno@[\d.]+) task (?:--\w+ )?([a-z]\w*)/g)].map((
    [, name],
  ) => name);

  assert(named.length > 8);
  assertEquals(named.filter((name) => !(name in tasks)), []);
});
