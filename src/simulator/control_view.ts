// What the control API shows: plain JSON about people, devices, groups and messages.
import { proto } from "@whiskeysockets/baileys";
import type { Person, ReceiptSeen, Received } from "./chat.ts";
import type { Contact } from "./contact.ts";
import type { Group } from "./group.ts";
import type { LinkedDevice } from "./linked_device.ts";
import type { VirtualPhone } from "./phone.ts";
import { mediaOf, wordsOf } from "./reading.ts";

export function showPerson({ number, name, pnJid, lidJid }: Person) {
  return { phone: number, name, jid: pnJid, lid: lidJid };
}

export function showContact(contact: Contact) {
  const { addressing, autoReceipts, inbox, asked, retriesAsked } = contact;
  const counts = { received: inbox.length, askedAgain: asked.size, retriesAsked };
  return { ...showPerson(contact), addressing, autoReceipts, ...counts };
}

export function showDevice(device: LinkedDevice) {
  const { id, jid, online, logins, preKeys, pending, sent } = device;
  return { id, jid, online, logins, preKeys: preKeys.size, pending: pending.size, sent: sent.length };
}

export function showPhone(phone: VirtualPhone) {
  return { ...showPerson(phone), devices: [...phone.devices.values()].map(showDevice) };
}

export function showGroup(group: Group) {
  const { jid, subject, description, addressing, inviteCode, members, settings } = group;
  const shown = [...members].map(([member, role]) => ({ ...showPerson(member), role }));
  return { jid, subject, description, addressing, inviteCode, settings: [...settings], members: shown };
}

/** A message as a contact got it; `message` is the protobuf, bytes as base64. */
export function showReceived(received: Received) {
  const { id, to, from, message, encType, at } = received;
  const context = message.extendedTextMessage?.contextInfo;
  return {
    id,
    from: from.number,
    to,
    at: new Date(at).toISOString(),
    text: wordsOf(message),
    media: mediaOf(message)?.kind,
    quotedId: context?.stanzaId ?? undefined,
    encType,
    message: proto.Message.create(message).toJSON(),
  };
}

export function showReceipt({ ids, by, type, at }: ReceiptSeen) {
  return { ids, from: by.number, type, at: new Date(at).toISOString() };
}
