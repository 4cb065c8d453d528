import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { createAliases } from "../../src/recording/aliases.ts";
import { redactNode, type WireNode } from "../../src/recording/redact.ts";

Deno.test("stanza keeps what the protocol says, and nothing of people", () => {
  const stanza: WireNode = {
    tag: "message",
    attrs: {
      from: "120363123456@g.us",
      participant: "555000111222:7@lid",
      participant_pn: "4917012345678@s.whatsapp.net",
      notify: "Anna Contoh",
      id: "3EB0C0FFEE",
      t: "1900000000",
      type: "media",
      phash: "2:aB3dEf",
      server_id: "12345678",
    },
    content: [
      { tag: "unavailable", attrs: { type: "view_once" } },
      { tag: "device-identity", attrs: {}, content: Buffer.alloc(10) },
      {
        tag: "something_new",
        attrs: { code: "InViTe", peer: "4917012345678" },
        content: Buffer.from("Anna's secret"),
      },
    ],
  };

  const redacted = redactNode(stanza, createAliases({ keepTexts: false }), () => undefined);

  assertEquals(redacted.attrs, {
    from: "120363000000000001@g.us",
    participant: "10000000000001:7@lid",
    participant_pn: "628110000001@s.whatsapp.net",
    notify: "Name 1",
    id: "3EB0C0FFEE",
    t: "1900000000",
    type: "media",
    phash: "redacted",
    server_id: "12345678",
  });
  const [unavailable, unknown, ...none] = redacted.children ?? [];
  assertEquals([unavailable.attrs, none], [{ type: "view_once" }, []]);
  assertEquals(unknown.attrs, { code: "redacted", peer: "628110000001" });
  assertEquals(Buffer.from(unknown.base64 ?? "", "base64").length, "Anna's secret".length);
  assertEquals(JSON.stringify(redacted).includes("Anna"), false);
});

Deno.test("encrypted parts become what stands for them, or are left out", () => {
  const enc = { tag: "enc", attrs: { v: "2", type: "msg" }, content: Buffer.from("x") };
  const stanza = { tag: "message", attrs: {}, content: [enc, { ...enc, attrs: { v: "2", type: "skmsg" } }] };

  const { children } = redactNode(
    stanza,
    createAliases({ keepTexts: false }),
    ({ attrs }) => attrs.type === "msg" ? undefined : { plain: "AA==" },
  );

  assertEquals(children, [{ tag: "enc", attrs: { v: "2", type: "skmsg" }, plain: "AA==" }]);
});
