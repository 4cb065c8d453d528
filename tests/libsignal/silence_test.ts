import { assertEquals } from "@std/assert";
import { silenceLibsignal } from "../../src/libsignal/silence.ts";

class SessionEntry {
  readonly privKey = "secret";
}

Deno.test("console shows everything but what libsignal says of sessions", () => {
  const shown: unknown[][] = [];
  const { info, warn } = console;
  console.info = console.warn = (...parts: unknown[]) => void shown.push(parts);
  try {
    silenceLibsignal();

    console.info("Closing session:", new SessionEntry());
    console.warn("Session already closed", new SessionEntry());
    console.warn(new SessionEntry());
    console.warn("Decrypted message with closed session.");
    console.info("gateway.started", { port: 3000 });
  } finally {
    Object.assign(console, { info, warn });
  }

  assertEquals(shown, [["gateway.started", { port: 3000 }]]);
});
