// Blasts in a process of their own, to be killed.
import type { MockQiscus } from "./qiscus.ts";

const PROCESS = new URL("./blast_process.ts", import.meta.url).pathname;

export interface BlastServer {
  readonly url: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/** Starts a process that sends blasts through this Qiscus, a thousand messages a second. */
export async function startBlasting(folder: string, qiscus: MockQiscus): Promise<BlastServer> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", PROCESS, folder, qiscus.url, "1000"],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the process ended before it was ready");
    printed += value;
  }
  return {
    url: printed.trim(),
    async kill() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
