import { startGateway } from "../app.ts";
import type { Settings } from "../config.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { startLogging } from "../logging.ts";
import { drawnQr } from "./qr.ts";
import { outliveStrayFailures } from "./stray_failures.ts";

const log = logOf("gateway");

/** How a command speaks, and how it learns that it should stop. */
export interface Terminal {
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Runs the gateway until it is asked to stop. */
export async function serve(settings: Settings, { signal, print }: Terminal): Promise<void> {
  const stopLogging = await startLogging({
    dir: settings.LOG_DIR,
    level: settings.LOG_LEVEL,
    consoleLevel: "warning",
  });
  const endOutliving = outliveStrayFailures();
  try {
    const gateway = await startGateway(settings, {
      print,
      onQr: (deviceId, code) => showQr(deviceId, code, print),
    });
    print(`Kabar listens on ${gateway.url}`);
    await aborted(signal);
    await gateway.stop();
  } finally {
    endOutliving();
    await stopLogging();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Draws a QR code, for those who sit at the terminal. */
function showQr(deviceId: string, code: string, print: (line: string) => void): void {
  drawnQr(code).then(
    (drawn) => print(`Scan this with WhatsApp (Linked devices) to link ${deviceId}:\n${drawn}`),
    (error: unknown) => log.warn("qr.not_drawn", { device: deviceId, error: messageOf(error) }),
  );
}
