import {
  configure,
  dispose,
  getConsoleSink,
  getLogfmtFormatter,
  getTextFormatter,
  type Sink,
  withFilter,
} from "@logtape/logtape";
import { LogFile } from "./log_file.ts";

export interface LoggingSettings {
  /** Folder of `combined.log` and `app.log`; both hold every line. */
  readonly dir: string;
  readonly level: "debug" | "info" | "warning" | "error";
  /** Lines of at least this importance go to the terminal too. */
  readonly consoleLevel: "info" | "warning" | "error";
}

const FILE_BYTES = 10 * 1024 * 1024;
const FILES_KEPT = 5;

/** Directs all logging: two rotated files, and the terminal. Returns what flushes and closes them. */
export async function startLogging(
  { dir, level, consoleLevel }: LoggingSettings,
): Promise<() => Promise<void>> {
  await Deno.mkdir(dir, { recursive: true });
  const options = { maxBytes: FILE_BYTES, kept: FILES_KEPT, onFailure: tellOnTerminal };
  const files = ["combined.log", "app.log"].map((name) => new LogFile(`${dir}/${name}`, options));
  await configure({
    reset: true,
    sinks: {
      files: sinkTo(files),
      terminal: withFilter(
        getConsoleSink({ formatter: getTextFormatter({ timestamp: "time" }) }),
        consoleLevel,
      ),
    },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["terminal"] },
      { category: "kabar", lowestLevel: level, sinks: ["files", "terminal"] },
    ],
  });
  return async () => {
    await dispose();
    for (const file of files) file.close();
  };
}

/** Both files get the same lines. */
function sinkTo(files: readonly LogFile[]): Sink {
  const format = getLogfmtFormatter();
  return (record) => {
    const line = format(record);
    for (const file of files) file.write(line);
  };
}

/** What goes wrong with the log files cannot be told in them. */
function tellOnTerminal(message: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
}
