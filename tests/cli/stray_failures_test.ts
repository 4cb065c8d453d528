import { assertEquals } from "@std/assert";
import { outliveStrayFailures } from "../../src/cli/stray_failures.ts";
import { until } from "../support/until.ts";

/** An error as Baileys makes it. */
function boom(message: string): Error {
  return Object.assign(new Error(message), { isBoom: true });
}

const WAYS: readonly (readonly [string, (error: Error) => void])[] = [
  ["a promise that nobody waits for", (error) => void Promise.reject(error)],
  ["a callback", (error) => queueMicrotask(() => raise(error))],
  ["a listener", (error) => {
    const target = new EventTarget();
    target.addEventListener("told", () => raise(error));
    target.dispatchEvent(new Event("told"));
  }],
];

function raise(error: Error): never {
  throw error;
}

for (const [what, fail] of WAYS) {
  Deno.test(`stray failure of Baileys is outlived, another one ends the process (${what})`, async () => {
    const ends: string[] = [];
    const stop = outliveStrayFailures(({ message }) => ends.push(message));
    try {
      fail(boom("of Baileys"));
      fail(new Error("of our own"));
      await until(() => ends.length > 0, "the end");
    } finally {
      stop();
    }
    assertEquals(ends, ["Cannot go on: something failed that nobody waited for: of our own"]);
  });
}
