// What whatsapp-web.js servers really post, as their users reported it.
import { assert, assertEquals } from "@std/assert";
import type { EventOf, EventType } from "../../../src/events/event.ts";
import { readUniversal, type Seen } from "../../../src/providers/universal/parse.ts";

type Data = Readonly<Record<string, unknown>>;

const SEEN: Seen = { scope: "device_1", me: null, receivedAt: 1_762_000_000_000 };
const ANNA = "628123456789@c.us";
const ANNA_JID = "628123456789@s.whatsapp.net";

function reading(event: string, data: Data) {
  return readUniversal({ sessionId: "s1", event, data }, SEEN);
}

function read<T extends EventType>(event: string, data: Data, type: T): EventOf<T>["data"] {
  const result = reading(event, data);
  assert(result.kind === "event", JSON.stringify(result));
  assertEquals(result.draft.type, type);
  return result.draft.data as EventOf<T>["data"];
}

function message(fields: Data): Data {
  return { message: { id: { fromMe: false, remote: ANNA, id: "E1" }, from: ANNA, body: "", ...fields } };
}

Deno.test("universal names a deleted message by the id that everybody knows", () => {
  const note = {
    id: { fromMe: false, remote: ANNA, id: "NEWID" },
    type: "revoked",
    from: ANNA,
    protocolMessageKey: { fromMe: false, remote: ANNA, id: "ORIGID", _serialized: `false_${ANNA}_ORIGID` },
  };
  const before = { id: { fromMe: false, remote: ANNA, id: "BEFORE" }, type: "chat", from: ANNA };
  const { protocolMessageKey, ...bare } = note;

  const ids = [
    { message: note },
    { message: note, revoked_msg: before },
    { message: bare, before },
    { message: { ...bare, _data: { protocolMessageKey } } },
    { message: bare },
  ].map((data) => read("message_revoke_everyone", data, "message.deleted").messageId);

  assertEquals(ids, ["ORIGID", "ORIGID", "BEFORE", "ORIGID", "NEWID"]);
});

Deno.test("universal makes no message of what WhatsApp Web notes down by itself", () => {
  const types = [
    "e2e_notification",
    "notification_template",
    "notification",
    "call_log",
    "album",
    "ciphertext",
    "protocol",
    "revoked",
    "gp2",
  ];

  const kinds = types.flatMap((type) =>
    ["message", "message_create"].map((event) => reading(event, message({ type })).kind)
  );

  assertEquals(new Set(kinds), new Set(["nothing"]));
});

Deno.test("universal tells of no status posts and newsletters", () => {
  const status = {
    id: { fromMe: false, remote: "status@broadcast", id: "S1", participant: ANNA },
    from: "status@broadcast",
    author: ANNA,
    type: "chat",
    body: "status",
  };

  const kinds = [
    { message: { ...status, isStatus: true } },
    { message: status },
    {
      message: {
        ...status,
        id: { fromMe: false, remote: "120363@newsletter", id: "N1" },
        from: "120363@newsletter",
      },
    },
  ].map((data) => reading("message", data).kind);

  assertEquals(kinds, ["nothing", "nothing", "nothing"]);
});

Deno.test("universal names no place of a file that nobody keeps", () => {
  const image = message({ type: "image", hasMedia: true, _data: { mimetype: "image/jpeg" } });
  const elsewhere = message({ type: "image", hasMedia: true, mediaUrl: "/v1/devices/device_x/media/E1" });

  const files = [image, elsewhere].map((data) => {
    const { content } = read("message", data, "message.received");
    return "media" in content ? content.media : undefined;
  });

  assertEquals(files.map((file) => [file?.kept, file?.url]), [[false, undefined], [false, undefined]]);
});

for (
  const [fields, content] of [
    [{ type: "ptv", hasMedia: true, _data: { mimetype: "video/mp4" } }, { kind: "video" }],
    [
      {
        type: "order",
        body: "Mau pesan ini",
        orderId: "O1",
        _data: { itemCount: 2, totalAmount1000: 150_000_000, totalCurrencyCode: "IDR" },
      },
      { kind: "order", orderId: "O1", itemCount: 2, total: 150_000, currency: "IDR", text: "Mau pesan ini" },
    ],
    [
      { type: "product", body: "Masih ada?", productId: "P1", title: "Kopi", businessOwnerJid: ANNA },
      { kind: "product", productId: "P1", title: "Kopi", seller: ANNA_JID, text: "Masih ada?" },
    ],
    [
      { type: "groups_v4_invite", inviteV4: { inviteCode: "C", groupId: "1203630001@g.us", groupName: "G" } },
      { kind: "group_invite", group: "1203630001@g.us", name: "G", code: "C" },
    ],
    [
      { type: "event_creation", eventName: "Rapat", eventStartTime: 1_762_000_000 },
      { kind: "event", name: "Rapat", startsAt: 1_762_000_000_000 },
    ],
    [{ type: "interactive", body: "Pilih menu" }, { kind: "template", name: "", text: "Pilih menu" }],
    [{ type: "payment", body: "Lunas" }, { kind: "unknown", rawType: "payment", text: "Lunas" }],
    [{ type: "order", body: "tanpa nomor" }, { kind: "unknown", rawType: "order", text: "tanpa nomor" }],
    [
      { type: "location", location: { latitude: 1, longitude: 2, description: "Toko" } },
      { kind: "location", latitude: 1, longitude: 2, name: "Toko" },
    ],
    [{ type: "x".repeat(63) + "😀", body: "" }, { kind: "unknown", rawType: "x".repeat(63) }],
  ] as readonly (readonly [Data, Data])[]
) {
  Deno.test(`universal reads ${JSON.stringify(fields).slice(0, 60)}`, () => {
    const read1 = read("message", message(fields), "message.received").content as Data;

    assertEquals(Object.fromEntries(Object.keys(content).map((key) => [key, read1[key]])), content);
    assertEquals(
      Object.keys(read1).filter((key) => key !== "media").toSorted(),
      Object.keys(content).toSorted(),
    );
  });
}

