/** A program that a test has started, with what it prints. */
export interface Watched {
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  hasEnded(): boolean;
  /** Its exit code, once it has ended and all that it printed is read. */
  ended(): Promise<number>;
  /** Ends it at once (SIGKILL), if it has not ended. */
  kill(): Promise<void>;
}

/** @param child With `stdout` and `stderr` piped. */
export function watched(child: Deno.ChildProcess): Watched {
  let output = "";
  let hasEnded = false;
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  const status = child.status.then((given) => (hasEnded = true, given));
  const ended = async () => {
    const { code } = await status;
    await reading;
    return code;
  };
  return {
    pid: child.pid,
    output: () => output,
    hasEnded: () => hasEnded,
    ended,
    async kill() {
      if (!hasEnded) child.kill("SIGKILL");
      await ended();
    },
  };
}
