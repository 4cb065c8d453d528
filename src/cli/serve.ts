import { startGateway } from "../app/gateway.ts";
import type { Settings } from "../config.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { startLogging } from "../logging.ts";
import { outliveStrayFailures } from "./stray_failures.ts";

const log = logOf("gateway");

/** How a command speaks, and how it learns that it should stop. */
export interface Terminal {
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Runs the gateway until it is asked to stop.
 * @throws {Error} If it cannot go on: whoever supervises the process starts it again.
 */
export async function serve(settings: Settings, { signal, print }: Terminal): Promise<void> {
  const stopLogging = await startLogging({
    dir: settings.LOG_DIR,
    level: settings.LOG_LEVEL,
  });
  await giveUpRights();
  const stray = Promise.withResolvers<Error>();
  const endOutliving = outliveStrayFailures(stray.resolve);
  try {
    const gateway = await startGateway(settings, {
      print,
      onQr: (deviceId, code) => showQr(deviceId, code, print),
    });
    print(`Kabar listens on ${gateway.url}`);
    const failure = await Promise.race([aborted(signal), gateway.failed, stray.promise]);
    if (failure !== undefined) log.error("gateway.failed", { error: messageOf(failure) });
    await gateway.stop();
    if (failure !== undefined) throw failure;
  } finally {
    endOutliving();
    await stopLogging();
  }
}

/**
 * What the gateway never does, nothing in it shall be able to do: start programs, load libraries, run code from the
 * network. Deno gives a right up as a whole only, so files are narrowed by whoever starts it.
 */
async function giveUpRights(): Promise<void> {
  for (const name of ["run", "ffi", "import"] as const) await Deno.permissions.revoke({ name });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Draws a QR code, for those who sit at the terminal. */
function showQr(deviceId: string, code: string, print: (line: string) => void): void {
  import("./qr.ts").then(({ drawnQr }) => drawnQr(code)).then(
    (drawn) => print(`Scan this with WhatsApp (Linked devices) to link ${deviceId}:\n${drawn}`),
    (error: unknown) => log.warn("qr.not_drawn", { device: deviceId, error: messageOf(error) }),
  );
}
