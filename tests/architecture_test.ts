import { assert, assertEquals } from "@std/assert";
import { FORMAT_NAMES } from "../src/formats/mod.ts";
import { circlesIn, type SourceFile, sourcesIn } from "./support/source.ts";

/** Known to every room: errors, what is wrong with values, ids, the log's port, spans of time and the version. */
const BASICS = ["errors", "ids", "invalid", "log", "spans", "version"];
/** What a rule of the domain may stand on. */
const DOMAIN = [...BASICS, "async", "events", "json", "net", "publish", "store", "tenants", "whatsapp"];
const ENTRANCE = [
  ...DOMAIN,
  "blasts",
  "devices",
  "formats",
  "insight",
  "listener",
  "media",
  "messages",
  "opt_outs",
  "history",
  "pull",
  "stats",
  "webhooks",
];

/**
 * The rooms of the house, and which others each may import. A room that is not here is a new one: give it a line that
 * says what it may know. An import that is refused points the wrong way: move what is needed to where both may look,
 * or hand it in as a dependency from `app/`.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  // what everybody stands on
  errors: ["invalid"],
  ids: [],
  invalid: [],
  log: [],
  spans: [],
  version: [],
  sha256: [],
  async: BASICS,
  json: BASICS,
  libsignal: [...BASICS, "async", "sha256"],
  net: [...BASICS, "async"],
  listener: [...BASICS, "net"],
  events: [...BASICS, "store"],
  setting_kinds: [],
  config: ["errors", "formats", "ids", "net", "setting_kinds", "webhooks"],
  log_file: ["errors", "async"],
  log_terminal: ["async"],
  logfmt: [],
  logging: ["log_file", "log_terminal", "logfmt"],
  old_runtime: [],
  look: [],
  // what lasts; nothing above it knows which engine runs
  store: [...BASICS, "events"],
  "store/sql": [...BASICS, "async", "events", "store"],
  "store/sqlite": [...BASICS, "async", "events", "store", "store/sql"],
  "store/postgres": [...BASICS, "async", "events", "store", "store/sql"],
  publish: [...BASICS, "events", "ordered_publish", "store"],
  ordered_publish: [...BASICS, "events", "store"],
  queue: [...BASICS, "async"],
  retention: [...BASICS, "async", "store"],
  tenants: [...BASICS, "async", "store"],
  // out: formats are pure, and webhooks know no source
  formats: [...BASICS, "events", "sha256", "store"],
  webhooks: [...BASICS, "async", "events", "formats", "net", "publish", "queue", "store"],
  pull: [...BASICS, "async", "events", "formats", "store"],
  // the line: the port, its adapter behind one door, devices
  whatsapp: [...BASICS, "async", "events", "net", "store"],
  // what WhatsApp sent, redacted: written by the adapter, played by the simulator
  recording: BASICS,
  "whatsapp/baileys": [...BASICS, "async", "events", "libsignal", "net", "recording", "store", "whatsapp"],
  // sessions in threads of their own, behind the same port
  "whatsapp/workers": [...BASICS, "async", "events", "store", "whatsapp"],
  devices: [...BASICS, "async", "events", "net", "store", "whatsapp"],
  // what leaves: messages know no webhooks, no provider and no HTTP
  media: [...BASICS, "async", "devices", "events", "net", "store", "whatsapp"],
  messages: [...DOMAIN, "devices", "media"],
  blasts: [...DOMAIN, "devices", "media", "messages"],
  opt_outs: [...DOMAIN, "devices"],
  history: DOMAIN,
  providers: [...DOMAIN],
  "providers/qiscus": [...DOMAIN, "blasts", "formats", "messages", "providers"],
  "providers/universal": [...DOMAIN, "formats", "providers"],
  // watching
  insight: [...BASICS, "events", "store", "webhooks", "whatsapp"],
  stats: [...BASICS, "async", "events", "store", "webhooks"],
  metrics: [...BASICS, "events", "store", "webhooks"],
  telemetry: [...BASICS, "async", "events", "webhooks"],
  // entrances: they parse, call and answer
  http: [...ENTRANCE, "http/docs", "http/openapi"],
  "http/docs": [...ENTRANCE, "http", "http/openapi", "look"],
  "http/openapi": [...ENTRANCE, "http"],
  "http/shapes": [...ENTRANCE, "http"],
  "http/v1": [...ENTRANCE, "http", "http/shapes"],
  "http/admin": [...ENTRANCE, "http", "http/shapes"],
  "http/account": [...ENTRANCE, "http", "http/shapes"],
  "http/instances": [...ENTRANCE, "http", "http/shapes"],
  "http/blasts": [...ENTRANCE, "http", "http/shapes", "providers/qiscus"],
  "http/receivers": [
    ...ENTRANCE,
    "http",
    "http/shapes",
    "providers",
    "providers/qiscus",
    "providers/universal",
  ],
  "http/cloud": [...ENTRANCE, "http", "http/shapes"],
  "http/mcp": [...ENTRANCE, "http", "http/shapes"],
  dashboard: [...ENTRANCE, "config", "http", "http/openapi", "http/shapes", "look", "metrics"],
  // several gateways on one store
  fleet: [...DOMAIN, "devices", "media", "messages", "webhooks"],
  // a network of its own: it knows nothing of the gateway
  simulator: [...BASICS, "libsignal", "recording"],
};

/** They know the whole; nobody imports them. */
const TOPS = ["app", "cli", "main", "deploy"];

