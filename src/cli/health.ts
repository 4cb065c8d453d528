import type { Settings } from "../config.ts";
import { messageOf } from "../errors.ts";

const TIMEOUT_MS = 5_000;
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Asks the gateway on this machine whether it can take work. Returns the exit code: 0 when it can. */
export async function health(
  { HOST, PORT }: Pick<Settings, "HOST" | "PORT">,
  print: (line: string) => void,
): Promise<number> {
  const host = EVERYWHERE.has(HOST) ? "127.0.0.1" : HOST;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${PORT}/ready`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    print(await response.text());
    return response.ok ? 0 : 1;
  } catch (error) {
    print(`Cannot ask ${url}: ${messageOf(error)}`);
    return 1;
  }
}
