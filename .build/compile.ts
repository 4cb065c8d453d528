// Makes the executable: `deno task compile [linux-x64 | linux-arm64 | macos-x64 | macos-arm64 | windows-x64]`.
// Without a target it is for this machine, and lies at dist/kabar.

const TARGETS: Readonly<Record<string, string>> = {
  "linux-x64": "x86_64-unknown-linux-gnu",
  "linux-arm64": "aarch64-unknown-linux-gnu",
  "macos-x64": "x86_64-apple-darwin",
  "macos-arm64": "aarch64-apple-darwin",
  "windows-x64": "x86_64-pc-windows-msvc",
};

/** What the gateway may do: nothing that starts programs or loads native code. */
const PERMISSIONS = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname,osUptime",
];

/** Garbage is collected a little more often: a gateway with twenty sessions takes 50 MB less. */
const ENGINE = "--v8-flags=--max-semi-space-size=8";

/** In parts, so that what few need (Baileys, the simulator) takes no memory until somebody does. */
const BUNDLE = "dist/bundle";

async function deno(...args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...args] }).spawn().status;
  if (code !== 0) Deno.exit(code);
}

/** The engine keeps a script that is all ASCII in half the memory. */
function ascii(script: string): string {
  return script.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const [name] = Deno.args;
if (name !== undefined && TARGETS[name] === undefined) {
  console.error(`Cannot compile for "${name}": it takes ${Object.keys(TARGETS).join(", ")}`);
  Deno.exit(2);
}

await deno(
  "bundle",
  "--quiet",
  "--platform=deno",
  "--minify",
  "--code-splitting",
  `--outdir=${BUNDLE}`,
  "src/main.ts",
);
for await (const { name } of Deno.readDir(BUNDLE)) {
  await Deno.writeTextFile(`${BUNDLE}/${name}`, ascii(await Deno.readTextFile(`${BUNDLE}/${name}`)));
}

const output = name === undefined ? "dist/kabar" : `dist/kabar-${name}`;
await deno(
  "compile",
  "--quiet",
  "--no-config", // the bundle needs no packages beside it
  "--no-check", // it was checked before it was bundled
  "--no-code-cache", // which would be kept in a folder that others can write to
  "--no-prompt",
  "--unstable-kv",
  ENGINE,
  ...PERMISSIONS,
  ...(name === undefined ? [] : [`--target=${TARGETS[name]}`]),
  `--include=${BUNDLE}`,
  `--output=${output}`,
  `${BUNDLE}/main.js`,
);
await Deno.remove(BUNDLE, { recursive: true });
const built = name?.startsWith("windows") || (name === undefined && Deno.build.os === "windows")
  ? `${output}.exe`
  : output;
const { size } = await Deno.stat(built);
console.log(`${built}: ${Math.round(size / 1_000_000)} MB`);
