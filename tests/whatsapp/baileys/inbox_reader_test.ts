import { assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { createAddressBook } from "../../../src/devices/address_book.ts";
import { toInboxMessage } from "../../../src/whatsapp/baileys/inbox_message.ts";
import { createReadInbox } from "../../../src/whatsapp/baileys/inbox_reader.ts";
import { aDevice } from "../../store/contracts/samples.ts";

const ME = { pn: "6281199999999@s.whatsapp.net", lid: "99999999@lid" };
const GROUP = "120363000000000001@g.us";
const [ANNA, BUDI, CARA] = ["6281100000001", "6281100000002", "6281100000003"].map((number, index) => ({
  pn: `${number}@s.whatsapp.net`,
  lid: `8110000000${index + 1}@lid`,
}));

/** A row that was written when nobody's number was known. */
function rowOf(message: proto.IMessage, id: string) {
  const key = { remoteJid: GROUP, participant: ANNA.lid, id, fromMe: false };
  return toInboxMessage("device_1", { key, message: proto.Message.create(message), messageTimestamp: 1 }, {
    me: ME,
    altOf: () => undefined,
  });
}

Deno.test("inbox is read with the numbers that have become known of whom it names", async () => {
  const asked: (readonly string[])[] = [];
  const addresses = createAddressBook({
    credentials: {
      keys(_device, _type, ids) {
        asked.push(ids);
        const known = [ANNA, BUDI].map(({ pn, lid }) =>
          [`${lid.split("@")[0]}_reverse`, JSON.stringify(pn.split("@")[0])] as const
        );
        return Promise.resolve(new Map(known.filter(([id]) => ids.includes(id))));
      },
    },
    now: () => 1,
  });
  const contextInfo = {
    stanzaId: "3AQ",
    participant: BUDI.lid,
    quotedMessage: { conversation: "price?" },
    mentionedJid: [BUDI.lid, CARA.lid, ME.lid],
  };
  const rows = [
    rowOf({ extendedTextMessage: { text: "see above", contextInfo } }, "3A1"),
    rowOf(
      { reactionMessage: { key: { remoteJid: GROUP, id: "3AQ", participant: BUDI.lid }, text: "👍" } },
      "3A2",
    ),
  ];
  const device = aDevice({ id: "device_1", jid: ME.pn, lid: ME.lid });

  const [text, reaction] = await createReadInbox(addresses.people)(rows, device);

  assertEquals(text.data.from, ANNA);
  assertEquals(
    text.type === "message.received" && [text.data.quoted?.from, text.data.mentions, text.data.mentionLids],
    [
      BUDI,
      [BUDI.pn, CARA.lid, ME.pn],
      [BUDI.lid, CARA.lid, ME.lid],
    ],
  );
  assertEquals(reaction.type === "message.reaction" && reaction.data.author, BUDI);
  assertEquals(asked.length, 1);
});
