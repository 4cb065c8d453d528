import { assertEquals, assertObjectMatch } from "@std/assert";
import { proto, type WAMessage } from "@whiskeysockets/baileys";
import type { EventData } from "../../../src/events/event.ts";
import { draftsOfMessage, saysSomething } from "../../../src/whatsapp/baileys/normalise/message.ts";
import { readMessage } from "../../../src/whatsapp/baileys/reading.ts";

const ANNA = "6281100000001@s.whatsapp.net";
const ANNA_LID = "81100000001@lid";
const ME = { pn: "6281199999999@s.whatsapp.net", lid: "99999999@lid" };
const GROUP = "120363000000000001@g.us";
const alts = new Map([[ANNA, ANNA_LID], [ANNA_LID, ANNA]]);
const AROUND = {
  deviceId: "device_1",
  me: ME,
  altOf: (jid: string) => alts.get(jid),
  offline: false,
};

type Key = { remoteJid?: string; fromMe?: boolean; participant?: string; remoteJidAlt?: string };

/** The message after a trip through its encoding, as it comes from WhatsApp or out of the journal. */
function arrived(message: proto.IMessage, key: Key = {}) {
  const decoded = proto.Message.decode(proto.Message.encode(message).finish());
  return {
    key: { remoteJid: ANNA_LID, id: "3AF00D", fromMe: false, ...key },
    message: decoded,
    messageTimestamp: 1_762_000_000,
    pushName: "Anna",
  };
}

function received(message: proto.IMessage, key?: Key): EventData["message.received"] {
  const [draft] = draftsOfMessage(arrived(message, key), AROUND);
  if (draft?.type !== "message.received") throw new Error(`It is ${draft?.type}`);
  return draft.data;
}

const FILE = {
  url: "https://mmg.whatsapp.net/x",
  directPath: "/x",
  mediaKey: new Uint8Array(32),
  fileLength: 1234,
  fileSha256: Uint8Array.of(0xab, 0xcd),
};
const MEDIA = { mediaId: "3AF00D", sizeBytes: 1234, sha256: "abcd" };
const POLL = {
  name: "Makan apa?",
  options: [{ optionName: "Soto" }, { optionName: "Rawon" }],
  selectableOptionsCount: 1,
};
const POLL_CONTENT = {
  kind: "poll",
  question: "Makan apa?",
  options: ["Soto", "Rawon"],
  selectableCount: 1,
} as const;

