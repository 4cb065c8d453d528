const METHODS = ["log", "info", "warn", "error"] as const;

/**
 * How libsignal 6.0.0 begins what it prints about sessions; some of it is followed by a session with its private keys.
 */
const ABOUT_SESSIONS = [
  "Closing session:",
  "Closing open session",
  "Opening session:",
  "Removing old closed session:",
  "Session already closed",
  "Session already open",
  "Migrating session to:",
  "Failed to decrypt message with any known session",
  "Session error:",
  "Decrypted message with closed session",
];

let installed = false;

/**
 * Keeps libsignal from printing Signal sessions, private keys included, to the console. Whatever else is printed
 * passes. Once per process.
 * @see libsignal src/session_record.js, src/session_cipher.js, src/session_builder.js
 */
export function silenceLibsignal(): void {
  if (installed) return;
  installed = true;
  for (const method of METHODS) {
    const print = console[method].bind(console);
    console[method] = (...parts: unknown[]) => {
      if (!isAboutSessions(parts)) print(...parts);
    };
  }
}

function isAboutSessions(parts: readonly unknown[]): boolean {
  const [first] = parts;
  if (typeof first === "string" && ABOUT_SESSIONS.some((start) => first.startsWith(start))) return true;
  return parts.some((part) => typeof part === "object" && part?.constructor?.name === "SessionEntry");
}
