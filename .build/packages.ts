// The npm packages that are inside the executable: those that `src` imports, and what these need, from the lock file.

/** One package inside the executable. */
export interface EmbeddedPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json states it: an SPDX expression, or empty when it states none. */
  readonly license: string;
  readonly author: string;
  /** SHA-512 of its archive, in hex. Undefined for what is no archive but a folder of ours. */
  readonly sha512: string | undefined;
  /** Texts of its licence and notice files, in the order of their names. */
  readonly notices: readonly string[];
}

interface LockedPackage {
  readonly integrity?: string;
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

/** Also of what others have bundled into a package's own file. */
const NOTICE_FILE = /^(licen[cs]e|copying|notice)([-.].+)?$|\bbundle\.js\.license\.txt$/i;

/** Stands in for a native library that is never loaded; it holds no code of others. */
const OUR_OWN: ReadonlySet<string> = new Set(["sharp"]);

/**
 * All packages that an executable made of `root` holds, sorted by name.
 * Whether a bundler leaves parts of a package out does not matter here: the list is rather too long than too short.
 * @param root The repository's folder, with its packages installed.
 * @throws {Error} If an import or a dependency is not in the lock file.
 */
export async function embeddedPackages(root: string): Promise<readonly EmbeddedPackage[]> {
  const { imports } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`)) as {
    imports: Readonly<Record<string, string>>;
  };
  const lock = JSON.parse(await Deno.readTextFile(`${root}/deno.lock`)) as Lock;
  const keys = lockKeys(lock);
  const waiting = [...await importedBy(`${root}/src`, imports)].map((specifier) => {
    const locked = lock.specifiers[specifier];
    const [, name] = /^npm:(@?[^@]+)@/.exec(specifier) ?? [];
    if (locked === undefined || name === undefined) throw new Error(`deno.lock does not hold ${specifier}`);
    return `${name}@${locked}`;
  });
  const found = new Set<string>();
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (found.has(key)) continue;
    found.add(key);
    const { dependencies = [], optionalDependencies = [] } = lock.npm[key] ?? {};
    for (const wanted of [...dependencies, ...optionalDependencies]) {
      const next = keys.get(wanted);
      if (next === undefined) throw new Error(`deno.lock does not hold ${wanted}, which ${key} needs`);
      waiting.push(next);
    }
  }
  const embedded = [...found].filter((key) => {
    const { name } = partsOf(key);
    return !OUR_OWN.has(name) && !name.startsWith("@types/");
  });
  const packages = await Promise.all(embedded.map((key) => described(root, key, lock.npm[key] ?? {})));
  return packages.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1);
}

/** The lock names a dependency without its version where there is only one. */
function lockKeys({ npm }: Lock): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const key of Object.keys(npm)) {
    const { name, version } = partsOf(key);
    keys.set(name, key).set(`${name}@${version}`, key);
  }
  for (const key of Object.keys(npm)) keys.set(key, key);
  return keys;
}

/** Parts a key such as `@hono/zod-openapi@1.6.3_hono@4.13.19`; what follows `_` are the peers it was installed with. */
function partsOf(key: string): { readonly name: string; readonly version: string } {
  const at = key.indexOf("@", 1);
  return { name: key.slice(0, at), version: key.slice(at + 1).split("_")[0] };
}

/** The packages that are named in imports below a folder, as the import map resolves them: `npm:name@version`. */
async function importedBy(folder: string, imports: Readonly<Record<string, string>>): Promise<Set<string>> {
  const used = new Set<string>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      for (const specifier of await importedBy(`${folder}/${name}`, imports)) used.add(specifier);
      continue;
    }
    if (!/\.tsx?$/.test(name)) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)) {
      const target = imports[specifier] ??
        Object.entries(imports).find(([key]) => key.endsWith("/") && specifier.startsWith(key))?.[1];
      const [, named] = /^npm:\/?(@?[^@]+@[^/]+)/.exec(target ?? "") ?? [];
      if (named !== undefined) used.add(`npm:${named}`);
    }
    if (name.endsWith(".tsx")) { // the compiler adds this import
      for (const [key, target] of Object.entries(imports)) if (key === "@hono/hono") used.add(target);
    }
  }
  return used;
}

/** Notices of what lies among our own files without being a package: icons, letters. */
export async function assetNotices(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await assetNotices(path));
    else if (name === "NOTICE.txt") found.push((await Deno.readTextFile(path)).trim());
  }
  return found;
}

async function described(root: string, key: string, { integrity }: LockedPackage): Promise<EmbeddedPackage> {
  const { name, version } = partsOf(key);
  const folder = `${root}/node_modules/.deno/${name.replaceAll("/", "+")}@${version}/node_modules/${name}`;
  const { license, author } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`)) as {
    license?: string | { readonly type?: string };
    author?: string | { readonly name?: string };
  };
  const files = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name);
  return {
    name,
    version,
    license: (typeof license === "object" ? license.type : license) ?? "",
    author: (typeof author === "object" ? author.name : author) ?? "its authors",
    sha512: integrity === undefined ? undefined : hexOf(integrity),
    notices: await Promise.all(
      files.filter((file) => NOTICE_FILE.test(file)).sort().map(async (file) =>
        (await Deno.readTextFile(`${folder}/${file}`)).replaceAll("\r\n", "\n").trim()
      ),
    ),
  };
}

/** The lock's `sha512-<base64>` in hex. */
function hexOf(integrity: string): string | undefined {
  const [, base64] = /^sha512-(.+)$/.exec(integrity) ?? [];
  if (base64 === undefined) return undefined;
  return Uint8Array.fromBase64(base64).toHex();
}
