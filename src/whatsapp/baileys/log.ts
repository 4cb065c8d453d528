import type { UserFacingSocketConfig } from "@whiskeysockets/baileys";
import type { Logger } from "../../log.ts";

type BaileysLogger = NonNullable<UserFacingSocketConfig["logger"]>;

/** What Baileys warns of on every connection, by design of this gateway. */
const EXPECTED: ReadonlySet<string> = new Set([
  "no name present, ignoring presence update request...",
  "stream errored out",
]);

/**
 * Baileys' log as lines of ours: its sentence and the text of an error, nothing else. The objects that it logs hold
 * messages and keys, and its errors keep dead sockets alive.
 */
export function toBaileysLogger(log: Logger, deviceId: string): BaileysLogger {
  const put = (level: "warn" | "debug") => (about: unknown, text?: string) => {
    const said = typeof about === "string" ? about : text ?? "";
    if (EXPECTED.has(said)) return;
    log[level]("baileys.said", { deviceId, said: said.slice(0, 200), ...errorIn(about) });
  };
  const silent = () => {};
  const logger: BaileysLogger = {
    level: "warn",
    child: () => logger,
    trace: silent,
    debug: silent,
    info: silent,
    warn: put("debug"),
    // what fails inside Baileys is repaired inside Baileys, or ends the connection, which is logged
    error: put("warn"),
  };
  return logger;
}

function errorIn(about: unknown): { readonly error?: string } {
  if (typeof about !== "object" || about === null) return {};
  const error: unknown = Reflect.get(about, "err") ?? Reflect.get(about, "error");
  return error instanceof Error ? { error: error.message.slice(0, 200) } : {};
}
