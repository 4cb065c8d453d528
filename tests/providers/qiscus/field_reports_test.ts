// What WhatsApp's own API and its resellers really post, as their users reported it.
import { assert, assertEquals } from "@std/assert";
import type { EventOf, EventType } from "../../../src/events/event.ts";
import { readQiscus } from "../../../src/providers/qiscus/parse.ts";

type Data = Readonly<Record<string, unknown>>;

const NOW = 1_762_000_000_000;
const ANNA = "628123456789@s.whatsapp.net";

function post(
  message: Data,
  contacts: readonly Data[] = [{ profile: { name: "Anna" }, wa_id: "628123456789" }],
) {
  const whole = { from: "628123456789", id: "wamid.1", timestamp: "1700000000", ...message };
  return readQiscus({ contacts, messages: [whole] }, NOW);
}

function read<T extends EventType>(body: ReturnType<typeof readQiscus>, type: T): EventOf<T>["data"] {
  const [draft] = body.drafts;
  assert(draft !== undefined, JSON.stringify(body));
  assertEquals([draft.type, body.drafts.length, body.unread], [type, 1, []]);
  return draft.data as EventOf<T>["data"];
}

Deno.test("qiscus reads the advertisement that made a customer write", () => {
  const body = post({
    type: "text",
    text: { body: "Halo" },
    referral: {
      source_url: "https://fb.example/x",
      source_id: "1202",
      source_type: "ad",
      headline: "Promo",
      body: "Diskon",
      media_type: "image",
      image_url: "https://files.example/a.jpg",
      ctwa_clid: "ARAk",
    },
  });

  assertEquals(read(body, "message.received").referral, {
    sourceUrl: "https://fb.example/x",
    sourceId: "1202",
    sourceType: "ad",
    headline: "Promo",
    body: "Diskon",
    mediaUrl: "https://files.example/a.jpg",
    ctwaClid: "ARAk",
  });
});

Deno.test("qiscus reads which product a question is about", () => {
  const context = {
    from: "628999",
    id: "wamid.0",
    referred_product: { catalog_id: "c1", product_retailer_id: "sku1" },
  };

  const { referral, quoted } = read(
    post({ type: "text", text: { body: "Ada?" }, context }),
    "message.received",
  );

  assertEquals(referral, { sourceType: "product", sourceId: "sku1", headline: "c1" });
  assertEquals(quoted, { messageId: "wamid.0", from: { pn: "628999@s.whatsapp.net", lid: null } });
});

Deno.test("qiscus reads an order with its words and its sum", () => {
  const item = (quantity: number, item_price: number) => ({
    product_retailer_id: "s",
    quantity,
    item_price,
    currency: "IDR",
  });
  const order = {
    catalog_id: "c1",
    text: "tolong kirim hari ini",
    product_items: [item(2, 75_000), item(1, 500.5)],
  };

  const { content } = read(post({ type: "order", order }), "message.received");

  assertEquals(content, {
    kind: "order",
    orderId: "wamid.1",
    itemCount: 3,
    total: 150_500.5,
    currency: "IDR",
    text: "tolong kirim hari ini",
    lines: [
      { id: "s", quantity: 2, price: 75_000, currency: "IDR" },
      { id: "s", quantity: 1, price: 500.5, currency: "IDR" },
    ],
    catalogId: "c1",
  });
});

Deno.test("qiscus reads what there is of an order whose lines are not whole", () => {
  const order = {
    text: "satu lagi",
    product_items: [{ quantity: "2" }, { product_retailer_id: "s", item_price: "x" }],
  };

  const { content } = read(post({ type: "order", order }), "message.received");

  assertEquals(content, { kind: "order", orderId: "wamid.1", itemCount: 3, text: "satu lagi" });
});

Deno.test("qiscus reads the answers to a form, and to a request for permission to call", () => {
  const form = { response_json: '{"rating":"5","flow_token":"t1"}', body: "Sent", name: "flow" };
  const interactive = [
    { type: "nfm_reply", nfm_reply: form },
    { type: "nfm_reply", nfm_reply: { ...form, response_json: "{broken" } },
    { type: "call_permission_reply", call_permission_reply: { response: "accept", expiration_timestamp: 1 } },
    { type: "list_reply", list_reply: { id: "row1", title: "Satu" } },
  ];

  const contents = interactive.map((each) =>
    read(post({ type: "interactive", interactive: each }), "message.received").content
  );

  assertEquals(contents, [
    {
      kind: "reply",
      text: "Sent",
      replyId: "t1",
      flow: { name: "flow", params: { rating: "5", flow_token: "t1" } },
    },
    { kind: "reply", text: "Sent", replyId: "flow", flow: { name: "flow", params: "{broken" } },
    {
      kind: "reply",
      text: "accept",
      replyId: "call_permission_reply",
      flow: { name: "call_permission_reply", params: { response: "accept", expiration_timestamp: 1 } },
    },
    { kind: "reply", text: "Satu", replyId: "row1" },
  ]);
});

Deno.test("qiscus hears a customer whose number is hidden behind a username", () => {
  const user = "ID.13491208655302741918";
  const message = { from: undefined, from_user_id: user, type: "text", text: { body: "Halo" } };

  const data = read(post(message, [{ profile: { name: "Anna" }, user_id: user }]), "message.received");

  assertEquals(data.from, { pn: null, lid: `${user}@bsuid`, pushName: "Anna" });
  assertEquals([data.chat.jid, data.content], [`${user}@bsuid`, { kind: "text", text: "Halo" }]);
});

