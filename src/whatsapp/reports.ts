import type { WASocket } from "@whiskeysockets/baileys";
import type { Jid, Person } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import { createBatches } from "./batches.ts";
import type { Directory } from "./directory.ts";
import { holdStanzas, type Passage } from "./hold.ts";
import { plainJid } from "./jid.ts";
import { keepTrying, type Trying } from "./keep_trying.ts";
import { peopleIn } from "./learning.ts";
import { addressesInCall, draftsOfCall } from "./normalise/calls.ts";
import { addressesInGroupChange, draftsOfGroupChange } from "./normalise/groups.ts";
import { isConversation } from "./normalise/message.ts";
import type { Me } from "./normalise/people.ts";
import { draftsOfPicture } from "./normalise/pictures.ts";
import { addressesInPresence, draftsOfPresence } from "./normalise/presence.ts";
import { addressesInReceipt, receiptsOf, statusOfReceipt } from "./normalise/receipts.ts";
import { addressesInKept, draftsOfKept, isKeptFromUs } from "./normalise/unavailable.ts";
import type { SessionDraft, SessionEvents, SessionReceipt } from "./session.ts";
import type { BinaryNode } from "./stanza.ts";

export interface ReportsDeps {
  readonly deviceId: DeviceId;
  readonly socket: WASocket;
  readonly events: Pick<SessionEvents, "happened" | "receipts">;
  readonly directory: Directory;
  readonly learn: (people: readonly Person[]) => Promise<void>;
  readonly me: () => Me;
  readonly trying: Trying;
  /** Sees every message before Baileys does. */
  readonly see: (stanza: BinaryNode) => void;
  /** Answers a receipt that asks for a message again; tells whether it was one. */
  readonly resend: (receipt: BinaryNode) => Promise<boolean>;
  /** A group is not what it was. */
  readonly onGroupChange: (group: Jid) => void;
  /** WhatsApp wants the account's owner to prove themselves with a passkey. */
  readonly onPasskey: () => void;
  /** Sees to what comes before a phone has linked the device. */
  readonly registration: (notification: BinaryNode) => Promise<Passage>;
}

const BATCH = 200;

/**
 * Reports everything but messages from the stanzas themselves, and lets Baileys acknowledge each only after it is
 * stored. Call it before other listeners are added to the socket.
 */
export function createReports(deps: ReportsDeps) {
  const {
    deviceId,
    socket,
    events,
    directory,
    learn,
    me,
    trying,
    see,
    resend,
    onGroupChange,
    onPasskey,
    registration,
  } = deps;
  const { ws } = socket;
  const receipts = createBatches<SessionReceipt>(
    (batch) => keepTrying("receipts", () => events.receipts(batch), trying),
    { limit: BATCH },
  );
  const happenings = createBatches<SessionDraft>(
    (batch) => keepTrying("events", () => events.happened(batch), trying),
    { limit: BATCH },
  );

  async function report(drafts: readonly SessionDraft[]) {
    if (drafts.length === 0) return;
    await learn(drafts.flatMap(peopleIn));
    await happenings.push(drafts);
  }

  holdStanzas(ws, "CB:message", (stanza) => {
    see(stanza);
    // status posts and newsletters: taken, not looked at; an error would make WhatsApp send them again and again
    if (!isConversation(stanza.attrs.from)) return socket.sendMessageAck(stanza).then(() => "drop");
    return isKeptFromUs(stanza) ? reportKept(stanza) : Promise.resolve("pass");
  });

  async function reportKept(stanza: BinaryNode): Promise<Passage> {
    const altOf = await directory(addressesInKept(stanza));
    await report(draftsOfKept(stanza, { deviceId, me: me(), altOf }));
    return "pass";
  }

  holdStanzas(ws, "CB:receipt", async (stanza) => {
    if (await resend(stanza)) return "drop";
    if (statusOfReceipt(stanza, me()) === undefined) return "pass";
    const altOf = await directory(addressesInReceipt(stanza));
    const found = receiptsOf(stanza, { me: me(), altOf }).filter(({ chat }) => isConversation(chat.jid));
    if (found.length > 0) await receipts.push(found);
    return "pass";
  });

  holdStanzas(ws, "CB:call", async (stanza) => {
    const altOf = await directory(addressesInCall(stanza));
    await report(draftsOfCall(stanza, { deviceId, altOf }));
    return "pass";
  });

  holdStanzas(ws, "CB:notification", async (stanza) => {
    const { type } = stanza.attrs;
    if (type === "w:gp2") {
      onGroupChange(plainJid(stanza.attrs.from));
      const altOf = await directory(addressesInGroupChange(stanza));
      await report(draftsOfGroupChange(stanza, { deviceId, altOf }));
    } else if (type === "picture") {
      const altOf = await directory([stanza.attrs.from]);
      await report(draftsOfPicture(stanza, { deviceId, altOf }));
    } else if (type === "passkey_prologue_request") {
      onPasskey();
    }
    return await registration(stanza);
  });

  for (const event of ["CB:presence", "CB:chatstate"]) {
    ws.on(event, (stanza: BinaryNode) => {
      directory(addressesInPresence(stanza)).then((altOf) => report(draftsOfPresence(stanza, altOf)))
        .catch(() => {}); // the session is over, and so is the sign of life
    });
  }

  return {
    report,
    async receipt(receipt: SessionReceipt): Promise<void> {
      await receipts.push([receipt]);
    },
    async idle(): Promise<void> {
      await Promise.all([receipts.idle(), happenings.idle()]);
    },
    close(reason: Error): void {
      receipts.close(reason);
      happenings.close(reason);
    },
  };
}
