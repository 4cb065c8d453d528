import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { type Asked, fingerprintOf } from "../../src/messages/idempotency.ts";
import { BUDI } from "../support/messaging.ts";

const TEXT: Asked = { deviceId: "device_1", to: BUDI, content: { kind: "text", text: "halo" } };
const UPLOAD = { path: "/tmp/a", sizeBytes: 8, sha256: "aa", fileName: "a.png", mimeType: "image/png" };

function fetched(
  change: { readonly url?: string; readonly field?: string; readonly mimeType?: string } = {},
) {
  const file = { from: "url", url: "https://a.example/a.png", field: "media_url", ...change } as const;
  return { ...TEXT, content: { kind: "image", file, caption: "menu" } } as const;
}

function uploaded(change: Partial<typeof UPLOAD> = {}): Asked {
  const file = { from: "upload", upload: { ...UPLOAD, ...change } } as const;
  return { ...TEXT, content: { kind: "image", file, caption: "menu" } };
}

Deno.test("fingerprint is that of the same request, whatever the order of its fields", () => {
  const turned: Asked = { content: { text: "halo", kind: "text" }, to: BUDI, deviceId: "device_1" };

  assertMatch(fingerprintOf(TEXT), /^[0-9a-f]{64}$/);
  assertEquals(fingerprintOf(turned), fingerprintOf(TEXT));
});

Deno.test("fingerprint is that of the same request, wherever its file was put meanwhile", () => {
  assertEquals(fingerprintOf(uploaded({ path: "/tmp/b" })), fingerprintOf(uploaded()));
  assertEquals(fingerprintOf(fetched({ field: "url" })), fingerprintOf(fetched()));
});

const others: readonly [string, Asked, Asked][] = [
  ["device", TEXT, { ...TEXT, deviceId: "device_2" }],
  ["chat", TEXT, { ...TEXT, to: "628111111111@s.whatsapp.net" }],
  ["text", TEXT, { ...TEXT, content: { kind: "text", text: "other" } }],
  ["quote", TEXT, { ...TEXT, quotedId: "3EB0QUOTED" }],
  ["mention", TEXT, { ...TEXT, mentions: ["628111111111"] }],
  ["URL", fetched(), fetched({ url: "https://a.example/b.png" })],
  ["type of a fetched file", fetched(), fetched({ mimeType: "image/webp" })],
  ["caption", fetched(), { ...TEXT, content: { ...fetched().content, caption: "other" } }],
  ["name", fetched(), { ...TEXT, content: { ...fetched().content, fileName: "b.png" } }],
  ["kind", fetched(), { ...TEXT, content: { ...fetched().content, kind: "document" } }],
  ["length", fetched(), { ...TEXT, content: { ...fetched().content, seconds: 3 } }],
  ["way to be shown", fetched(), { ...TEXT, content: { ...fetched().content, viewOnce: true } }],
  ["source", fetched(), uploaded()],
  ["file's bytes", uploaded(), uploaded({ sha256: "bb" })],
  ["uploaded file's name", uploaded(), uploaded({ fileName: "b.png" })],
];
for (const [what, one, other] of others) {
  Deno.test(`fingerprint differs with another ${what}`, () => {
    assertNotEquals(fingerprintOf(other), fingerprintOf(one));
  });
}
