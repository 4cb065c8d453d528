import { until } from "./until.ts";
import { watched } from "./watched.ts";

/** The gateway as a process of its own, started as `deno task start` starts it. */
export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Ends it at once (SIGKILL), if it has not ended. */
  kill(): Promise<void>;
  /** Asks it to stop (SIGTERM) and gives its exit code. */
  stop(): Promise<number>;
  /** Its exit code, when it has ended. */
  ended(): Promise<number>;
}

export interface GatewayProcessOptions {
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A module that is run before the gateway's own; not with an executable. */
  readonly preload?: string;
  /** The hard limit of files that it may have open (`ulimit -n`); left out: the machine's. */
  readonly openFiles?: number;
}

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const FLAGS = [
  "--node-modules-dir=manual", // looking at each package's installation takes longer than all else
  "--unstable-lazy-dynamic-imports", // what few need is read when it is needed
  "--v8-flags=--min-semi-space-size=4,--max-semi-space-size=8",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname,osUptime",
];

/** The key of the default tenant of gateways started here. */
export const KEY = "key-of-the-tests";

/** A command of Kabar, with the settings of the tests. `KABAR_BINARY` names an executable to use instead of the source. */
function commandOf(
  args: readonly string[],
  { dir, env = {}, openFiles, preload }: GatewayProcessOptions,
): Deno.Command {
  const binary = Deno.env.get("KABAR_BINARY");
  const before = preload === undefined ? [] : ["--preload", preload];
  const own = binary === undefined
    ? ["run", "--config", CONFIG, ...FLAGS, ...before, MAIN, ...args]
    : [...args];
  const program = binary ?? Deno.execPath();
  const limited = ["-c", `ulimit -n ${openFiles}; exec "$0" "$@"`, program, ...own];
  return new Deno.Command(openFiles === undefined ? program : "sh", {
    args: openFiles === undefined ? own : limited,
    cwd: dir,
    env: {
      HOST: "127.0.0.1",
      PORT: "0",
      API_KEY: KEY,
      DATA_DIR: `${dir}/data`,
      LOG_DIR: `${dir}/logs`,
      WEBHOOK_RETRY_SCALE: "0.01",
      NO_COLOR: "1",
      ...env,
    },
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs a command of Kabar to its end. */
export async function runKabar(args: readonly string[], options: GatewayProcessOptions) {
  const { code, stdout, stderr } = await commandOf(args, options).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A command of Kabar that runs until it is told to stop. */
export type KabarProcess = Omit<GatewayProcess, "url">;

/** Starts a command of Kabar. */
export function startKabar(
  args: readonly string[],
  options: GatewayProcessOptions,
): KabarProcess & { hasEnded(): boolean } {
  const child = commandOf(args, options).spawn();
  const program = watched(child);
  return {
    ...program,
    stop() {
      child.kill("SIGTERM");
      return program.ended();
    },
  };
}

/** Starts a gateway on a free port and waits until it is ready. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const gateway = startKabar(["serve"], options);
  const url = await until(
    () => {
      if (gateway.hasEnded()) throw new Error(`The gateway ended: ${gateway.output()}`);
      return /listens on (\S+)/.exec(gateway.output())?.[1];
    },
    "the gateway's address",
  );
  await until(
    async () => {
      const response = await fetch(`${url}/ready`);
      await response.body?.cancel();
      return response.status === 200;
    },
    "the gateway to be ready",
  );
  return { url, ...gateway };
}

/** Calls a gateway's API, with the default tenant's key where no other is given. */
export async function call(url: string, method: string, path: string, body?: unknown, key = KEY) {
  const response = await fetch(url + path, {
    method,
    headers: { "content-type": "application/json", "x-api-key": key },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape
  const answer: any = await response.json();
  return { status: response.status, body: answer };
}
