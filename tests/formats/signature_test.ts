import { assert, assertEquals, assertFalse } from "@std/assert";
import { hexSignature, hexSignatureMatches } from "../../src/formats/signature.ts";

// RFC 4231, test case 2.
const SECRET = "Jefe";
const BODY = "what do ya want for nothing?";
const DIGEST = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

Deno.test("signature is a lower-case hex HMAC-SHA256", () => {
  assertEquals(hexSignature(SECRET, BODY), DIGEST);
});

Deno.test("signature is the same of text and of its UTF-8 bytes", () => {
  const body = '{"text":"Halo 👋 é"}';

  assertEquals(hexSignature("s", new TextEncoder().encode(body)), hexSignature("s", body));
});

Deno.test("signature uses a secret literally (when it starts with whsec_)", () => {
  assertEquals(
    hexSignature("whsec_c2VjcmV0", "{}"),
    "f2a9d48be51b03e17422a1499a4cdb7f8400afd0aa4cf50f34b9852d223553bb",
  );
});

Deno.test("signature matches in either case", () => {
  assert(hexSignatureMatches(DIGEST, BODY, SECRET));
  assert(hexSignatureMatches(DIGEST.toUpperCase(), BODY, SECRET));
});

Deno.test("signature matches with and without the prefix that may be there", () => {
  const prefix = "sha256=";

  assert(hexSignatureMatches(`sha256=${DIGEST}`, BODY, SECRET, { prefix }));
  assert(hexSignatureMatches(DIGEST, BODY, SECRET, { prefix }));
});

Deno.test("signature does not match with a prefix that nobody expects", () => {
  assertFalse(hexSignatureMatches(`sha256=${DIGEST}`, BODY, SECRET));
});

Deno.test("signature does not match another body, another secret, or a changed digit", () => {
  const changed = DIGEST.replace("5b", "5c");

  assertFalse(hexSignatureMatches(DIGEST, `${BODY} `, SECRET));
  assertFalse(hexSignatureMatches(DIGEST, BODY, "jefe"));
  assertFalse(hexSignatureMatches(changed, BODY, SECRET));
});

Deno.test("signature does not match what is no digest", () => {
  for (
    const given of ["", "zz", DIGEST.slice(2), `${DIGEST}00`, ` ${DIGEST}`, `${DIGEST}\n`, "é".repeat(64)]
  ) {
    assertFalse(hexSignatureMatches(given, BODY, SECRET), given);
  }
});
