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

/**
 * Garbage is collected a little more often: a gateway with twenty sessions takes 50 MB less. Not as often as V8 likes at
 * first: each start would spend a twelfth of its time on it.
 */
const ENGINE = "--v8-flags=--min-semi-space-size=4,--max-semi-space-size=8";

/** The program, and what its workers begin with. */
const ENTRIES = ["src/main.ts", "src/app/session_worker.ts"];

/** Where the executable goes. */
const DIST = Deno.env.get("DIST") ?? "dist";

/** Another Deno that makes the executable from the bundle, where its base is at hand and this one's is not. */
const compiler = Deno.env.get("DENO_COMPILER") ?? Deno.execPath();

/** The engine keeps a script that is all ASCII in half the memory. */
function ascii(script: string): string {
  return script.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Runs a Deno. What it complains about is printed, and thrown as the error's message. */
async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdout: "inherit",
    stderr: "piped",
  }).output();
  await Deno.stderr.write(stderr);
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

/** In parts, so that what few need (Baileys, the simulator) takes no memory until somebody does. */
async function bundle(to: string): Promise<void> {
  const options = ["--quiet", "--platform=deno", "--minify", "--code-splitting", `--outdir=${to}`];
  await run(Deno.execPath(), "bundle", ...options, ...ENTRIES);
  await inAscii(to);
}

/** Rewrites every script of a folder, and of those in it. */
async function inAscii(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await inAscii(path);
    else await Deno.writeTextFile(path, ascii(await Deno.readTextFile(path)));
  }
}

async function compile(from: string, output: string, target: string | undefined): Promise<void> {
  await run(
    compiler,
    "compile",
    "--quiet",
    "--no-config", // the bundle needs no packages beside it
    "--no-check", // it was checked before it was bundled
    "--no-code-cache", // which would be kept in a folder that others can write to
    "--no-prompt",
    "--unstable-kv",
    ENGINE,
    ...PERMISSIONS,
    ...(target === undefined ? [] : [`--target=${TARGETS[target]}`]),
    `--include=${from}`,
    `--output=${output}`,
    `${from}/main.js`,
  );
}

/** What `deno compile` needs from elsewhere. */
function aboutTheBase(target: string | undefined): string {
  return `
Cannot make the executable: \`deno compile\` adds the program to a base of its own very version ("denort" ${Deno.version.deno},
${TARGETS[target ?? ""] ?? Deno.build.target}), which could not be had. Either
  - let this machine reach https://dl.deno.land, from where it is downloaded once and kept, or
  - get denort-${
    TARGETS[target ?? ""] ?? Deno.build.target
  }.zip of release v${Deno.version.deno} on another machine, unpack it,
    and name the file: DENORT_BIN=/path/to/denort deno task compile${
    target === undefined ? "" : ` ${target}`
  }, or
  - run without an executable: deno task start
Nothing was left in ${DIST}/.`;
}

/** Makes the executable in a folder of its own, so that a failure leaves nothing that looks like one. */
async function build(target: string | undefined): Promise<string> {
  const distWasThere = await Deno.stat(DIST).then(() => true, () => false);
  await Deno.mkdir(DIST, { recursive: true });
  const work = `${DIST}/.compile-${target ?? "here"}`; // the executable keeps this name: the same one each time
  await Deno.remove(work, { recursive: true }).catch(() => {}); // of a build that was killed
  await Deno.mkdir(work);
  const suffix = target?.startsWith("windows") || (target === undefined && Deno.build.os === "windows")
    ? ".exe"
    : "";
  const output = `${DIST}/kabar${target === undefined ? "" : `-${target}`}${suffix}`;
  let done = false;
  try {
    await bundle(`${work}/bundle`);
    await compile(`${work}/bundle`, `${work}/kabar${suffix}`, target);
    await Deno.rename(`${work}/kabar${suffix}`, output);
    done = true;
    return output;
  } finally {
    await Deno.remove(work, { recursive: true });
    if (!done && !distWasThere) await Deno.remove(DIST);
  }
}

const [target] = Deno.args;
if (target !== undefined && TARGETS[target] === undefined) {
  console.error(`Cannot compile for "${target}": it takes ${Object.keys(TARGETS).join(", ")}`);
  Deno.exit(2);
}
try {
  const output = await build(target);
  const { size } = await Deno.stat(output);
  console.log(`${output}: ${Math.round(size / 1_000_000)} MB`);
} catch (error) {
  const complaint = error instanceof Error ? error.message : String(error);
  if (/denort|dl\.deno\.land|download/i.test(complaint)) console.error(aboutTheBase(target));
  Deno.exit(1);
}
