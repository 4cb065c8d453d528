import { assertEquals } from "@std/assert";
import { createMessageActions } from "../../src/messages/actions.ts";
import type { DeviceActions } from "../../src/devices/session_for.ts";
import type { Jid } from "../../src/events/person.ts";
import type { InboxMessage } from "../../src/store/inbox.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import type { OutgoingRequest } from "../../src/whatsapp/baileys/sending.ts";
import { aDevice, aMessage, BUDI, NOW } from "../support/messaging.ts";

const GROUP = "120363000000000001@g.us";
const OTHER_GROUP = "120363000000000002@g.us";
const BUDIS_LID = "100000000000001@lid";

/** A device that has received these messages and sent those; `went` is where what was done to them went. */
function setUp(
  { received = [], sent = [] }: {
    readonly received?: readonly Pick<InboxMessage, "messageId" | "chat" | "sender">[];
    readonly sent?: readonly OutgoingMessage[];
  },
) {
  const went: Jid[] = [];
  const session = {
    send({ to }: OutgoingRequest) {
      went.push(to);
      return Promise.resolve({ ok: true, acceptedAt: NOW });
    },
  };
  const actions = createMessageActions({
    messages: {
      get: (id) => Promise.resolve(sent.find((one) => one.id === id)),
      byWaMessageId: (id) => Promise.resolve(sent.find((one) => one.waMessageId === id)),
    },
    inbox: {
      get: (_, id, chat) =>
        Promise.resolve(
          received.find((one) => one.messageId === id && (chat === undefined || one.chat === chat)) as
            | InboxMessage
            | undefined,
        ),
    },
    addresses: { chat: (_, jid) => Promise.resolve({ kind: "person", jid }) },
    sessionFor: () => session as unknown as DeviceActions,
    countryCode: "62",
    now: () => NOW,
  });
  return { actions, went };
}

Deno.test("what is done to a message goes where the message is, not to another chat that was named", async () => {
  const device = aDevice();
  const { actions, went } = setUp({
    received: [
      { messageId: "3AGROUP", chat: GROUP, sender: BUDI },
      { messageId: "3APERSON", chat: BUDI, sender: BUDI },
    ],
    sent: [aMessage({ id: "msg_group", to: GROUP, status: "sent", sentAt: NOW })],
  });

  const told = [
    await actions.react({ device, messageId: "3AGROUP", to: BUDI, emoji: "👍" }),
    await actions.react({ device, messageId: "3AGROUP", to: OTHER_GROUP, emoji: "👍" }),
    await actions.react({ device, messageId: "3APERSON", to: GROUP, emoji: "👍" }),
    await actions.edit({ device, messageId: "msg_group", to: BUDI, text: "lain" }),
    await actions.remove({ device, messageId: "msg_group", to: OTHER_GROUP }),
  ];

  assertEquals(went, [GROUP, GROUP, BUDI, GROUP, GROUP]);
  assertEquals(told.map(({ to }) => to), went);
});

Deno.test("of two messages with one id the one of the chat that was named is meant", async () => {
  const device = aDevice();
  const { actions, went } = setUp({
    received: [
      { messageId: "3ASAME", chat: OTHER_GROUP, sender: BUDI },
      { messageId: "3ASAME", chat: GROUP, sender: BUDI },
      { messageId: "3ALID", chat: BUDI, sender: BUDI },
    ],
  });

  await actions.react({ device, messageId: "3ASAME", to: GROUP, emoji: "👍" });
  await actions.react({ device, messageId: "3ASAME", emoji: "👍" });
  await actions.react({ device, messageId: "3ALID", to: BUDIS_LID, emoji: "👍" });

  assertEquals(went, [GROUP, OTHER_GROUP, BUDIS_LID]);
});
