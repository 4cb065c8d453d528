import { assertEquals, assertThrows } from "@std/assert";
import { InvalidError } from "../../src/errors.ts";
import { checkSecret, currentSecret, rotated, secretSince } from "../../src/webhooks/secrets.ts";

const at = { now: 1_000, keepMs: 500 };

Deno.test("secrets rotate: the new one first, the old one for a while", () => {
  const secrets = rotated([{ value: "old", expiresAt: null }], "new", at);

  assertEquals(secrets, [{ value: "new", expiresAt: null, createdAt: 1_000 }, {
    value: "old",
    expiresAt: 1_500,
  }]);
});

Deno.test("secrets never live longer than they were to", () => {
  const secrets = rotated(
    [{ value: "b", expiresAt: null }, { value: "a", expiresAt: 1_200 }, { value: "gone", expiresAt: 900 }],
    "c",
    at,
  );

  assertEquals(secrets.map(({ value, expiresAt }) => [value, expiresAt]), [["c", null], ["b", 1_500], [
    "a",
    1_200,
  ]]);
});

Deno.test("secrets that sign already are as old as before", () => {
  const known = [{ value: "a", expiresAt: null, createdAt: 500 }];

  assertEquals(currentSecret("a", known, 1_000), known[0]);
  assertEquals(secretSince({ secrets: rotated(known, "b", at) }), 1_000);
  assertEquals(secretSince({ secrets: [{ value: "a", expiresAt: null }] }), null);
  assertEquals(secretSince({ secrets: [] }), null);
});

Deno.test("secrets are not kept at all when nobody wants them kept", () => {
  const secrets = rotated(
    [{ value: "b", expiresAt: null }, { value: "a", expiresAt: 9_999 }],
    "c",
    { now: 1_000, keepMs: 0 },
  );

  assertEquals(secrets, [{ value: "c", expiresAt: null, createdAt: 1_000 }]);
});

Deno.test("secrets are at most five", () => {
  let secrets: ReturnType<typeof rotated> = [];
  for (const value of "abcdefgh") secrets = rotated(secrets, value, at);

  assertEquals(secrets.map(({ value }) => value), ["h", "g", "f", "e", "d"]);
});

Deno.test("secrets that come again are not twice in the list", () => {
  const secrets = rotated([{ value: "b", expiresAt: null }, { value: "a", expiresAt: 1_400 }], "a", at);

  assertEquals(secrets, [{ value: "a", expiresAt: null, createdAt: 1_000 }, {
    value: "b",
    expiresAt: 1_500,
  }]);
});

for (
  const secret of ["s", "your-webhook-secret-key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a b\tc é 💥"]
) {
  Deno.test(`secret "${secret}" is taken`, () => {
    assertEquals(checkSecret(secret), secret);
  });
}

for (const secret of ["", "x".repeat(257), "whsec_", "whsec_?", "whsec_MfKQ9"]) {
  Deno.test(`secret "${secret.slice(0, 12)}" of ${secret.length} characters is refused`, () => {
    assertThrows(() => checkSecret(secret), InvalidError);
  });
}
