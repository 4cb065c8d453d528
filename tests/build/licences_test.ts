import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { isFitting, misfits, noticesOf } from "../../.build/licences.ts";
import { assetNotices, type EmbeddedPackage, embeddedPackages } from "../../.build/packages.ts";
import { releaseNotes } from "../../.build/release_notes.ts";
import { sbomOf } from "../../.build/sbom.ts";
import { licences } from "../../src/cli/licences.ts";
import { VERSION } from "../../src/version.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

function aPackage(parts: Partial<EmbeddedPackage>): EmbeddedPackage {
  return {
    ...{ name: "some-package", version: "1.0.0", license: "MIT", author: "Ann", sha512: "ab", notices: [] },
    ...parts,
  };
}

Deno.test("executable holds only packages whose licences fit together", async () => {
  const packages = await embeddedPackages(ROOT);

  assertEquals(misfits(packages), []);
});

Deno.test("executable's list of packages reaches through dependencies, and leaves out what only tests use", async () => {
  const names = (await embeddedPackages(ROOT)).map(({ name }) => name);

  for (const name of ["hono", "libsignal", "protobufjs", "undici"]) assert(names.includes(name), name);
  for (const name of ["svix", "fast-check", "@types/ws"]) assert(!names.includes(name), name);
});

Deno.test("executable's notices are those of the lock file (`deno task notices` writes them)", async () => {
  const kept = await Deno.readTextFile(`${ROOT}/src/cli/notices.txt`);

  const now = noticesOf(await embeddedPackages(ROOT), await assetNotices(`${ROOT}/src`));
  assert(kept === now, "src/cli/notices.txt is out of date");
});

const NEW = [
  ["AGPL-3.0-only", ["some-package 1.0.0: AGPL-3.0-only"]],
  ["GPL-3.0", ["some-package 1.0.0: GPL-3.0"]],
  ["", ["some-package 1.0.0: states no licence"]],
  ["UNLICENSED", ["some-package 1.0.0: UNLICENSED"]],
  ["MIT", []],
] as const;
for (const [license, expected] of NEW) {
  Deno.test(`a new package under "${license}" ${expected.length === 0 ? "fits" : "is named and refused"}`, () => {
    const refused = misfits([aPackage({ license })]);

    assertEquals(refused, [...expected]);
  });
}

Deno.test("a licence that is a choice or a sum is judged by its parts", () => {
  assert(isFitting("(MIT OR GPL-2.0-only)"));
  assert(isFitting("MIT AND ISC"));
  assert(!isFitting("MIT AND SSPL-1.0"));
});

Deno.test("notices hold each text once, with all that come under it, and one for a package without", () => {
  const text = noticesOf([
    aPackage({ name: "a", notices: ["Copyright A"] }),
    aPackage({ name: "b", notices: ["Copyright A"] }),
    aPackage({ name: "c", author: "Carol" }),
  ]);

  assertStringIncludes(text, "a 1.0.0, b 1.0.0\n\nCopyright A\n");
  assertStringIncludes(text, "c 1.0.0\n\nMIT License\n\nCopyright (c) Carol\n");
});

Deno.test("licences say what libsignal means for those who pass the executable on", () => {
  const short = licences(false);
  const full = licences(true);

  assertStringIncludes(short, "source is under the MIT licence");
  assertStringIncludes(short, "as a whole they may be passed on only under its terms");
  assertMatch(short, /^libsignal \S+ +GPL-3\.0$/m);
  assert(!short.includes("GNU GENERAL PUBLIC LICENSE"));
  assertStringIncludes(full, "GNU GENERAL PUBLIC LICENSE");
  assertStringIncludes(full, "Lucide");
});

Deno.test("SBOM names every package with its address, licence and hash", async () => {
  const packages = await embeddedPackages(ROOT);

  const { components, metadata } = sbomOf(packages, "2.9.6");

  assertEquals(metadata.component.version, VERSION);
  assertEquals(components.length, packages.length + 1);
  const signal = components.find(({ name }) => name === "libsignal");
  assertEquals(signal?.purl, `pkg:npm/libsignal@${signal?.version}`);
  assertEquals(signal?.licenses, [{ expression: "GPL-3.0-only" }]);
  for (const component of components.slice(1)) {
    assert(
      "hashes" in component && /^[0-9a-f]{128}$/.test(component.hashes?.[0].content ?? ""),
      component.name,
    );
  }
});

const CHANGELOG =
  "# Changelog\n\n## Unreleased\n\n- Later\n\n## 1.2.0 (2026-12-01)\n\n- Sings\n\n## 1.1.0\n\n- Dances\n";

Deno.test("release notes are the section of the version", () => {
  assertEquals(releaseNotes(CHANGELOG, "v1.2.0", "1.2.0"), "- Sings");
});

Deno.test("release notes refuse a tag that is not the source's version, and a version without notes", () => {
  assertThrows(() => releaseNotes(CHANGELOG, "v1.3.0", "1.2.0"), Error, "the tag is v1.2.0");
  assertThrows(() => releaseNotes(CHANGELOG, "v1.4.0", "1.4.0"), Error, "has no section 1.4.0");
});

Deno.test("changelog has notes for the version of the source", async () => {
  const changelog = await Deno.readTextFile(`${ROOT}/.github/CHANGELOG.md`);

  assert(releaseNotes(changelog, `v${VERSION}`, VERSION).length > 20);
});
