import type { EventType } from "./event.ts";

/** The heading under which a catalogue lists an event. */
export type EventGroup = "messages" | "devices" | "calls" | "groups" | "people" | "files" | "webhooks";

/** What a subscriber has to know about one type of event, in Markdown that is shown to users as it stands. */
export interface EventGuide {
  readonly group: EventGroup;
  /** One line, as for a list of events to choose from. */
  readonly summary: string;
  readonly when: string;
  readonly whatToDo: string;
}

/** Every type of event that Kabar publishes, in the order in which a catalogue lists them. */
export const EVENT_GUIDE: Readonly<Record<EventType, EventGuide>> = {
  "message.received": {
    group: "messages",
    summary: "Somebody wrote to one of your numbers, or its owner wrote on the phone.",
    when:
      "Once for each message in a chat of the device, also in groups, after the message is safely stored. " +
      "Messages that were written while the gateway was not connected come when it is back, with " +
      "`offline: true`. A message whose content cannot be had (shown once on the phone only, or never handed " +
      "over) comes as type `unknown` with the reason, so that somebody can look at the phone. With the setting " +
      "`HISTORY_EVENTS` what a phone hands over of the past comes as well, with `backfilled: true`, each chat from " +
      "its oldest message on.",
    whatToDo:
      "Answer 2xx within 10 seconds, then work. Keep `event_id`: after a crash the same event can come " +
      "twice. Ignore `from_me: true` unless you copy whole conversations, or a bot talks to itself. To answer, " +
      "send to `chat_id`; do not answer what is `backfilled`. A type that you do not know yet is no error: use `text` or skip the message.",
  },
  "message.sent": {
    group: "messages",
    summary: "A message that you sent through the gateway has left.",
    when:
      "When WhatsApp, or the provider that the message goes through, has accepted the message. A message that " +
      "was typed on the phone is `message.received` with `from_me: true`.",
    whatToDo:
      "Show the message in the conversation. `message_id` is the id that the send request returned; keep " +
      "`wa_message_id` if people can answer, react to or delete it.",
  },
  "message.status": {
    group: "messages",
    summary: "A message of yours was sent, delivered, read, or failed.",
    when:
      "At each step of an outgoing message. `delivered` and `read` come from the recipient's phone: `read` only " +
      "where the recipient has read receipts switched on, and sometimes without `delivered` before it. In a group " +
      "each member counts, named in `participant`.",
    whatToDo:
      "Move the message forward, never backward: a step that comes late changes nothing. On `failed` read " +
      "`error`: a number that is not on WhatsApp will not become one by trying again; when a device is " +
      "restricted, stop sending through it.",
  },
  "message.edited": {
    group: "messages",
    summary: "A message has a new text.",
    when:
      "When the author changes a message, which WhatsApp allows for 15 minutes. The event holds the whole new " +
      "content. An edit that phones would not believe is not published.",
    whatToDo:
      "Replace the content of `message_id`. Where `author` is given and is not `from`, the edit names a " +
      "message that the gateway does not know: compare the author with your own record before you replace it.",
  },
  "message.deleted": {
    group: "messages",
    summary: "A message was deleted for everybody.",
    when:
      "When the author deletes a message for everybody, or an admin deletes somebody's message in a group. " +
      "Deleting for oneself only is not reported by WhatsApp.",
    whatToDo: "Mark `message_id` as deleted. `from` is who deleted it, `author` whose message it was.",
  },
  "message.reaction": {
    group: "messages",
    summary: "Somebody put an emoji on a message, or took it back.",
    when:
      "At each reaction to a message in a chat of the device. An empty `emoji` means that the reaction was taken " +
      "back. A person has at most one reaction to a message.",
    whatToDo: "Keep the latest `emoji` of each person for `message_id`.",
  },

  "device.qr": {
    group: "devices",
    summary: "A new QR code is ready to be scanned.",
    when:
      "While a device is being linked, about every 20 seconds, until the code is scanned or the gateway gives up.",
    whatToDo:
      "Draw `qr` as a QR code, black on white, and replace it when the next one comes: an old one does not " +
      "work any more.",
  },
  "device.connecting": {
    group: "devices",
    summary: "The device is connecting to WhatsApp.",
    when: "When a connection is being made: at start, after a break, and while chats are synchronised.",
    whatToDo: "Nothing, unless you show the state of devices.",
  },
  "device.authenticated": {
    group: "devices",
    summary: "The phone has accepted the link.",
    when: "When an external WhatsApp server reports that its session is authenticated, before it is ready.",
    whatToDo: "Take the QR code away; `ready` follows.",
  },
  "device.connected": {
    group: "devices",
    summary: "The device is online.",
    when: "When the device can send and receive: after linking, at start, and after each reconnection.",
    whatToDo:
      "Show the device as connected, with its number. Messages that waited for it leave by themselves.",
  },
  "device.disconnected": {
    group: "devices",
    summary: "The line is down; the reason says whether you must act.",
    when:
      "When a connection ends: logged out on the phone, replaced by another session, refused, lost, or stopped " +
      "by you.",
    whatToDo:
      "With `final: false` wait: the gateway reconnects by itself. With `final: true` show `message` to the " +
      "operator; mostly the device has to be linked again.",
  },
  "device.unstable": {
    group: "devices",
    summary: "The device connects and drops again and again.",
    when: "When a device has lost its connection several times within a few minutes.",
    whatToDo:
      "Look at the phone and at the network of the gateway. Another program may use the same session.",
  },
  "device.proxy_failed": {
    group: "devices",
    summary: "A device cannot connect through its proxy.",
    when:
      "When the proxy cannot be reached, refuses the password, or does not let the connection through; once, until " +
      "it has worked again.",
    whatToDo:
      "Look after the proxy, or give the device another. The gateway tries again by itself, and never " +
      "connects without the proxy.",
  },
  "device.state": {
    group: "devices",
    summary: "An external server reports a state in its own word.",
    when: "When an external WhatsApp server posts a change of state that is none of the others.",
    whatToDo: "Nothing, unless you know that server's words.",
  },

  "call.received": {
    group: "calls",
    summary: "Somebody is calling one of your numbers.",
    when: "While it rings; with `offline: true` when the call was made while the gateway was not connected.",
    whatToDo: "Write to the caller if nobody answers calls on this number. `call_id` names the call in " +
      "`call.ended`.",
  },
  "call.ended": {
    group: "calls",
    summary: "A call was answered elsewhere, rejected, missed, or has ended.",
    when: "Once for each call that `call.received` reported, when it rings no more.",
    whatToDo: "Close the call that you show under `call_id`.",
  },

  "group.created": {
    group: "groups",
    summary: "A group was made with one of your numbers in it.",
    when: "When somebody creates a group that the device belongs to, or adds the device to one.",
    whatToDo: "Add the group to your list of chats.",
  },
  "group.join": {
    group: "groups",
    summary: "People joined a group.",
    when: "When members are added, or come by an invitation link. `added_by` is null when nobody added them.",
    whatToDo: "Add `participants` to the group; greet them, if that is what your bot does.",
  },
  "group.leave": {
    group: "groups",
    summary: "People left a group, or were removed.",
    when: "When members leave or an admin removes them. `removed_by` is null when they left by themselves.",
    whatToDo:
      "Remove `participants` from the group. When your own number is among them, the device cannot read or " +
      "write there any more.",
  },
  "group.promote": {
    group: "groups",
    summary: "Members became admins.",
    when: "When an admin makes others admins.",
    whatToDo: "Mark `participants` as admins.",
  },
  "group.demote": {
    group: "groups",
    summary: "Admins became plain members.",
    when: "When an admin takes that role from others.",
    whatToDo: "Mark `participants` as members.",
  },
  "group.updated": {
    group: "groups",
    summary: "A setting of a group has changed.",
    when:
      "When somebody changes the subject, description, picture, invitation link or a setting of a group; one " +
      "event for each change, named in `change`.",
    whatToDo:
      "Store `value` under `change`. With `announce: true` only admins can write: sends by a plain member fail.",
  },
  "group.deleted": {
    group: "groups",
    summary: "A group does not exist any more.",
    when: "When WhatsApp tells the members that the group was deleted.",
    whatToDo: "Close the chat: nothing can be sent there any more.",
  },
  "group.join_request": {
    group: "groups",
    summary: "People ask to be let into a group.",
    when:
      "When somebody asks to join a group that approves its members, takes the request back, or is refused by an " +
      "admin. Only admins are told.",
    whatToDo:
      "Show the request to an admin while `state` is `requested`; people who are let in come as `group.join`.",
  },

  "contact.updated": {
    group: "people",
    summary: "A contact has a new name or picture.",
    when: "When WhatsApp reports that a person's name has changed, or the picture.",
    whatToDo: "Update what you show; fetch the picture again when `picture_changed` is true.",
  },
  "presence.updated": {
    group: "people",
    summary: "Somebody is online, writing or recording.",
    when:
      "For chats whose presence the device has subscribed to. WhatsApp sends it only while the device itself is " +
      "shown as online.",
    whatToDo: "Show it for some seconds. It is no receipt, and can stop without a last word.",
  },
  "chat.updated": {
    group: "people",
    summary: "Somebody has set when the messages of a chat disappear.",
    when:
      "When one of the two people of a chat sets the timer, the owner on the phone too. Groups tell it in " +
      "`group.updated`.",
    whatToDo:
      "Nothing for what you send: answers disappear by themselves. Copy what has to be kept before `value` " +
      "seconds are over; 0 means that messages stay.",
  },
  "contact.opted_out": {
    group: "people",
    summary: "Somebody wants no more blasts.",
    when:
      "When a person who was not on the list of opt-outs writes one of your stop words, and nothing else.",
    whatToDo: "Nothing for blasts: they do not reach this person any more. Do the same in lists of your own.",
  },
  "contact.opted_in": {
    group: "people",
    summary: "Somebody wants blasts again.",
    when: "When a person who is on the list of opt-outs writes one of your start words, and nothing else.",
    whatToDo: "Nothing for blasts: they reach this person again. Do the same in lists of your own.",
  },
  "identity.resolved": {
    group: "people",
    summary: "A hidden identity turned out to be a phone number.",
    when: "When the gateway learns which number stands behind a LID (an address that ends in `@lid`).",
    whatToDo: "Merge what you filed under `lid` with what you have under the number.",
  },
  "identity.changed": {
    group: "people",
    summary: "A person has changed the phone number.",
    when: "When WhatsApp says that somebody moved to another number, in a group or to all contacts.",
    whatToDo:
      "File `previous_id` under `contact_id`: it is the same person. Do not send to the old number any more.",
  },

  "media.received": {
    group: "files",
    summary: "An external server has received a file.",
    when: "When an external WhatsApp server posts a file apart from its message, mostly right after it.",
    whatToDo:
      "Fetch it from `url` within a day: it is the file of the message `message_id`. Without `url` the server sent " +
      "no bytes.",
  },
  "media.uploaded": {
    group: "files",
    summary: "An external server has uploaded a file.",
    when: "When an external WhatsApp server reports that a file of yours was uploaded.",
    whatToDo: "Nothing, unless you work with that server's files.",
  },

  "webhook.test": {
    group: "webhooks",
    summary: "The test that you asked for.",
    when:
      "Only when a test is sent to this webhook: `POST /v1/webhooks/:id/test`. One request, never repeated.",
    whatToDo: "Answer 2xx. Check the signature as for any other event.",
  },
  "webhook.failing": {
    group: "webhooks",
    summary: "Another webhook of yours has stopped answering.",
    when:
      "When requests to one webhook fail again and again. Goes to your other webhooks, never to the failing one.",
    whatToDo: "Alert whoever runs the endpoint. Nothing is lost: events wait and are sent once it answers.",
  },
  "webhook.disabled": {
    group: "webhooks",
    summary: "Another webhook was switched off.",
    when: "When an endpoint answers 410 Gone.",
    whatToDo:
      "Repair the endpoint or remove the webhook. A disabled webhook gets no new events until it is changed to active.",
  },
  "webhook.recovered": {
    group: "webhooks",
    summary: "A failing webhook answers again.",
    when: "When an endpoint that was failing takes an event again.",
    whatToDo: "Close the alert; what waited is sent in order, by itself.",
  },
  "alert.messages_failed": {
    group: "webhooks",
    summary: "More messages failed than you allow.",
    when: "When more messages fail within an hour than the setting `ALERT_FAILED_PER_HOUR` allows.",
    whatToDo:
      "Look at the errors of the latest failed messages before you send more: a restricted number gets worse " +
      "by trying.",
  },
  "custom": {
    group: "webhooks",
    summary: "An event of your own making.",
    when:
      "Only when you send it: `POST /api/webhook/send`. It goes out under the name and with the data that you give.",
    whatToDo: "Whatever you have agreed on with the receiver.",
  },
};
