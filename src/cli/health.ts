import type { Settings } from "../config.ts";
import { localAddress, unreachable } from "./gateway_client.ts";
import { CommandError } from "./verb.ts";

const TIMEOUT_MS = 5_000;

/**
 * Asks the gateway on this machine whether it can take work. Returns the exit code: 0 when it can.
 * @throws {CommandError} If nobody answers.
 */
export async function health(
  settings: Pick<Settings, "HOST" | "PORT">,
  print: (line: string) => void,
): Promise<number> {
  const url = `${localAddress(settings)}/ready`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    print(await response.text());
    return response.ok ? 0 : 1;
  } catch (error) {
    const why = `${unreachable(error)}. HOST and PORT say where the gateway is`;
    throw new CommandError(`Cannot ask ${url}: ${why}`, { cause: error });
  }
}