Deno.test("qiscus keeps a message of nobody for later", () => {
  const { drafts, unread } = post({ from: undefined, type: "text", text: { body: "Halo" } }, []);

  assertEquals([drafts.length, unread.length], [0, 1]);
});

Deno.test("qiscus reads edits, deletions and what the owner wrote on the phone", () => {
  const edited = read(
    post({
      type: "edit",
      edit: { original_message_id: "wamid.O", message: { type: "text", text: { body: "baru" } } },
    }),
    "message.edited",
  );
  const revoked = read(
    post({ type: "revoke", revoke: { original_message_id: "wamid.O" } }),
    "message.deleted",
  );
  const echo = {
    from: "628999000111",
    to: "628123456789",
    id: "wamid.E1",
    type: "text",
    text: { body: "dari hp" },
  };
  const value = { message_echoes: [echo] };
  const own = read(
    readQiscus({ entry: [{ changes: [{ field: "smb_message_echoes", value }] }] }, NOW),
    "message.received",
  );

  assertEquals([edited.messageId, edited.content], ["wamid.O", { kind: "text", text: "baru" }]);
  assertEquals([revoked.messageId, revoked.from.pn], ["wamid.O", ANNA]);
  assertEquals([own.fromMe, own.chat.jid, own.from.pn, own.me], [
    true,
    ANNA,
    "628999000111@s.whatsapp.net",
    "628999000111@s.whatsapp.net",
  ]);
});

Deno.test("qiscus leaves in a group what was written there", () => {
  const group_id = "120363025246125486@g.us";
  const group = { kind: "group" as const, jid: group_id };
  const text = { type: "text", text: { body: "STOP" } };
  const echo = { from: "628999000111", to: "120363025246125486", id: "wamid.E1", group_id, ...text };
  const reaction = { message_id: "wamid.O", emoji: "👍" };

  const said = read(post({ group_id, ...text }), "message.received");
  const reacted = read(post({ group_id, type: "reaction", reaction }), "message.reaction");
  const own = read(readQiscus({ message_echoes: [echo] }, NOW), "message.received");

  assertEquals([said.chat, said.from.pn], [group, ANNA]);
  assertEquals([reacted.chat, reacted.from.pn], [group, ANNA]);
  assertEquals([own.chat, own.fromMe, own.from.pn], [group, true, "628999000111@s.whatsapp.net"]);
});

Deno.test("qiscus takes the digits of a group or a LID for no phone number", () => {
  const group = "120363025246125486@g.us";
  const status = (recipient_id: string) =>
    readQiscus({ statuses: [{ id: "wamid.1", status: "read", recipient_id }] }, NOW).statuses[0].recipient;

  const recipients = [group, "81234567890123@lid", "628123456789@c.us"].map(status);

  assertEquals(recipients, [group, null, "628123456789"]);
});

Deno.test("qiscus reads a customer's new number", () => {
  const system = { body: "Anna changed from … to …", wa_id: "628999888777", type: "user_changed_number" };

  const { person, previous } = read(post({ type: "system", system }), "identity.changed");

  assertEquals([previous.pn, person.pn], [ANNA, "628999888777@s.whatsapp.net"]);
});

Deno.test("qiscus reads a deletion among the statuses", () => {
  const { deletions, unread } = readQiscus({
    statuses: [{ id: "wamid.O", status: "deleted" }, {
      id: "wamid.P",
      status: "deleted",
      recipient_id: "628123456789",
    }],
  }, NOW);

  assertEquals(deletions.map(({ messageId, from }) => [messageId, from?.pn]), [["wamid.O", undefined], [
    "wamid.P",
    ANNA,
  ]]);
  assertEquals(unread, []);
});

Deno.test("qiscus reads the comments of its own chat", () => {
  const comment = (from: Data, message: Data) => ({
    type: "post_comment_mobile",
    payload: { from, room: { id: "1" }, message: { id: 7, ...message } },
  });
  const anna = { email: "628123456789", name: "Anna" };

  const said = read(readQiscus(comment(anna, { type: "text", text: "Halo" }), NOW), "message.received");
  const file = read(
    readQiscus(
      comment(anna, { type: "file_attachment", payload: { url: "https://f.example/a.pdf", caption: "x" } }),
      NOW,
    ),
    "message.received",
  );
  const agent = readQiscus(
    comment({ email: "agent@qiscus.example", name: "B" }, { type: "text", text: "x" }),
    NOW,
  );

  assertEquals([said.from, said.content], [
    { pn: ANNA, lid: null, pushName: "Anna" },
    { kind: "text", text: "Halo" },
  ]);
  assertEquals(file.content.kind, "document");
  assertEquals([agent.drafts.length, agent.unread, agent.nothing.length], [0, [], 1]);
});

Deno.test("qiscus reads a body inside data or payload, and says what it does not know", () => {
  const inner = { statuses: [{ id: "wamid.A", status: "sent" }] };

  const reports = [{ data: inner }, { payload: inner }, { data: { data: inner } }, [inner]].map((body) =>
    readQiscus(body, NOW)
  );
  const unknown = readQiscus(
    { entry: [{ changes: [{ field: "account_update", value: { event: "x" } }] }] },
    NOW,
  );

  assertEquals(reports.map(({ statuses }) => statuses.length), [1, 1, 1, 1]);
  assertEquals(unknown.unread, ["of no known form (event)"]);
});