function notice(type: string, more: Data = {}): Data {
  return {
    notification: {
      id: { id: `N-${type}`, remote: "1203630001@g.us", _serialized: `false_1203630001@g.us_N-${type}` },
      chatId: "1203630001@g.us",
      author: ANNA,
      type,
      recipientIds: ["628111222333@c.us"],
      ...more,
    },
  };
}

Deno.test("universal reads promotions, changes and requests of groups", () => {
  const types = (["promote", "demote"] as const).map((type) => {
    const result = reading("group_admin_changed", notice(type));
    return result.kind === "event" && result.draft.type;
  });
  const changes = (
    [
      ["subject", "Nama Baru"],
      ["description", "x"],
      ["announce", "false"],
      ["restrict", "true"],
      ["picture", ""],
      ["revoke_invite", "CODE"],
      ["ephemeral", "86400"],
    ] as const
  ).map(([type, body]) => read("group_update", notice(type, { body }), "group.updated").change);
  const asked = read(
    "group_membership_request",
    notice("membership_approval_request", { recipientIds: [] }),
    "group.join_request",
  );

  assertEquals(types, ["group.promote", "group.demote"]);
  assertEquals(changes, [
    { what: "subject", value: "Nama Baru" },
    { what: "description", value: "x" },
    { what: "announce", value: false },
    { what: "locked", value: true },
    { what: "picture", value: null },
    { what: "invite_code", value: "CODE" },
    { what: "disappearing", value: 86_400 },
  ]);
  assertEquals([asked.state, asked.participants], ["requested", [{ pn: ANNA_JID, lid: null }]]);
});

Deno.test("universal reads a customer's new number, votes, and what could not be decrypted", () => {
  const changed = read("contact_changed", {
    message: { id: { fromMe: false, remote: ANNA, id: "C1" }, timestamp: 1_762_000_000 },
    oldId: ANNA,
    newId: "628999888777@c.us",
    isContact: true,
  }, "identity.changed");
  const vote = read("vote_update", {
    vote: {
      voter: ANNA,
      selectedOptions: [{ id: 1, name: "Selasa" }],
      interractedAtTs: 1_762_000_000_500,
      parentMessage: { id: { fromMe: true, remote: ANNA, id: "POLL" } },
    },
  }, "message.received");
  const failed = read("message_ciphertext_failed", message({ type: "ciphertext" }), "message.received");

  assertEquals([changed.previous.pn, changed.person.pn], [ANNA_JID, "628999888777@s.whatsapp.net"]);
  assertEquals([vote.content, vote.sentAt], [
    { kind: "poll_vote", pollMessageId: "POLL", options: ["Selasa"], optionIndexes: [1], targetFromMe: true },
    1_762_000_000_500,
  ]);
  assertEquals(failed.content, { kind: "unknown", rawType: "ciphertext", reason: "unreadable" });
});

Deno.test("universal tells the content of a message that could not be decrypted at first, when it comes after all", () => {
  const unreadable = { type: "unknown", _data: { reason: "unreadable", rawType: "unavailable" } };
  const reports: readonly (readonly [string, Data])[] = [
    ["message_ciphertext_failed", message({ type: "ciphertext" })], // after 15 s; the server goes on waiting
    ["message", message(unreadable)], // the same from another gateway
    ["message", message({ type: "chat", body: "halo" })],
    ["message_create", message({ type: "chat", body: "halo" })],
  ];

  const [failed, elsewhere, content, again] = reports.map(([name, data]) => {
    const result = reading(name, data);
    return result.kind === "event" ? result.draft.dedupeKey : result.why;
  });

  assertEquals([failed === elsewhere, content === again, failed === content], [true, true, false]);
});

Deno.test("universal keeps the receipts of a group's members apart", () => {
  const keys = ["628111@c.us", "628222@c.us"].map((participant) => {
    const ack = {
      message: { id: { fromMe: true, remote: "1203630001@g.us", id: "M" } },
      ack: 3,
      participant,
    };
    const result = reading("message_ack", ack);
    return result.kind === "event" && result.draft.dedupeKey;
  });

  assertEquals(new Set(keys).size, 2);
});

Deno.test("universal knows what says nothing from what it does not know", () => {
  const kinds = [
    "chat_archived",
    "unread_count",
    "code",
    "message_revoke_me",
    "test",
    "newest_event",
    "toString",
  ]
    .map((event) => reading(event, {}).kind);

  assertEquals(kinds, ["nothing", "nothing", "nothing", "nothing", "nothing", "unread", "unread"]);
});
