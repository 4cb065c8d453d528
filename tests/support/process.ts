import { until } from "./engine.ts";

/** The gateway as a process of its own, started as `deno task start` starts it. */
export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
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
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-sys=hostname"];

/** The key of the default tenant of gateways started here. */
export const KEY = "key-of-the-tests";

/** Starts a gateway on a free port and waits until it is ready. `KABAR_BINARY` names an executable to use instead. */
export async function startGatewayProcess({ dir, env = {} }: GatewayProcessOptions): Promise<GatewayProcess> {
  const binary = Deno.env.get("KABAR_BINARY");
  const command = new Deno.Command(binary ?? Deno.execPath(), {
    args: binary === undefined ? ["run", "--config", CONFIG, ...PERMISSIONS, MAIN, "serve"] : ["serve"],
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
  const child = command.spawn();
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
      child.kill("SIGKILL");
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
