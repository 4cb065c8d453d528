import type { EventOf } from "../events/event.ts";
import type { Person } from "../events/person.ts";
import type { Device } from "../store/devices.ts";
import type { InboxMessage } from "../store/inbox.ts";
import { isLid, isPn } from "../whatsapp/jid.ts";
import { eventDeviceOf } from "./drafts.ts";

/** What a message of the inbox told, as it was published or would have been. */
export type Told = EventOf<
  "message.received" | "message.reaction" | "message.edited" | "message.deleted"
>;

/**
 * Reads messages of a device's inbox: what each told. Those that told nothing are left out. WhatsApp's encodings are
 * loaded with the first of them.
 */
export async function readInbox(rows: readonly InboxMessage[], device: Device): Promise<readonly Told[]> {
  if (rows.length === 0) return [];
  const [{ fromInboxMessage }, { draftsOfMessage }] = await Promise.all([
    import("../whatsapp/inbox_message.ts"),
    import("../whatsapp/normalise/message.ts"),
  ]);
  const me = { pn: device.jid ?? "", lid: device.lid };
  const around = { deviceId: device.id, me, altOf: () => undefined, offline: false };
  return rows.flatMap((row) => {
    const [draft] = draftsOfMessage(fromInboxMessage(row), around);
    return draft === undefined ? [] : [filed(draft, row, device)].filter((told) => told !== undefined);
  });
}

/** The row knows phone numbers that the encoding of the message has no place for. */
function filed(draft: { readonly type: string; readonly data: unknown }, row: InboxMessage, device: Device) {
  if (!isTelling(draft)) return undefined;
  const { data } = draft;
  const known = {
    seq: 0,
    tenantSeq: 0,
    id: row.messageId,
    tenantId: device.tenantId,
    device: eventDeviceOf(device),
    at: row.sentAt,
  };
  const told = {
    ...known,
    type: draft.type,
    data: { ...data, chat: { ...data.chat, jid: row.chat }, from: personOf(row.sender, data.from) },
  };
  return told as Told; // the same data, with addresses filled in
}

function isTelling(
  draft: { readonly type: string; readonly data: unknown },
): draft is Pick<Told, "type" | "data"> {
  return ["message.received", "message.reaction", "message.edited", "message.deleted"].includes(draft.type);
}

function personOf(sender: string | null, from: Person): Person {
  if (sender !== null && isPn(sender)) return { ...from, pn: sender };
  if (sender !== null && isLid(sender)) return { ...from, lid: sender };
  return from;
}
