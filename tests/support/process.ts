import { until } from "./engine.ts";

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
}

export interface GatewayProcessOptions {
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
}

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const FLAGS = [
  "--node-modules-dir=manual", // looking at each package's installation takes longer than all else
  "--v8-flags=--max-semi-space-size=8",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname,osUptime",
];

/** The key of the default tenant of gateways started here. */
export const KEY = "key-of-the-tests";

/** A command of Kabar, with the settings of the tests. `KABAR_BINARY` names an executable to use instead of the source. */
function commandOf(args: readonly string[], { dir, env = {} }: GatewayProcessOptions): Deno.Command {
  const binary = Deno.env.get("KABAR_BINARY");
  return new Deno.Command(binary ?? Deno.execPath(), {
    args: binary === undefined ? ["run", "--config", CONFIG, ...FLAGS, MAIN, ...args] : [...args],
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

/** Starts a gateway on a free port and waits until it is ready. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const child = commandOf(["serve"], options).spawn();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  let ended = false;
  void child.status.then(() => ended = true);
  const url = await until(
    () => {
      if (ended) throw new Error(`The gateway ended: ${output}`);
      return /listens on (\S+)/.exec(output)?.[1];
    },
    "the gateway's address",
    30_000,
  );
  await until(
    async () => {
      const response = await fetch(`${url}/ready`);
      await response.body?.cancel();
      return response.status === 200;
    },
    "the gateway to be ready",
    30_000,
  );
  const over = async () => {
    const { code } = await child.status;
    await reading;
    return code;
  };
  return {
    url,
    pid: child.pid,
    output: () => output,
    async kill() {
      if (!ended) child.kill("SIGKILL");
      await over();
    },
    stop() {
      child.kill("SIGTERM");
      return over();
    },
  };
}

/** Calls a gateway's API with the default tenant's key. */
export async function call(url: string, method: string, path: string, body?: unknown) {
  const response = await fetch(url + path, {
    method,
    headers: { "content-type": "application/json", "x-api-key": KEY },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape
  const answer: any = await response.json();
  return { status: response.status, body: answer };
}