const CONTENTS: readonly [string, proto.IMessage, EventData["message.received"]["content"]][] = [
  ["conversation", { conversation: "Halo" }, { kind: "text", text: "Halo" }],
  ["extended text", { extendedTextMessage: { text: "Halo" } }, { kind: "text", text: "Halo" }],
  [
    "disappearing text",
    { ephemeralMessage: { message: { extendedTextMessage: { text: "Halo" } } } },
    { kind: "text", text: "Halo" },
  ],
  [
    "image with caption",
    { imageMessage: { ...FILE, mimetype: "image/png", caption: "Ini", width: 40, height: 30 } },
    { kind: "image", media: { ...MEDIA, mimeType: "image/png", width: 40, height: 30 }, caption: "Ini" },
  ],
  [
    "view-once image (v2)",
    { viewOnceMessageV2: { message: { imageMessage: { ...FILE, mimetype: "image/jpeg" } } } },
    { kind: "image", media: { ...MEDIA, mimeType: "image/jpeg" } },
  ],
  [
    "view-once voice note (v2 extension)",
    { viewOnceMessageV2Extension: { message: { audioMessage: { ...FILE, ptt: true, seconds: 7 } } } },
    { kind: "voice", media: { ...MEDIA, mimeType: "audio/ogg; codecs=opus", seconds: 7 } },
  ],
  [
    "video",
    { videoMessage: { ...FILE, mimetype: "video/mp4", seconds: 12 } },
    { kind: "video", media: { ...MEDIA, mimeType: "video/mp4", seconds: 12 } },
  ],
  [
    "gif",
    { videoMessage: { ...FILE, mimetype: "video/mp4", gifPlayback: true } },
    { kind: "video", media: { ...MEDIA, mimeType: "video/mp4", animated: true } },
  ],
  ["video note", { ptvMessage: { ...FILE } }, { kind: "video", media: { ...MEDIA, mimeType: "video/mp4" } }],
  [
    "audio file",
    { audioMessage: { ...FILE, mimetype: "audio/mp4" } },
    { kind: "audio", media: { ...MEDIA, mimeType: "audio/mp4" } },
  ],
  [
    "document",
    { documentMessage: { ...FILE, mimetype: "application/pdf", fileName: "nota.pdf", pageCount: 2 } },
    { kind: "document", media: { ...MEDIA, mimeType: "application/pdf", fileName: "nota.pdf", pages: 2 } },
  ],
  [
    "document with caption",
    {
      documentWithCaptionMessage: {
        message: {
          documentMessage: { ...FILE, mimetype: "application/pdf", title: "nota", caption: "Nota" },
        },
      },
    },
    { kind: "document", media: { ...MEDIA, mimeType: "application/pdf", fileName: "nota" }, caption: "Nota" },
  ],
  [
    "sticker",
    { stickerMessage: { ...FILE, mimetype: "image/webp", isAnimated: true } },
    { kind: "sticker", media: { ...MEDIA, mimeType: "image/webp", animated: true } },
  ],
  [
    "location",
    {
      locationMessage: { degreesLatitude: -6.2, degreesLongitude: 106.8, name: "Monas", address: "Jakarta" },
    },
    { kind: "location", latitude: -6.2, longitude: 106.8, name: "Monas", address: "Jakarta" },
  ],
  [
    "live location",
    { liveLocationMessage: { degreesLatitude: -6.2, degreesLongitude: 106.8, caption: "Otw" } },
    { kind: "location", latitude: -6.2, longitude: 106.8, name: "Otw", live: true },
  ],
  [
    "contact",
    { contactMessage: { displayName: "Budi", vcard: "BEGIN:VCARD" } },
    { kind: "contact", contacts: [{ displayName: "Budi", vcard: "BEGIN:VCARD" }] },
  ],
  [
    "contacts",
    {
      contactsArrayMessage: {
        contacts: [{ displayName: "A", vcard: "1" }, { displayName: "B", vcard: "2" }],
      },
    },
    { kind: "contact", contacts: [{ displayName: "A", vcard: "1" }, { displayName: "B", vcard: "2" }] },
  ],
  ["poll", { pollCreationMessage: POLL }, POLL_CONTENT],
  ["poll v2", { pollCreationMessageV2: POLL }, POLL_CONTENT],
  ["poll v3", { pollCreationMessageV3: POLL }, POLL_CONTENT],
  ["poll v4", { pollCreationMessageV4: { message: { pollCreationMessage: POLL } } }, POLL_CONTENT],
  ["poll v5", { pollCreationMessageV5: POLL }, POLL_CONTENT],
  [
    "sealed vote",
    { pollUpdateMessage: { pollCreationMessageKey: { id: "3EB0P0LL" } } },
    { kind: "poll_vote", pollMessageId: "3EB0P0LL", options: null },
  ],
  [
    "button",
    { buttonsResponseMessage: { selectedButtonId: "ya", selectedDisplayText: "Ya" } },
    { kind: "reply", text: "Ya", replyId: "ya" },
  ],
  [
    "list row",
    { listResponseMessage: { title: "Soto", singleSelectReply: { selectedRowId: "s1" } } },
    { kind: "reply", text: "Soto", replyId: "s1" },
  ],
  [
    "template button",
    { templateButtonReplyMessage: { selectedId: "t1", selectedDisplayText: "Bayar" } },
    { kind: "reply", text: "Bayar", replyId: "t1" },
  ],
  [
    "native flow",
    {
      interactiveResponseMessage: {
        body: { text: "Lanjut" },
        nativeFlowResponseMessage: { name: "quick_reply", paramsJson: '{"id":"f1"}' },
      },
    },
    { kind: "reply", text: "Lanjut", replyId: "f1" },
  ],
  [
    "native flow with bad JSON",
    {
      interactiveResponseMessage: {
        body: { text: "Lanjut" },
        nativeFlowResponseMessage: { paramsJson: "{" },
      },
    },
    { kind: "reply", text: "Lanjut" },
  ],
  [
    "template",
    { templateMessage: { templateId: "promo", hydratedTemplate: { hydratedContentText: "Diskon" } } },
    { kind: "template", name: "promo", text: "Diskon" },
  ],
  [
    "event",
    {
      eventMessage: {
        name: "Buka puasa",
        description: "Bawa takjil",
        startTime: 1_762_010_000,
        endTime: 1_762_020_000,
        location: { name: "Toko", address: "Jl. A" },
        joinLink: "https://call.whatsapp.com/video/x",
      },
    },
    {
      kind: "event",
      name: "Buka puasa",
      startsAt: 1_762_010_000_000,
      endsAt: 1_762_020_000_000,
      description: "Bawa takjil",
      place: "Toko, Jl. A",
      link: "https://call.whatsapp.com/video/x",
    },
  ],
  ["canceled event", { eventMessage: { name: "Rapat", isCanceled: true } }, {
    kind: "event",
    name: "Rapat",
    startsAt: 0,
    canceled: true,
  }],
  [
    "sealed answer to an event",
    { encEventResponseMessage: { eventCreationMessageKey: { id: "3EB0E" } } },
    { kind: "event_response", eventMessageId: "3EB0E", response: null },
  ],
  [
    "group invite",
    {
      groupInviteMessage: {
        groupJid: GROUP,
        groupName: "Pelanggan",
        inviteCode: "AbCd",
        inviteExpiration: 1_762_100_000,
        caption: "Mari",
      },
    },
    {
      kind: "group_invite",
      group: GROUP,
      name: "Pelanggan",
      code: "AbCd",
      expiresAt: 1_762_100_000_000,
      text: "Mari",
    },
  ],
  [
    "product",
    {
      productMessage: {
        businessOwnerJid: ANNA,
        body: "Masih ada?",
        product: {
          productId: "42",
          title: "Kopi",
          description: "250 g",
          currencyCode: "IDR",
          priceAmount1000: 45_000_000,
          url: "https://toko.example/42",
        },
      },
    },
    {
      kind: "product",
      productId: "42",
      title: "Kopi",
      description: "250 g",
      price: 45_000,
      currency: "IDR",
      url: "https://toko.example/42",
      seller: ANNA,
      text: "Masih ada?",
    },
  ],
  [
    "order",
    {
      orderMessage: {
        orderId: "77",
        itemCount: 3,
        orderTitle: "Toko",
        totalAmount1000: 135_000_000,
        totalCurrencyCode: "IDR",
        sellerJid: ANNA,
        message: "Pesan ini",
        token: "secret",
      },
    },
    {
      kind: "order",
      orderId: "77",
      itemCount: 3,
      title: "Toko",
      total: 135_000,
      currency: "IDR",
      seller: ANNA,
      text: "Pesan ini",
      token: "secret",
    },
  ],
  ["pin", { pinInChatMessage: { key: { id: "3EB0DEAD" }, type: 1 } }, {
    kind: "pin",
    pinnedMessageId: "3EB0DEAD",
    pinned: true,
  }],
  ["pin that is taken off", { pinInChatMessage: { key: { id: "3EB0DEAD" }, type: 2 } }, {
    kind: "pin",
    pinnedMessageId: "3EB0DEAD",
    pinned: false,
  }],
  ["invoice", { invoiceMessage: { note: "x" } }, { kind: "unknown", rawType: "invoiceMessage", text: "x" }],
  ["code that linked devices are not given", { messageContextInfo: {}, placeholderMessage: { type: 0 } }, {
    kind: "unknown",
    rawType: "placeholderMessage",
    reason: "masked",
  }],
  ["empty text", { extendedTextMessage: { text: "" } }, { kind: "text", text: "" }],
];

