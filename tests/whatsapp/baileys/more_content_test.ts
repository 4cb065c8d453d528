import { assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import type { EventData } from "../../../src/events/event.ts";
import { draftsOfMessage, saysSomething } from "../../../src/whatsapp/baileys/normalise/message.ts";

const ANNA = "6281100000001@s.whatsapp.net";
const ANNA_LID = "81100000001@lid";
const ME = { pn: "6281199999999@s.whatsapp.net", lid: "99999999@lid" };
const GROUP = "120363000000000001@g.us";
const alts = new Map([[ANNA, ANNA_LID], [ANNA_LID, ANNA]]);
const AROUND = { deviceId: "device_1", me: ME, altOf: (jid: string) => alts.get(jid), offline: false };
const SENT_S = 1_762_000_000;

function draftOf(message: proto.IMessage, t: number | undefined = SENT_S) {
  const decoded = proto.Message.decode(proto.Message.encode(message).finish());
  const key = { remoteJid: ANNA_LID, id: "3AF00D", fromMe: false };
  const [draft] = draftsOfMessage({ key, message: decoded, messageTimestamp: t, pushName: "Anna" }, AROUND);
  return draft;
}

function received(message: proto.IMessage): EventData["message.received"] {
  const draft = draftOf(message);
  if (draft?.type !== "message.received") throw new Error(`It is ${draft?.type}`);
  return draft.data;
}

const IMAGE = { mimetype: "image/png", fileLength: 12, mediaKey: new Uint8Array(32), directPath: "/x" };
const MEDIA = { mediaId: "3AF00D", mimeType: "image/png", sizeBytes: 12 };

Deno.test("answer to a form tells what was filled in, and which form it was", () => {
  const answer = (name: string, paramsJson: string, text = "Sent") => ({
    interactiveResponseMessage: { body: { text }, nativeFlowResponseMessage: { name, paramsJson } },
  });

  const form = received(answer("galaxy_message", '{"flow_token":"tok-1","full_name":"Anna Contoh"}'));
  const address = received(answer("address_message", '{"values":{"city":"Solo"}}', ""));
  const broken = received(answer("galaxy_message", "{"));
  const tapped = received(answer("menu_options", '{"id":"row1"}'));

  assertEquals(form.content, {
    kind: "reply",
    text: "Sent",
    flow: { name: "galaxy_message", params: { flow_token: "tok-1", full_name: "Anna Contoh" } },
  });
  assertEquals(address.content, {
    kind: "reply",
    text: "",
    flow: { name: "address_message", params: { values: { city: "Solo" } } },
  });
  assertEquals(broken.content, {
    kind: "reply",
    text: "Sent",
    flow: { name: "galaxy_message", params: "{" },
  });
  assertEquals(tapped.content, { kind: "reply", text: "Sent", replyId: "row1" });
});

Deno.test("answer of an AI is a text, also forwarded and edited", () => {
  const richResponseMessage = {
    messageType: 1,
    submessages: [{ messageType: 2, messageText: "Hey!" }, { messageType: 4 }, {
      messageType: 2,
      messageText: "What's up?",
    }],
  };
  const content = { kind: "text" as const, text: "Hey!\nWhat's up?" };

  assertEquals(received({ richResponseMessage }).content, content);
  assertEquals(received({ botForwardedMessage: { message: { richResponseMessage } } }).content, content);
  const edit = draftOf({
    protocolMessage: { type: 14, key: { id: "3AF00", fromMe: true }, editedMessage: { richResponseMessage } },
  });
  assertEquals(edit?.type === "message.edited" && edit.data.content, content);
});

Deno.test("template of a business tells its file, footer, buttons and name", () => {
  const { content } = received({
    templateMessage: {
      hydratedTemplate: {
        templateId: "T",
        imageMessage: IMAGE,
        hydratedContentText: "Sale",
        hydratedFooterText: "Shop",
        hydratedButtons: [
          { quickReplyButton: { displayText: "Yes", id: "y" } },
          { urlButton: { displayText: "Open", url: "https://shop.example" } },
          { callButton: { displayText: "Call", phoneNumber: "+62811" } },
        ],
      },
    },
  });

  assertEquals(content, {
    kind: "template",
    name: "T",
    text: "Sale",
    footer: "Shop",
    media: MEDIA,
    buttons: [
      { kind: "reply", text: "Yes", id: "y" },
      { kind: "url", text: "Open", url: "https://shop.example" },
      { kind: "call", text: "Call", phoneNumber: "+62811" },
    ],
  });
});

Deno.test("interactive messages, buttons and lists tell what can be tapped", () => {
  const code = received({
    interactiveMessage: {
      header: { title: "Code", imageMessage: IMAGE },
      body: { text: "Your code" },
      nativeFlowMessage: {
        buttons: [{ name: "cta_copy", buttonParamsJson: '{"display_text":"Copy","copy_code":"123456"}' }],
      },
    },
  });
  const carousel = received({
    interactiveMessage: {
      carouselMessage: {
        cards: [{
          header: { imageMessage: IMAGE },
          body: { text: "Coffee" },
          nativeFlowMessage: {
            buttons: [{ name: "quick_reply", buttonParamsJson: '{"display_text":"Buy","id":"1"}' }],
          },
        }, { body: { text: "Tea" } }],
      },
    },
  });
  const buttons = received({
    buttonsMessage: {
      contentText: "Sure?",
      imageMessage: IMAGE,
      buttons: [{ buttonId: "y", buttonText: { displayText: "Yes" } }],
    },
  });
  const list = received({
    listMessage: {
      title: "Menu",
      description: "Choose",
      sections: [{ rows: [{ title: "Soto", rowId: "s" }] }],
    },
  });

  assertEquals(code.content, {
    kind: "template",
    name: "interactive",
    text: "Your code",
    header: "Code",
    media: MEDIA,
    buttons: [{ kind: "copy", text: "Copy", code: "123456" }],
  });
  assertEquals(carousel.content, {
    kind: "template",
    name: "interactive",
    text: "Coffee\n\nTea",
    media: MEDIA,
    buttons: [{ kind: "reply", text: "Buy", id: "1" }],
  });
  assertEquals(buttons.content, {
    kind: "template",
    name: "buttons",
    text: "Sure?",
    media: MEDIA,
    buttons: [{ kind: "reply", text: "Yes", id: "y" }],
  });
  assertEquals(list.content, {
    kind: "template",
    name: "list",
    text: "Choose",
    header: "Menu",
    buttons: [{ kind: "row", text: "Soto", id: "s" }],
  });
});

Deno.test("only pictures, videos and voices can be viewed once", () => {
  const list = received({ viewOnceMessage: { message: { listMessage: { description: "Choose" } } } });
  const picture = received({ viewOnceMessageV2: { message: { imageMessage: IMAGE } } });
  const voice = received({ viewOnceMessageV2Extension: { message: { audioMessage: { ptt: true } } } });

  assertEquals([list.viewOnce, picture.viewOnce, voice.viewOnce], [undefined, true, true]);
});

Deno.test("files of one album, an HD copy and a motion photo's video name what they belong to", () => {
  const of = (associationType: number): proto.IMessage => ({
    associatedChildMessage: { message: { imageMessage: IMAGE } },
    messageContextInfo: { messageAssociation: { associationType, parentMessageKey: { id: "3APARENT" } } },
  });

  const told = [1, 10, 5, 12].map((type) => received(of(type)).association);

  assertEquals(
    told,
    ["album", "hd", "hd", "motion"].map((kind) => ({ kind, messageId: "3APARENT" })) as typeof told,
  );
  assertEquals(received(of(7)).association, undefined);
});

Deno.test("mentions are told by number and by LID, with everybody and with groups, in edits too", () => {
  const contextInfo = {
    mentionedJid: [ME.lid, ANNA_LID, "6285550001@s.whatsapp.net"],
    nonJidMentions: 1,
    groupMentions: [{ groupJid: GROUP, groupSubject: "Family" }],
    expiration: 86_400,
  };
  const said = {
    mentions: [ME.pn, ANNA, "6285550001@s.whatsapp.net"],
    mentionLids: [ME.lid, ANNA_LID, null],
    mentionsAll: true,
    groupMentions: [{ group: GROUP, subject: "Family" }],
    expiresInSeconds: 86_400,
  };
  const extendedTextMessage = { text: "@9 @8", contextInfo };

  const text = received({ extendedTextMessage });
  const edit = draftOf({
    protocolMessage: { type: 14, key: { id: "3AF00", fromMe: true }, editedMessage: { extendedTextMessage } },
  });

  for (const data of [text, edit?.type === "message.edited" ? edit.data : undefined]) {
    const { mentions, mentionLids, mentionsAll, groupMentions, expiresInSeconds } = data ?? {};
    assertEquals({ mentions, mentionLids, mentionsAll, groupMentions, expiresInSeconds }, said);
  }
});

Deno.test("quotes tell of which kind the message is, and its chat when that is another one", () => {
  const quoted = (quotedMessage: proto.IMessage, remoteJid?: string) =>
    received({
      extendedTextMessage: {
        text: "?",
        contextInfo: { stanzaId: "3AQ", participant: ANNA_LID, quotedMessage, remoteJid },
      },
    }).quoted;
  const from = { pn: ANNA, lid: ANNA_LID };

  assertEquals(quoted({ imageMessage: IMAGE }), { messageId: "3AQ", from, kind: "image" });
  assertEquals(quoted({ conversation: "x" }, GROUP), {
    messageId: "3AQ",
    from,
    kind: "text",
    text: "x",
    chatId: GROUP,
  });
  assertEquals(quoted({ locationMessage: {} }, "status@broadcast")?.chatId, "status@broadcast");
  assertEquals(quoted({ conversation: "x" }, ANNA)?.chatId, undefined);
});

Deno.test("seller of an order and of goods is told by number, we ourselves too", () => {
  const order = received({ orderMessage: { orderId: "O1", sellerJid: ME.lid, token: "t" } });
  const product = received({ productMessage: { businessOwnerJid: ANNA_LID, product: { productId: "P" } } });

  assertEquals(order.content.kind === "order" && [order.content.seller, order.content.token], [ME.pn, "t"]);
  assertEquals(product.content.kind === "product" && product.content.seller, ANNA);
});

Deno.test("words inside kinds that are not known by themselves are told", () => {
  const words: readonly [proto.IMessage, string][] = [
    [{ requestPaymentMessage: { noteMessage: { extendedTextMessage: { text: "rent" } } } }, "rent"],
    [{ sendPaymentMessage: { noteMessage: { conversation: "rent" } } }, "rent"],
    [{ invoiceMessage: { note: "due" } }, "due"],
    [{ statusQuotedMessage: { text: "answer" } }, "answer"],
    [{ questionResponseMessage: { text: "yes" } }, "yes"],
    [{
      newsletterAdminInviteMessage: {
        newsletterJid: "1@newsletter",
        newsletterName: "News",
        caption: "Join",
      },
    }, "Join\nNews\n1@newsletter"],
    [
      { pollResultSnapshotMessage: { name: "When?", pollVotes: [{ optionName: "A", optionVoteCount: 2 }] } },
      "When?\nA: 2",
    ],
    [{ productMessage: { catalog: { title: "Catalog", description: "All" } } }, "Catalog\nAll"],
  ];

  for (const [message, text] of words) {
    const { content } = received(message);
    assertEquals([content.kind, content.kind === "unknown" && content.text], ["unknown", text]);
  }
  assertEquals(received({ commentMessage: { message: { conversation: "nice" } } }).content, {
    kind: "text",
    text: "nice",
  });
});

Deno.test("what nobody wrote is no message", () => {
  const silent: readonly proto.IMessage[] = [
    { keepInChatMessage: { key: { id: "x" } } },
    { statusMentionMessage: { message: { protocolMessage: { type: 25 } } } },
    { limitSharingMessage: { message: { protocolMessage: { type: 27 } } } },
  ];

  assertEquals(
    silent.map((message) => [saysSomething(message), draftOf(message) === undefined]),
    silent.map(() => [false, true]),
  );
});

Deno.test("time that a message lacks, or that cannot be, is now", () => {
  const before = Date.now();
  const times = [undefined, 0, 99_999_999_999, -5].map((t) => {
    const draft = draftsOfMessage(
      { key: { remoteJid: ANNA, id: "3A" }, message: { conversation: "x" }, messageTimestamp: t },
      AROUND,
    )[0];
    return draft?.type === "message.received" ? draft.data.sentAt : 0;
  });

  assertEquals(times.every((at) => at >= before && at <= Date.now()), true);
  assertEquals(received({ conversation: "x" }).sentAt, SENT_S * 1_000);
});

Deno.test("size that no file can have is left out", () => {
  const { content } = received({
    documentMessage: { fileLength: 2 ** 60, mimetype: "image/png\r\nX-Evil: 1" },
  });

  assertEquals(content, {
    kind: "document",
    media: { mediaId: "3AF00D", mimeType: "application/octet-stream" },
  });
});
