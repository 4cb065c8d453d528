import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { newSecret, standardSignature } from "../../src/formats/standard_webhooks.ts";

const BODY = '{"text":"Halo 👋 \u2028 </script> é"}';

function headersOf(secrets: readonly string[], body = BODY): Record<string, string> {
  const seconds = Math.floor(Date.now() / 1000);
  return {
    "webhook-id": "evt_01kabar",
    "webhook-timestamp": String(seconds),
    "webhook-signature": standardSignature("evt_01kabar", seconds, body, secrets),
  };
}

Deno.test("standard webhooks sign as the specification's example", () => {
  // The example of the specification's reference libraries.
  const signature = standardSignature(
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1614265330,
    '{"test": 2432232314}',
    ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  );

  assertEquals(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

Deno.test("standard webhooks are verified by the libraries standardwebhooks and svix", () => {
  const secret = newSecret();
  const headers = headersOf([secret]);

  const verified = new StandardWebhook(secret).verify(BODY, headers);
  new SvixWebhook(secret).verify(BODY, headers); // throws unless it is right

  assertEquals(verified, JSON.parse(BODY));
});

Deno.test("standard webhooks are refused by the libraries (when the body was changed)", () => {
  const secret = newSecret();
  const headers = headersOf([secret]);

  assertThrows(() => new StandardWebhook(secret).verify(`${BODY} `, headers));
  assertThrows(() => new SvixWebhook(secret).verify(`${BODY} `, headers));
});

Deno.test("standard webhooks are verified with either secret (when two are valid)", () => {
  const [current, previous] = [newSecret(), newSecret()];
  const headers = headersOf([current, previous]);

  for (const secret of [current, previous]) {
    assertEquals(new StandardWebhook(secret).verify(BODY, headers), JSON.parse(BODY));
  }
});

Deno.test("standard webhooks take the bytes of a secret that has no prefix", () => {
  const secret = "your-webhook-secret-key";
  const headers = headersOf([secret]);

  const verified = new StandardWebhook(new TextEncoder().encode(secret), { format: "raw" })
    .verify(BODY, headers);

  assertEquals(verified, JSON.parse(BODY));
});

Deno.test("standard webhooks keep signing right (when there are more secrets than are kept decoded)", () => {
  const first = newSecret();
  const before = standardSignature("evt_1", 1, BODY, [first]);

  for (let i = 0; i < 5_000; i++) standardSignature("evt_1", 1, "", [`secret-${i}`]);

  assertEquals(standardSignature("evt_1", 1, BODY, [first]), before);
});

Deno.test("new secret is whsec_ and 32 random bytes", () => {
  const fixed = newSecret((bytes) => bytes.fill(0xff));

  assertEquals(fixed, `whsec_${"/".repeat(42)}8=`);
  assertNotEquals(newSecret(), newSecret());
});
