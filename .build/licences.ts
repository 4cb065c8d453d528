// Which licences the parts of the executable may have, and the notices that go with it.
import type { EmbeddedPackage } from "./packages.ts";

/** Licences whose works may be part of a work under GPL-3.0, as SPDX names them. */
const FITTING: ReadonlySet<string> = new Set([
  ...["MIT", "MIT-0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0"],
  ...["CC0-1.0", "Unlicense", "Zlib", "Python-2.0", "MPL-2.0", "OFL-1.1"],
]);

/** Packages under the GPL, each with why it is there. Another one would be a decision, not a detail. */
export const COPYLEFT: Readonly<Record<string, string>> = {
  libsignal: "the Signal protocol, without which nobody talks to WhatsApp; Baileys needs it",
};

/** Names that packages use, and SPDX has others for. */
const SPDX: Readonly<Record<string, string>> = { "BSD-0-Clause": "0BSD", "GPL-3.0": "GPL-3.0-only" };

/** A licence as SPDX names it. */
export function spdxOf(license: string): string {
  return SPDX[license] ?? license;
}

/**
 * Whether a licence fits: a name of the list, all of what AND joins, or one of what OR joins.
 * @param license An SPDX expression without WITH.
 */
export function isFitting(license: string): boolean {
  const bare = license.trim().replace(/^\((.*)\)$/s, "$1");
  if (/\bOR\b/.test(bare)) return bare.split(/\bOR\b/).some(isFitting);
  if (/\bAND\b/.test(bare)) return bare.split(/\bAND\b/).every(isFitting);
  return FITTING.has(spdxOf(bare));
}

/** One line for each package that the executable may not hold: its name, version and licence. */
export function misfits(packages: readonly EmbeddedPackage[]): readonly string[] {
  return packages
    .filter(({ name, license }) =>
      !isFitting(license) && !(name in COPYLEFT && license.startsWith("GPL-3.0"))
    )
    .map(({ name, version, license }) =>
      `${name} ${version}: ${license === "" ? "states no licence" : license}`
    );
}

/**
 * The list `name version licence`, and every text once, with the packages that come with it.
 * @param assets Notices of files that are no packages; they come last.
 */
export function noticesOf(packages: readonly EmbeddedPackage[], assets: readonly string[] = []): string {
  const width = Math.max(...packages.map(({ name, version }) => `${name} ${version}`.length));
  const list = packages.map(({ name, version, license }) =>
    `${`${name} ${version}`.padEnd(width)}  ${license}`
  );
  const holders = new Map<string, string[]>();
  for (const { name, version, license, author, notices } of packages) {
    const texts = notices.length > 0 ? notices : [textFor(license, author)];
    for (const text of new Set(texts)) {
      holders.set(text, [...holders.get(text) ?? [], `${name} ${version}`]);
    }
  }
  const texts = [...holders].map(([text, names]) => `${"-".repeat(78)}\n${names.join(", ")}\n\n${text}`);
  const others = assets.map((text) => `${"-".repeat(78)}\n${text}`);
  return `${list.join("\n")}\n\n${[...texts, ...others].join("\n\n")}\n`;
}

/** For packages that state their licence and bring no text. */
function textFor(license: string, author: string): string {
  if (license !== "MIT") return `${license}, by ${author}. The package brings no text of it.`;
  return `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;
}
