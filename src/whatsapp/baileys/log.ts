import type { UserFacingSocketConfig } from "@whiskeysockets/baileys";
import type { Logger } from "../../log.ts";
import { type ChatSetting, chatSettingIn } from "./chat_settings.ts";

type BaileysLogger = NonNullable<UserFacingSocketConfig["logger"]>;

/** What Baileys warns of on every connection, by design of this gateway. */
const EXPECTED: ReadonlySet<string> = new Set([
  "no name present, ignoring presence update request...",
  "stream errored out",
]);

/**
 * Baileys' log as lines of ours: its sentence and the text of an error, nothing else. The objects that it logs hold
 * messages and keys, and its errors keep dead sockets alive.
 *
 * One line is listened to: that of a chat setting which another device has changed. The event that follows it leaves
 * out until when a chat was read (lib/Utils/chat-utils.js `processSyncAction`).
 */
export function toBaileysLogger(
  log: Logger,
  deviceId: string,
  onChatSetting: (setting: ChatSetting) => void = () => {},
): BaileysLogger {
  const put = (level: "warn" | "debug") => (about: unknown, text?: string) => {
    const said = typeof about === "string" ? about : text ?? "";
    if (EXPECTED.has(said)) return;
    log[level]("baileys.said", { deviceId, said: said.slice(0, 200), ...errorIn(about) });
  };
  const silent = () => {};
  const logger: BaileysLogger = {
    level: "warn",
    child: () => logger,
    trace(about, text) {
      if (text !== "processing sync action") return;
      const setting = chatSettingIn(about);
      if (setting !== undefined) onChatSetting(setting);
    },
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
