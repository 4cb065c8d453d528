/** A child process that printed its port. */
export interface Child {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a script of this folder in a process of its own and waits for the port that it prints. */
export async function startChild(script: string, args: readonly string[] = []): Promise<Child> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL(script, import.meta.url).pathname, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return {
    port: Number((value ?? "").split("\n")[0]),
    async stop() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
