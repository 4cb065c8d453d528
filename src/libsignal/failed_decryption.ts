import { SessionCipher } from "libsignal";
import { copyOfSession, type SessionEntry } from "./session_entry.ts";

interface Deciphering {
  /** Tries one session after the other; changes the one that fits, and gives it with the plaintext. */
  decryptWithSessions(
    data: Uint8Array,
    sessions: readonly SessionEntry[],
  ): Promise<{ readonly session: SessionEntry; readonly plaintext: Uint8Array }>;
}

let installed = false;

/**
 * Keeps sessions whole that do not fit a message. libsignal moves a session's ratchet on before it knows whether the
 * message was meant for it, and stores what became of it together with the session that did fit; whatever is sent in
 * it from then on, nobody can read. So a message that crosses the first one of a new session makes that session
 * useless. Once per process.
 * @see libsignal src/session_cipher.js, `decryptWithSessions` and `maybeStepRatchet`
 */
export function undoFailedDecryptions(): void {
  if (installed) return;
  installed = true;
  const prototype: unknown = SessionCipher.prototype;
  if (!isDeciphering(prototype)) throw new TypeError("Cannot mend libsignal: it works otherwise by now");
  const decrypt = prototype.decryptWithSessions;
  prototype.decryptWithSessions = async function (data, sessions) {
    if (sessions.length < 2) return await decrypt.call(this, data, sessions); // what fails alone is not stored
    let failure: unknown;
    for (const session of sessions) {
      const before = copyOfSession(session);
      try {
        return await decrypt.call(this, data, [session]);
      } catch (error) {
        failure = error;
        restore(session, before);
      }
    }
    throw failure;
  };
}

function isDeciphering(prototype: unknown): prototype is Deciphering {
  return typeof prototype === "object" && prototype !== null && "decryptWithSessions" in prototype &&
    typeof prototype.decryptWithSessions === "function";
}

function restore(session: SessionEntry, before: SessionEntry): void {
  for (const name of Object.keys(session)) Reflect.deleteProperty(session, name);
  Object.assign(session, before);
}