for (const [name, message, content] of CONTENTS) {
  Deno.test(`content of a ${name} is normalised`, () => {
    assertEquals(received(message).content, content);
  });
}

const SILENT: readonly [string, proto.IMessage][] = [
  ["a sender key alone", { senderKeyDistributionMessage: { groupId: GROUP }, messageContextInfo: {} }],
  ["app state keys", { protocolMessage: { type: 6, appStateSyncKeyShare: { keys: [] } } }],
  ["a history notification", { protocolMessage: { type: 5, historySyncNotification: { syncType: 0 } } }],
  ["the announcement of an album", { albumMessage: { expectedImageCount: 3 } }],
  ["nothing", {}],
];

for (const [name, message] of SILENT) {
  Deno.test(`message with ${name} is not published`, () => {
    assertEquals([saysSomething(message), draftsOfMessage(arrived(message), AROUND)], [false, []]);
  });
}

for (const remoteJid of ["status@broadcast", "120363000000000009@newsletter"]) {
  Deno.test(`message of ${remoteJid} is not published`, () => {
    const drafts = draftsOfMessage(
      arrived({ conversation: "iklan" }, { remoteJid, participant: ANNA }),
      AROUND,
    );

    assertEquals(drafts, []);
  });
}

Deno.test("message names both addresses of its author, and its chat by phone number", () => {
  const { from, chat } = received({ conversation: "Halo" });

  assertEquals(from, { pn: ANNA, lid: ANNA_LID, pushName: "Anna" });
  assertEquals(chat, { kind: "person", jid: ANNA, lid: ANNA_LID });
});

