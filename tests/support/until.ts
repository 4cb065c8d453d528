/**
 * How long tests wait for what is to happen. Longer than it takes on any machine, a process that starts beside a dozen
 * others included: whoever waits that long waits for what never comes.
 */
export const PATIENCE_MS = 120_000;

/** Waits until `check` gives something; looks every 5 ms. */
export async function until<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
