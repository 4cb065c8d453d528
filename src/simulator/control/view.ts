// What the control API shows: plain JSON about people, devices, groups and messages.
import { proto } from "@whiskeysockets/baileys";
import type { Person, ReceiptSeen, Received } from "../people/chat.ts";
import type { Contact } from "../people/contact.ts";
import type { Group } from "../people/group.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import type { VirtualPhone } from "../people/phone.ts";
import type { CallAnswer } from "../people/calls.ts";
import { mediaOf, wordsOf } from "../people/reading.ts";

export function showPerson({ number, name, pnJid, lidJid }: Person) {
  return { phone: number, name, jid: pnJid, lid: lidJid };
}

export function showContact(contact: Contact) {
  const { addressing, isNumberHidden, hasDevices, autoReceipts, inbox, asked, retriesAsked, devices } =
    contact;
  const counts = { received: inbox.length, askedAgain: asked.size, retriesAsked };
  return {
    ...showPerson(contact),
    addressing,
    isNumberHidden,
    hasDevices,
    devices: devices.linked,
    autoReceipts,
    ...counts,
  };
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
  const requests = [...group.requests].map(([person, { method, by }]) => ({
    ...showPerson(person),
    method,
    by: by?.number,
  }));
  const { disappearAfterS, memberAddMode, isDeleted, parent } = group;
  return {
    ...{
      jid,
      subject,
      description,
      addressing,
      inviteCode,
      settings: [...settings],
      members: shown,
      requests,
    },
    ...{ disappearAfterS, memberAddMode, isDeleted, parent: parent?.jid },
  };
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
    willNotDisappear: received.willNotDisappear,
    message: proto.Message.create(message).toJSON(),
  };
}

export function showReceipt({ ids, by, type, at }: ReceiptSeen) {
  return { ids, from: by.number, type, at: new Date(at).toISOString() };
}

export function showCallAnswer({ callId, step, by, at }: CallAnswer) {
  return { callId, step, by: by.number, at: new Date(at).toISOString() };
}
