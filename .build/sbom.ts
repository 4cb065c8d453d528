// What the executable is made of, for programs that look for known weaknesses: `deno task sbom > kabar.cdx.json`.
import { spdxOf } from "./licences.ts";
import { VERSION } from "../src/version.ts";
import { type EmbeddedPackage, embeddedPackages } from "./packages.ts";

/**
 * A software bill of materials. It holds neither a time nor a random number: the same lock file makes the same text.
 * @param denoVersion The base that the program is added to.
 * @see CycloneDX 1.6, JSON
 */
export function sbomOf(packages: readonly EmbeddedPackage[], denoVersion: string) {
  const ref = (name: string, version: string) => `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": "kabar",
        name: "kabar",
        version: VERSION,
        licenses: [{ expression: "MIT AND GPL-3.0-only" }],
      },
    },
    components: [
      {
        type: "platform",
        "bom-ref": "deno",
        name: "deno",
        version: denoVersion,
        purl: `pkg:github/denoland/deno@v${denoVersion}`,
        licenses: [{ license: { id: "MIT" } }],
      },
      ...packages.map(({ name, version, license, sha512 }) => ({
        type: "library",
        "bom-ref": ref(name, version),
        name,
        version,
        purl: ref(name, version),
        licenses: [{ expression: spdxOf(license) }],
        ...(sha512 === undefined ? {} : { hashes: [{ alg: "SHA-512", content: sha512 }] }),
      })),
    ],
  };
}

if (import.meta.main) {
  const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
  console.log(JSON.stringify(sbomOf(await embeddedPackages(root), Deno.version.deno), null, 2));
}
