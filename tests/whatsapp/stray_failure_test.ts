import { assertEquals } from "@std/assert";
import { isOfBaileys } from "../../src/whatsapp/stray_failure.ts";

function failure(stack: string, more: object = {}): Error {
  return Object.assign(new Error("lost"), { stack, ...more });
}

Deno.test("stray failures of Baileys are told from the gateway's own", () => {
  const own = failure("Error: lost\n    at feed (file:///app/src/webhooks/claimed.ts:3:1)");
  const theirs = failure(
    "Error: lost\n    at query (file:///app/node_modules/@whiskeysockets/baileys/lib/x.js:3:1)",
  );
  const boom = failure("Error: Connection Closed\n    at promiseTimeout (file:///b.js:1:1)", {
    isBoom: true,
  });

  assertEquals([own, theirs, boom].map((error) => isOfBaileys(error, true)), [false, true, true]);
});

Deno.test("stray failures in a bundle, whose stacks tell no package, are outlived", () => {
  assertEquals(isOfBaileys(failure("Error: lost\n    at a (file:///kabar.js:1:1)"), false), true);
});
