// libsignal 6.0.0 prints whole Signal sessions, private keys included, through console. Tests stay readable.

const CHATTER = /^(Closing|Opening|Removing|Session|Failed to decrypt|Decrypted|Migrating)/;

/**
 * Swallows what libsignal prints.
 * @returns How often it printed a whole session so far.
 */
export function quietLibsignal(): () => number {
  let dumps = 0;
  for (const level of ["info", "warn", "error", "log"] as const) {
    const print = console[level].bind(console);
    console[level] = (...parts: unknown[]) => {
      if (parts.some((part) => part?.constructor?.name === "SessionEntry")) dumps++;
      else if (!CHATTER.test(String(parts[0]))) print(...parts);
    };
  }
  return () => dumps;
}
