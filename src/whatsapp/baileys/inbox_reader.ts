import type { Jid, Person } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { Device } from "../../store/devices.ts";
import type { InboxMessage } from "../../store/inbox.ts";
import { isLid, isPn, plainJid } from "../jid.ts";
import type { ReadInbox, ReadRaw, Told } from "../read_inbox.ts";
import { fromInboxMessage, rawOf, sharesId } from "./inbox_message.ts";
import { addressesIn, draftsOfMessage } from "./normalise/message.ts";

/** Knows several people of a device by both addresses, as far as it has learned them. */
export type PeopleOf = (deviceId: DeviceId, jids: readonly Jid[]) => Promise<ReadonlyMap<Jid, Person>>;

/**
 * Reads the inbox through the same code that made events of its messages. Whoever they name is told as the device knows
 * them now: it may have learned a number since.
 */
export function createReadInbox(peopleOf: PeopleOf): ReadInbox {
  return async (rows, device) => {
    const messages = rows.map((row) => ({ row, info: fromInboxMessage(row) }));
    const named = messages.flatMap(({ info }) => addressesIn(info)).filter((jid) => isLid(jid) || isPn(jid));
    const people = named.length === 0 ? new Map<Jid, Person>() : await peopleOf(device.id, named);
    const altOf = (jid: Jid) => {
      const person = people.get(plainJid(jid));
      return (isLid(jid) ? person?.pn : person?.lid) ?? undefined;
    };
    const me = { pn: device.jid ?? "", lid: device.lid };
    const around = { deviceId: device.id, me, altOf, offline: false };
    return messages.flatMap(({ row, info }) => {
      const [draft] = draftsOfMessage(info, { ...around, sameId: sharesId(row) });
      return draft === undefined ? [] : [filed(draft, row, device)].filter((one) => one !== undefined);
    });
  };
}

/** Reads what WhatsApp sent, byte by byte. */
export const readRaw: ReadRaw = (row) => {
  const raw = rawOf(row);
  return Promise.resolve(
    raw && { encoding: raw.kind === "message" ? "protobuf" : "stanza", bytes: raw.bytes },
  );
};

/** The row knows phone numbers that the encoding of the message has no place for. */
function filed(draft: { readonly type: string; readonly data: unknown }, row: InboxMessage, device: Device) {
  if (!isTelling(draft)) return undefined;
  const { data } = draft;
  const known = {
    seq: 0,
    tenantSeq: 0,
    id: row.messageId,
    tenantId: device.tenantId,
    device: { id: device.id, alias: device.alias },
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