/** Where timers are set without a clock. */
const OWN_TIMERS = [
  "src/async/clock.ts", // the clock
  "src/webhooks/deadlines.ts", // one tick for all attempts in flight, which looks for a held-up event loop
  "src/listener/", // the patience of real sockets
  "src/simulator/", // another party, with its own time
  "src/cli/", // a person waits in front of it
  "src/old_runtime.ts", // mends what Deno's own returns
  "src/ids.ts", // ids sort by the time at which they were made
];

/** Where tests set timers. */
const TEST_TIMERS = [
  "tests/architecture_test.ts", // names them
  "tests/bench/", // a load has its rhythm
  "tests/soak/",
  "tests/e2e/order_kill_test.ts",
  "tests/e2e/crossing_test.ts",
  "tests/e2e/blast_kill_test.ts", // killed at any time
  "tests/e2e/blast_once_kill_test.ts",
  "tests/app/data_lock_test.ts", // another process, which stays alive
  "tests/support/until.ts",
  "tests/support/sessions.ts",
  "tests/support/fleet.ts", // people who write at a rate
  "tests/support/tcp_proxy.ts", // a slow line
  "tests/support/baileys_client.ts",
  "tests/support/manual_clock.ts", // a turn of the event loop
  "tests/support/postgres.ts", // a server that starts
  "tests/support/receiver.ts", // answers late, slowly, or never
  "tests/webhooks/attempt_test.ts", // a kept connection becomes idle, which nothing tells
  "tests/webhooks/deadlines_test.ts", // an event loop that is held up
  "tests/listener/listen_test.ts", // a body that comes in drops
  "tests/whatsapp/baileys/reports_test.ts", // a disk that takes its time
];

const SOURCES = await sourcesIn("src");

Deno.test("house has a line for every room", () => {
  const rooms = new Set(SOURCES.map(({ path }) => roomOf(path)));

  assertEquals([...rooms].filter((room) => !(room in ROOMS) && !TOPS.includes(room)), []);
});

Deno.test("the contributors' guide names every folder of the house", async () => {
  const guide = await Deno.readTextFile(new URL("../.github/CONTRIBUTING.md", import.meta.url));
  const layout = guide.slice(guide.indexOf("```text\nsrc/"));
  const folders = [...Deno.readDirSync(new URL("../src/", import.meta.url))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name);

  assertEquals(folders.filter((name) => !layout.slice(0, layout.indexOf("\n```")).includes(` ${name}/`)), []);
});

Deno.test("house has no import between rooms that points the wrong way", () => {
  const wrong = SOURCES.flatMap(({ path, imports }) =>
    imports.filter((to) => to.startsWith("src/"))
      .filter((to) => roomOf(to) !== roomOf(path) && !mayImport(roomOf(path), roomOf(to)))
      .map((to) => `${path} imports ${to}: "${roomOf(path)}" may not know "${roomOf(to)}"`)
  );

  assertEquals(wrong, []);
});

Deno.test("house has no circle between rooms", () => {
  assertEquals(circlesIn(graphOf(SOURCES, roomOf)), []);
});

Deno.test("house has no circle between files", () => {
  assertEquals(circlesIn(graphOf(SOURCES, (path) => path)), []);
});

Deno.test("only the adapter and the simulated network know Baileys", () => {
  const others = SOURCES.filter(({ packages }) => packages.some((name) => /baileys/i.test(name)))
    .map(({ path }) => path)
    .filter((path) => !path.startsWith("src/whatsapp/baileys/") && !path.startsWith("src/simulator/"));

  assertEquals(others, []);
});

Deno.test("the adapter is loaded by the wiring alone", () => {
  const loading = SOURCES.filter(({ path, imports }) =>
    roomOf(path) !== "whatsapp/baileys" && imports.some((to) => roomOf(to) === "whatsapp/baileys")
  );

  assertEquals(loading.map(({ path }) => roomOf(path)).filter((room) => room !== "app"), []);
});

Deno.test("the environment is read and the process ended in one place", () => {
  const others = SOURCES.filter(({ text }) =>
    /\bDeno\.(env|exit|args)\b|\bprocess\.(env|exit|argv)\b/.test(text)
  )
    .map(({ path }) => path)
    .filter((path) => path !== "src/main.ts" && path !== "src/deploy.ts");

  assertEquals(others, []);
});

