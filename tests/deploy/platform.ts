// Plays Deno Deploy: one program, no flags, nothing that may be written, requests that start it, five seconds to end.
import { systemClock } from "../../src/async/clock.ts";
import { until } from "../support/until.ts";
import { KEY } from "../support/process.ts";
import { watched } from "../support/watched.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const CRON = new URL("./cron_by_signal.ts", import.meta.url).pathname;
/** What a program gets to end once it was asked. The platform gives 5 s; a busy machine takes longer for the same. */
export const PATIENCE_MS = 60_000;

/** The runtime and the file that it runs: what is released, where `.ci/run` has made it, else the source. */
const DENO = Deno.env.get("KABAR_OLD_DENO");
const BUNDLE = Deno.env.get("KABAR_DEPLOY");
const IS_RELEASED = DENO !== undefined && BUNDLE !== undefined;

/** What is tested, for the names of the tests. */
export const TESTED = IS_RELEASED ? "the bundle on the oldest runtime" : "the source";

export interface Instance extends AsyncDisposable {
  readonly url: string;
  /** What it has printed so far. */
  output(): string;
  /** Makes the minute's job run. */
  tick(): void;
  /** Asks it to end; its exit code, or `killed` when it did not end in time. */
  stop(): Promise<number | "killed">;
  kill(): Promise<void>;
}

/** Starts an instance with these settings, and nothing else in its environment. */
export async function startInstance(env: Readonly<Record<string, string>>): Promise<Instance> {
  const permissions = ["--allow-net", "--allow-read", "--allow-env", "--allow-sys"];
  const program = IS_RELEASED
    ? ["run", "--no-config", "--no-prompt", ...permissions, "--preload", CRON, BUNDLE]
    : [
      "run",
      "--config",
      `${ROOT}deno.json`,
      "--node-modules-dir=manual",
      "--no-prompt",
      ...permissions,
      "--preload",
      CRON,
      `${ROOT}src/deploy.ts`,
    ];
  const child = new Deno.Command(IS_RELEASED ? DENO : Deno.execPath(), {
    args: program,
    cwd: "/",
    clearEnv: true,
    env: {
      DENO_DEPLOY: "true",
      DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
      API_KEY: KEY,
      WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8",
      ...env,
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { output, hasEnded, ended, kill } = watched(child);
  const port = await until(
    () =>
      hasEnded() ? Promise.reject(new Error(output())) : /Kabar answers on port (\d+)/.exec(output())?.[1],
    "the instance to listen",
  );
  return {
    url: `http://127.0.0.1:${port}`,
    output,
    tick: () => child.kill("SIGUSR2"),
    async stop() {
      let killed = false;
      const patience = systemClock.after(PATIENCE_MS, () => {
        if (hasEnded()) return;
        killed = true;
        child.kill("SIGKILL");
      });
      child.kill("SIGINT");
      const code = await ended();
      patience.cancel();
      return killed ? "killed" : code;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
