import { configure, dispose, type LogLevel, type Sink } from "@logtape/logtape";
import { LogFile } from "./log_file.ts";
import { LogTerminal } from "./log_terminal.ts";
import { logfmt } from "./logfmt.ts";

type Level = "debug" | "info" | "warning" | "error";

export interface LoggingSettings {
  /** Folder of `combined.log` and `app.log`; both hold every line. Undefined: there is no disk. */
  readonly dir: string | undefined;
  readonly level: Level;
  /** Least important lines that go to the terminal too; left out: those that go to the files. */
  readonly terminalLevel?: Level;
}

const FILE_BYTES = 10 * 1024 * 1024;
const FILES_KEPT = 5;
const AT_ONCE: ReadonlySet<LogLevel> = new Set(["warning", "error", "fatal"]);

/**
 * Directs all logging: two rotated files, and the terminal (stderr), which is all that a container shows. The lines are
 * the same everywhere. Returns what flushes and closes them.
 */
export async function startLogging(
  { dir, level, terminalLevel = level }: LoggingSettings,
): Promise<() => Promise<void>> {
  if (dir !== undefined) await Deno.mkdir(dir, { recursive: true, mode: 0o700 }); // the lines name devices, URLs and what receivers answer
  const terminal = new LogTerminal((bytes) => Deno.stderr.writeSync(bytes));
  const options = {
    maxBytes: FILE_BYTES,
    kept: FILES_KEPT,
    onFailure: (message: string) => terminal.write(`${message}\n`, true), // the files cannot tell it
  };
  const names = dir === undefined ? [] : ["combined.log", "app.log"];
  const files = names.map((name) => new LogFile(`${dir}/${name}`, options));
  const shown = new Set(LEVELS.slice(LEVELS.indexOf(terminalLevel)));
  await configure({
    reset: true,
    sinks: {
      all: sinkTo(files, terminal, shown),
      terminal: sinkTo([], terminal, shown),
    },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["terminal"] },
      { category: "kabar", lowestLevel: level, sinks: ["all"] },
    ],
  });
  return async () => {
    await dispose();
    for (const file of files) file.close();
    terminal.close();
  };
}

const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warning", "error", "fatal"];

/** A line is written out once, for the files and the terminal. */
function sinkTo(files: readonly LogFile[], terminal: LogTerminal, shown: ReadonlySet<LogLevel>): Sink {
  return (record) => {
    const line = logfmt(record);
    for (const file of files) file.write(line);
    if (shown.has(record.level)) terminal.write(line, AT_ONCE.has(record.level));
  };
}