Deno.test("message names its chat by LID when the number is not known", () => {
  const { from, chat } = received({ conversation: "Halo" }, { remoteJid: "5550001:12@lid" });

  assertEquals(from, { pn: null, lid: "5550001@lid", pushName: "Anna" });
  assertEquals(chat, { kind: "person", jid: "5550001@lid", lid: "5550001@lid" });
});

Deno.test("message takes the other address from its stanza", () => {
  const { chat } = received({ conversation: "Halo" }, {
    remoteJid: "5550001@lid",
    remoteJidAlt: "628555@s.whatsapp.net",
  });

  assertEquals(chat.jid, "628555@s.whatsapp.net");
});

Deno.test("message that the owner typed is from the owner, in the chat with the recipient", () => {
  const { from, fromMe, chat } = received({ conversation: "Halo" }, { fromMe: true, remoteJidAlt: ME.pn });

  assertEquals([from, fromMe, chat.jid], [ME, true, ANNA]);
});

Deno.test("message in a group is from its participant", () => {
  const { from, chat } = received({ conversation: "Halo" }, { remoteJid: GROUP, participant: ANNA_LID });

  assertEquals([from.pn, chat], [ANNA, { kind: "group", jid: GROUP }]);
});

Deno.test("message to a broadcast list belongs to the chat with its author", () => {
  const { chat } = received({ conversation: "Halo" }, {
    remoteJid: "1762000000@broadcast",
    participant: ANNA,
  });

  assertEquals(chat, { kind: "person", jid: ANNA, lid: ANNA_LID });
});

for (const participant of ["6281199999999:0@s.whatsapp.net", "99999999@lid"]) {
  Deno.test(`message that the owner writes to a broadcast list as ${participant} is theirs`, () => {
    const attrs = { from: "1762000000@broadcast", participant, id: "3AF00D", t: "1762000000", type: "text" };
    const bytes = proto.Message.encode({ conversation: "Promo" }).finish();
    const self = { id: "6281199999999:3@s.whatsapp.net", lid: "99999999:3@lid" };

    const arrival = readMessage({ tag: "message", attrs, content: [] }, bytes, self);
    const [draft] = arrival === undefined ? [] : draftsOfMessage(arrival.info, AROUND);

    assertEquals(draft?.type, "message.received");
    assertObjectMatch(draft.data, {
      fromMe: true,
      from: ME,
      chat: { kind: "broadcast", jid: "1762000000@broadcast" },
    });
  });
}

