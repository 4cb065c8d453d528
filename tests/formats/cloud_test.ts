import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import { EXAMPLES } from "../../src/events/examples/mod.ts";
import type { KabarEvent } from "../../src/events/event.ts";
import { subscribedNames } from "../../src/events/topics.ts";
import { cloud } from "../../src/formats/cloud.ts";
import { requestFor } from "../../src/formats/request.ts";
import { ANY_EVENT } from "../support/arbitrary_events.ts";
import { aGroup, anEvent, aPerson, aText, aWebhook } from "../support/events.ts";

type Json = Readonly<Record<string, unknown>>;
interface Value {
  readonly metadata: { readonly display_phone_number: string; readonly phone_number_id: string };
  readonly contacts?: readonly (Json & { readonly profile: Json; readonly user_id: string })[];
  readonly messages?:
    readonly (Json & { readonly id: string; readonly type: string; readonly timestamp: string })[];
  readonly statuses?: readonly (Json & { readonly id: string; readonly timestamp: string })[];
  readonly message_echoes?: readonly Json[];
}

const ME = "628999000111@s.whatsapp.net";
const ANNA = { ...aPerson("628111222333", "Anna é"), lid: "200111222333@lid" };
const IN_CHAT = { ...aText("halo"), from: ANNA, chat: { kind: "person", jid: ANNA.pn! }, me: ME } as const;

function valueOf(event: KabarEvent, name = cloud.says(event)[0]!): Value {
  return JSON.parse(cloud.render(event, name)).entry[0].changes[0].value;
}

/** Every value within, with its key. */
function walk(value: unknown, visit: (value: unknown, key: string) => void, key = ""): void {
  visit(value, key);
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) walk(inner, visit, Array.isArray(value) ? key : name);
}

function forEvery(check: (value: Value, event: KabarEvent, name: string, body: string) => void): void {
  fc.assert(
    fc.property(ANY_EVENT, (event) => {
      if (event.type === "custom") return;
      for (const name of cloud.says(event)) {
        const body = cloud.render(event, name);
        check(JSON.parse(body).entry[0].changes[0].value, event, name, body);
      }
    }),
    { numRuns: 2_000 },
  );
}

Deno.test("cloud writes ASCII only, and signs the bytes that it sends", () => {
  const event = anEvent("message.received", { ...IN_CHAT, content: { kind: "text", text: "é ✓ 😀" } });
  const webhook = aWebhook({ format: "cloud", secrets: [{ value: "app-secret", expiresAt: null }] });

  const request = requestFor({ event, name: "messages", webhook, deliveryId: "dlv_1", attempt: 1, at: 0 });

  const hex = createHmac("sha256", "app-secret").update(request.body).digest("hex");
  assertEquals(request.headers["X-Hub-Signature-256"], `sha256=${hex}`);
  assert(request.body.includes("\\u00e9 \\u2713 \\ud83d\\ude00"), request.body);
  forEvery((_value, _event, _name, body) => assert(/^[\0-\x7e]*$/.test(body)));
});

Deno.test("cloud has one message or status in each request, and no empty list and no null", () => {
  forEvery((value) => {
    walk(value, (inner, key) => {
      assert(inner !== null, key);
      if (Array.isArray(inner) && key !== "product_items") assert(inner.length > 0, `${key} is empty`);
    });
    assert((value.messages?.length ?? 0) + (value.statuses?.length ?? 0) <= 1);
  });
});

Deno.test("cloud always names the other person, with a name and a user id", () => {
  forEvery(({ contacts, messages, statuses }) => {
    if (messages === undefined && statuses === undefined) return;
    assertEquals(typeof contacts![0]!.profile.name, "string");
    assert(/^ZZ\.\d+$/.test(contacts![0]!.user_id) || contacts![0]!.user_id === "ZZ.", contacts![0]!.user_id);
  });
});

Deno.test("cloud writes times and ids as strings, and numbers where Meta has numbers", () => {
  const NUMBERS = ["latitude", "longitude", "code", "quantity", "item_price"];
  forEvery((value) => {
    walk(value, (inner, key) => {
      if (typeof inner === "number") assert(NUMBERS.includes(key), `${key} is a number`);
    });
    for (const { id, timestamp } of [...value.messages ?? [], ...value.statuses ?? []]) {
      assert(/^\d+$/.test(timestamp) && id.startsWith("wamid."));
    }
  });
});

Deno.test("cloud gives `*` only what every receiver takes; the rest goes to those who ask by name", () => {
  const strict = new Set(["text", "image", "video", "audio", "document", "sticker", "location", "contacts"]
    .concat(["interactive", "button", "reaction", "unsupported"]));
  for (const { event, kind } of EXAMPLES) {
    for (const name of subscribedNames(["*"], cloud.says(event), cloud.onRequest)) {
      if (name === "test" || event.type === "custom") continue;
      const { messages, statuses } = valueOf(event, name);

      if (messages !== undefined) assert(strict.has(messages[0]!.type), `${event.type} ${kind}`);
      else assert(["sent", "delivered", "read", "failed"].includes(String(statuses![0]!.status)), kind);
    }
  }
});

