/** A child process that printed its port. */
export interface Child {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
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
  const port = Number((value ?? "").split("\n")[0]);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    async stop() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

/** What a process keeps in memory, in MB; Linux only, 0 elsewhere. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

const TICK_US = 10_000;

/** The CPU time that a process has used so far, in µs, to 10 ms; Linux only, NaN elsewhere. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Adds up the CPU time that a process uses for some work: what a busy machine distorts least. */
export class CpuPerPiece {
  #us = 0;
  #pieces = 0;

  constructor(readonly pid: number) {}

  /** Runs work that does so many pieces. */
  async during<T>(pieces: number, work: () => Promise<T>): Promise<T> {
    const before = await cpuOf(this.pid);
    const result = await work();
    this.#us += await cpuOf(this.pid) - before;
    this.#pieces += pieces;
    return result;
  }

  /** In µs. */
  get each(): number {
    return this.#us / this.#pieces;
  }
}

/** As a part of what was measured. */
export function cpuShown(ours: CpuPerPiece, bare: CpuPerPiece): string {
  return `${Math.round(ours.each)} against ${Math.round(bare.each)} µs CPU each`;
}

/** Asks a child for JSON. */
export async function ask<T>(url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`Cannot ask ${url}: ${response.status} ${await response.text()}`);
  return await response.json();
}
