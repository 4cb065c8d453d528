import { assertEquals } from "@std/assert";
import { proto, type WAMessage } from "@whiskeysockets/baileys";
import { seal, type SealPurpose } from "../../../src/simulator/people/poll_vote.ts";
import { openSealed, sealedAbout } from "../../../src/whatsapp/baileys/sealed.ts";

const GROUP = "120363000000000001@g.us";
const ANNA = { pn: "6281100000001@s.whatsapp.net", lid: "81100000001@lid" };
const BERT = { pn: "6281100000002@s.whatsapp.net", lid: "81100000002@lid" };
const KEY = { remoteJid: GROUP, id: "3EB0TARGET", fromMe: false, participant: ANNA.lid };
const SECRET = new Uint8Array(32).fill(7);
const PEOPLE = { author: ANNA, sender: BERT };

function aTarget(message: proto.IMessage): WAMessage {
  return { key: KEY, message: { ...message, messageContextInfo: { messageSecret: SECRET } } };
}

/** What Bert seals for Anna's message, by the addresses of the chat. */
function sealed(purpose: SealPurpose, plain: Uint8Array, secret = SECRET) {
  const ballot = { pollId: KEY.id, creatorJid: ANNA.lid, voterJid: BERT.lid, secret };
  return seal(ballot, purpose, plain);
}

function sent(message: proto.IMessage): WAMessage {
  return { key: { remoteJid: GROUP, id: "3AF00D", fromMe: false, participant: BERT.lid }, message };
}

Deno.test("sealed reaction of a community's announcements is opened as a reaction", () => {
  const plain = proto.Message.ReactionMessage.encode({ text: "👍", senderTimestampMs: 5 }).finish();
  const info = sent({ encReactionMessage: { targetMessageKey: KEY, ...sealed("Enc Reaction", plain) } });

  const opened = openSealed(info, aTarget({ conversation: "Pengumuman" }), PEOPLE);

  assertEquals(sealedAbout(info), KEY.id);
  const reaction = opened && "message" in opened ? opened.message.reactionMessage : undefined;
  assertEquals([reaction?.text, reaction?.key], ["👍", KEY]);
});

Deno.test("sealed comment is opened as a text that answers the message", () => {
  const plain = proto.Message.encode({ conversation: "Setuju" }).finish();
  const info = sent({ encCommentMessage: { targetMessageKey: KEY, ...sealed("Enc Comment", plain) } });

  const opened = openSealed(info, aTarget({ conversation: "Pengumuman" }), PEOPLE);

  const comment = opened && "message" in opened ? opened.message.extendedTextMessage : undefined;
  assertEquals([comment?.text, comment?.contextInfo?.stanzaId], ["Setuju", KEY.id]);
});

Deno.test("answer to an event tells who comes, with how many", () => {
  const answer = { response: 1, extraGuestCount: 2 };
  const plain = proto.Message.EventResponseMessage.encode(answer).finish();
  const response = { eventCreationMessageKey: KEY, ...sealed("Event Response", plain) };

  const opened = openSealed(
    sent({ encEventResponseMessage: response }),
    aTarget({ eventMessage: { name: "Buka puasa" } }),
    PEOPLE,
  );

  assertEquals(opened, {
    content: { kind: "event_response", eventMessageId: KEY.id, response: "going", extraGuests: 2 },
  });
});

Deno.test("sealed edit is opened as an edit of the message", () => {
  const plain = proto.Message.encode({ conversation: "Rp 20.000" }).finish();
  const edit = { targetMessageKey: KEY, secretEncType: 2, ...sealed("Message Edit", plain) };

  const opened = openSealed(
    sent({ secretEncryptedMessage: edit }),
    aTarget({ conversation: "Rp 10.000" }),
    PEOPLE,
  );

  const protocol = opened && "message" in opened ? opened.message.protocolMessage : undefined;
  assertEquals([protocol?.type, protocol?.key, protocol?.editedMessage?.conversation], [
    proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
    KEY,
    "Rp 20.000",
  ]);
});

Deno.test("what was sealed with another secret stays sealed", () => {
  const plain = proto.Message.ReactionMessage.encode({ text: "👍" }).finish();
  const other = new Uint8Array(32).fill(8);
  const reaction = { targetMessageKey: KEY, ...sealed("Enc Reaction", plain, other) };

  const opened = openSealed(sent({ encReactionMessage: reaction }), aTarget({ conversation: "x" }), PEOPLE);

  assertEquals(opened, null);
});

Deno.test("message that says everything itself is not sealed", () => {
  assertEquals(sealedAbout(sent({ conversation: "Halo" })), undefined);
});