Deno.test("time passes by the clock that is handed in", () => {
  const others = SOURCES.filter(({ text }) => /\b(setTimeout|setInterval)\(|\bDate\.now\b/.test(text))
    .map(({ path }) => path)
    .filter((path) => !OWN_TIMERS.some((own) => path.startsWith(own)));

  assertEquals(
    others,
    [],
    "take a `Clock` of async/clock.ts as a dependency, and move it by hand in the test",
  );
});

Deno.test("tests wait for what happens, never for a while", async () => {
  const sleeping = (await sourcesIn("tests")).filter(({ text }) => /\bset(Timeout|Interval)\(/.test(text))
    .map(({ path }) => path)
    .filter((path) => !TEST_TIMERS.some((own) => path.startsWith(own)));

  assertEquals(
    sleeping,
    [],
    "wait for it (`until`), move a clock by hand (`createManualClock`), or prove by a later arrival what does not come",
  );
});

Deno.test("tests say nothing about how quick a machine is", async () => {
  const atMost = /assertLess(OrEqual)?\((performance|Date)\.now|(performance|Date)\.now\(\) - \w+ <=? /;
  const timed = (await sourcesIn("tests")).filter(({ text }) => atMost.test(text)).map(({ path }) => path)
    .filter((path) => !/^tests\/(bench|soak)\//.test(path));

  assertEquals(
    timed,
    [],
    "count what costs the time (statements, reads, timers), or compare it with the plan",
  );
});

Deno.test("HTTP statuses of failures are given in one place", () => {
  const others = SOURCES.filter(({ path }) =>
    !path.startsWith("src/http/") && !path.startsWith("src/dashboard/")
  )
    .filter(({ imports }) => imports.includes("src/http/errors.ts"))
    .map(({ path }) => path)
    .filter((path) => !TOPS.includes(roomOf(path)));

  assertEquals(others, []);
});

Deno.test("every port of the store is in the contract that each engine keeps", async () => {
  const store = SOURCES.find(({ path }) => path === "src/store/store.ts");
  const ports = (store?.imports ?? []).map((path) => path.split("/").at(-1));
  const contract = await Deno.readTextFile(new URL("store/contracts/all.ts", import.meta.url));

  assert(ports.length > 15);
  assertEquals(ports.filter((port) => !contract.includes(`from "./${port}"`)), []);
});

Deno.test("migrations are numbered by their position", async () => {
  const folder = new URL("../src/store/sqlite/migrations/", import.meta.url);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name !== "all.ts")
    .toSorted();
  const all = await Deno.readTextFile(new URL("all.ts", folder));
  const listed = [...all.matchAll(/from "\.\/(\d{4}_[^"]+)"/g)].map(([, name]) => name);

  assertEquals(files.map((name) => Number(name.slice(0, 4))), files.map((_, index) => index + 1));
  assertEquals(listed, files);
});

Deno.test("formats are listed once", () => {
  const names = new RegExp(`"(?:${FORMAT_NAMES.join("|")})"`, "g");
  const lists = SOURCES.filter(({ path }) => path !== "src/formats/mod.ts")
    .filter(({ text }) =>
      text.split(/[\n;]{2,}/).some((part) => new Set(part.match(names)).size === FORMAT_NAMES.length)
    );

  assertEquals(lists.map(({ path }) => path), []);
});

Deno.test("comments fit the line, and stand above something", () => {
  const wide = SOURCES.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) =>
      /^\s*(\*|\/\*\*|\/\/)/.test(line) && line.length > 120 && !/https?:\/\/|deno-lint/.test(line)
        ? [`${path}:${index + 1} has ${line.length} columns; wrap it at 120`]
        : []
    )
  );
  const orphaned = SOURCES.filter(({ text }) => /\*\/\s*(\}\s*)?$/.test(text)).map(({ path }) => path);

  assertEquals(wide, []);
  assertEquals(orphaned, []);
});

/** The folder of a file; a file at the top is a room of its own. */
function roomOf(path: string): string {
  const parts = path.replace(/^src\//, "").replace(/\.tsx?$/, "").split("/");
  const [first, second] = parts;
  const nested = `${first}/${second}`;
  return parts.length > 2 && (nested in ROOMS || /^(http|store|whatsapp|providers)$/.test(first))
    ? nested
    : first;
}

function mayImport(from: string, to: string): boolean {
  if (TOPS.includes(from)) return true;
  return ROOMS[from]?.includes(to) ?? false;
}

function graphOf(
  sources: readonly SourceFile[],
  nodeOf: (path: string) => string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    const node = nodeOf(path);
    const next = graph.get(node) ?? new Set();
    graph.set(node, next);
    for (const to of imports.filter((one) => one.startsWith("src/"))) {
      if (nodeOf(to) !== node) next.add(nodeOf(to));
    }
  }
  return graph;
}