Deno.test("message tells what it answers, whom it mentions, and how it came", () => {
  const { quoted, mentions, forwarded, expiresInSeconds } = received({
    extendedTextMessage: {
      text: "@99999999 ya",
      contextInfo: {
        stanzaId: "3EB0DEAD",
        participant: ME.lid,
        quotedMessage: { imageMessage: { caption: "Harga?" } },
        mentionedJid: [ANNA_LID],
        isForwarded: true,
        expiration: 86_400,
      },
    },
  });

  assertEquals(quoted, { messageId: "3EB0DEAD", from: ME, text: "Harga?", kind: "image" });
  assertEquals([mentions, forwarded, expiresInSeconds], [[ANNA], true, 86_400]);
});

Deno.test("message tells that it can be viewed once", () => {
  assertEquals(received({ viewOnceMessage: { message: { imageMessage: FILE } } }).viewOnce, true);
});

Deno.test("message tells the advertisement that its author tapped", () => {
  const { referral } = received({
    extendedTextMessage: {
      text: "Halo, saya tertarik",
      contextInfo: {
        entryPointConversionSource: "ctwa_ad",
        externalAdReply: {
          title: "Kopi segar",
          body: "Pesan",
          sourceType: "ad",
          sourceId: "120",
          sourceUrl: "https://fb.me/x",
          ctwaClid: "ARAk",
        },
      },
    },
  });

  assertEquals(referral, {
    sourceUrl: "https://fb.me/x",
    sourceId: "120",
    sourceType: "ad",
    headline: "Kopi segar",
    body: "Pesan",
    ctwaClid: "ARAk",
  });
});

Deno.test("message with a card of a program's own making tells no advertisement", () => {
  const contextInfo = { externalAdReply: { title: "Menu", sourceUrl: "https://toko.example" } };

  assertEquals(received({ extendedTextMessage: { text: "Menu", contextInfo } }).referral, undefined);
});

Deno.test("reaction names the message, and is empty when it is taken back", () => {
  const reactionMessage = {
    key: { id: "3EB0DEAD", remoteJid: ANNA_LID },
    text: "",
    senderTimestampMs: 1_762_000_000_123,
  };

  const [draft] = draftsOfMessage(arrived({ reactionMessage }), AROUND);

  assertEquals(draft.type, "message.reaction");
  assertEquals(draft.data, {
    messageId: "3EB0DEAD",
    chat: { kind: "person", jid: ANNA, lid: ANNA_LID },
    from: { pn: ANNA, lid: ANNA_LID, pushName: "Anna" },
    fromMe: false,
    emoji: "",
    reactedAt: 1_762_000_000_123,
    targetFromMe: false,
  });
});

Deno.test("revocation is a deleted message", () => {
  const [draft] = draftsOfMessage(arrived({ protocolMessage: { type: 0, key: { id: "3EB0DEAD" } } }), AROUND);

  assertEquals([draft.type, draft.dedupeKey], [
    "message.deleted",
    `device_1/message.deleted/${ANNA_LID}/3AF00D`,
  ]);
});

Deno.test("edit tells the new content of the old message", () => {
  const edit = {
    protocolMessage: {
      type: 14,
      key: { id: "3EB0DEAD" },
      editedMessage: { extendedTextMessage: { text: "Rp 20.000" } },
      timestampMs: 1_762_000_000_500,
    },
  };

  for (const message of [edit, { editedMessage: { message: edit } }]) {
    const [draft] = draftsOfMessage(arrived(message), AROUND);

    if (draft.type !== "message.edited") throw new Error(`It is ${draft.type}`);
    const { messageId, content, editedAt } = draft.data;
    assertEquals([messageId, content, editedAt], [
      "3EB0DEAD",
      { kind: "text", text: "Rp 20.000" },
      1_762_000_000_500,
    ]);
  }
});

Deno.test("message that breaks its own rules is published as unknown", () => {
  const info = arrived({ conversation: "Halo" });
  const broken = { ...info, message: { contactsArrayMessage: { contacts: [null] } } };

  // what no type allows, another program may still send
  const [draft] = draftsOfMessage(broken as unknown as WAMessage, AROUND);

  if (draft.type !== "message.received") throw new Error(`It is ${draft.type}`);
  assertEquals(draft.data.content, { kind: "unknown", rawType: "contactsArrayMessage" });
});
