import { getRotatingFileSink } from "@logtape/file";
import {
  configure,
  dispose,
  getConsoleSink,
  getLogfmtFormatter,
  getTextFormatter,
  type LogRecord,
  type TextFormatter,
  withFilter,
} from "@logtape/logtape";

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
  const formatter = formatOnce(getLogfmtFormatter());
  const file = (name: string) =>
    getRotatingFileSink(`${dir}/${name}`, {
      formatter,
      maxSize: FILE_BYTES,
      maxFiles: FILES_KEPT,
      flushInterval: 200,
      nonBlocking: true,
    });
  await configure({
    reset: true,
    sinks: {
      combined: file("combined.log"),
      app: file("app.log"),
      terminal: withFilter(
        getConsoleSink({ formatter: getTextFormatter({ timestamp: "time" }) }),
        consoleLevel,
      ),
    },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["terminal"] },
      { category: "kabar", lowestLevel: level, sinks: ["combined", "app", "terminal"] },
    ],
  });
  return dispose;
}

/** Two files get the same lines: the second asks for what was just made. */
function formatOnce(format: TextFormatter): TextFormatter {
  let last: LogRecord | undefined;
  let text = "";
  return (record) => {
    if (record !== last) {
      text = format(record);
      last = record;
    }
    return text;
  };
}
