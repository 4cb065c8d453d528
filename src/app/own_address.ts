import { type Settings, shortKeyIn } from "../config.ts";
import { logOf } from "../log.ts";
import { kindOf } from "../net/addresses.ts";

const log = logOf("gateway");

/** Keys that can be guessed are served to programs on this machine only. */
export function hostnameFor(settings: Settings, print: (line: string) => void): string {
  const setting = shortKeyIn(settings);
  if (setting === undefined) return settings.HOST;
  const hostname = kindOf(settings.HOST === "localhost" ? "127.0.0.1" : settings.HOST) === "loopback" &&
      settings.HOST !== "0.0.0.0" && settings.HOST !== "::"
    ? settings.HOST
    : "127.0.0.1";
  const where = hostname === settings.HOST
    ? ""
    : `, so only ${hostname} is listened on, not ${settings.HOST}`;
  print(`WARNING: ${setting} has fewer than 16 characters and can be guessed${where}`);
  log.warn("gateway.short_key", { setting, hostname });
  return hostname;
}

/** As in a URL; where all addresses are listened on, that of this machine. */
export function reachedAt(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/** Where the gateway itself is reached, as `host:port`. */
export function ownHosts({ APP_URL, HOST }: Settings, port: number | undefined): readonly string[] {
  const hosts = [reachedAt(HOST), "localhost", "127.0.0.1", "[::1]"];
  const own = port === undefined ? [] : hosts.map((host) => `${host}:${port}`);
  const app = APP_URL === undefined ? null : URL.parse(APP_URL);
  if (app === null) return own;
  return [...own, `${app.hostname}:${app.port === "" ? (app.protocol === "https:" ? 443 : 80) : app.port}`];
}