Deno.test("cloud never says a message of ours, or of a group, as a customer's", () => {
  const own = anEvent("message.received", { ...IN_CHAT, from: { pn: ME, lid: null }, fromMe: true });
  const inGroup = anEvent("message.received", { ...IN_CHAT, chat: aGroup() });

  for (const event of [own, inGroup]) {
    assertEquals(subscribedNames(["*"], cloud.says(event), cloud.onRequest), []);
  }
  assertEquals(subscribedNames(["smb_message_echoes"], cloud.says(own), cloud.onRequest), [
    "smb_message_echoes",
  ]);
  assertEquals(valueOf(own).message_echoes?.[0]?.to, "628111222333");
  assertEquals(valueOf(inGroup).messages?.[0]?.group_id, aGroup().jid);
});

Deno.test("cloud leaves the number out of a person who is known by LID only", () => {
  const from = { pn: null, lid: "200111222333@lid", pushName: "Anna" };
  const event = anEvent("message.received", { ...IN_CHAT, from, chat: { kind: "person", jid: from.lid } });

  const { contacts, messages } = valueOf(event);

  assertFalse("from" in messages![0]! || "wa_id" in contacts![0]!);
  assertEquals([messages![0]!.from_user_id, contacts![0]!.user_id], ["ZZ.200111222333", "ZZ.200111222333"]);
});

Deno.test("cloud gives media digits for an id and a Base64 digest", () => {
  const media = { mediaId: "media_1", mimeType: "image/png", sha256: "00ff".repeat(16) };
  const { messages } = valueOf(
    anEvent("message.received", { ...IN_CHAT, content: { kind: "image", media } }),
  );

  const { id, sha256 } = messages![0]!.image as { readonly id: string; readonly sha256: string };
  assert(/^\d+$/.test(id), id);
  assertEquals(atob(sha256).length, 32);
});

Deno.test("cloud gives the names of a contact without the backslashes of its card", () => {
  const vcard = [
    "BEGIN:VCARD",
    "N:Wijaya\\; Tbk\\, PT;Dr. Budi\\, S.H.;;;",
    "FN:Dr. Budi Wijaya\\, S.H.\\\\M.H.",
    "TEL;type=CELL;waid=628111222333:+62 811",
    "END:VCARD",
  ].join("\n");
  const contacts = [{ displayName: "Budi", vcard }];

  const { messages } = valueOf(
    anEvent("message.received", { ...IN_CHAT, content: { kind: "contact", contacts } }),
  );

  const [{ name }] = messages![0]!.contacts as readonly [{ readonly name: Json }];
  assertEquals(name, {
    formatted_name: "Dr. Budi Wijaya, S.H.\\M.H.",
    first_name: "Dr. Budi, S.H.",
    last_name: "Wijaya; Tbk, PT",
  });
});

Deno.test("cloud names the number by its digits, as the sender of messages does", () => {
  const { metadata } = valueOf(anEvent("message.received", IN_CHAT));

  assertEquals(metadata, { display_phone_number: "628999000111", phone_number_id: "628999000111" });
});

Deno.test("cloud tells a choice in a poll of ours as a tap on a button, and other votes as unsupported", () => {
  const vote = { kind: "poll_vote", pollMessageId: "3EB0P", options: ["Ya"], targetFromMe: true } as const;
  const told = (changes: Partial<typeof vote> | { readonly options: readonly string[] }) =>
    valueOf(anEvent("message.received", { ...IN_CHAT, content: { ...vote, ...changes } })).messages![0]!;

  const tap = told({});

  assertEquals(tap.interactive, { type: "button_reply", button_reply: { id: "Ya", title: "Ya" } });
  assertEquals(tap.context, { from: "628999000111", id: "wamid.3EB0P" });
  assertEquals([told({ options: [] }).type, told({ options: ["Ya", "Tidak"] }).type], [
    "unsupported",
    "unsupported",
  ]);
});

Deno.test("cloud tells why a message failed in Meta's codes", () => {
  const failed = (
    reason: { readonly code: number | null; readonly message: string; readonly reason?: string },
  ) =>
    valueOf(anEvent("message.status", {
      messageId: "msg_1",
      waMessageId: "3EB0",
      chat: IN_CHAT.chat,
      me: ME,
      status: "failed",
      statusAt: 1,
      reason,
    })).statuses![0]!.errors as readonly { readonly code: number }[];

  const codes = [
    failed({ code: null, message: "Not there", reason: "not_on_whatsapp" }),
    failed({ code: 463, message: "Locked" }),
    failed({ code: 475, message: "As many as there may be" }),
    failed({ code: 429, message: "Slower" }),
    failed({ code: 500, message: "?" }),
  ].map(([error]) => error!.code);

  assertEquals(codes, [131026, 131048, 131048, 130429, 131000]);
});
