// Messages in requests to the control API, and the protobufs that they stand for.
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import { z } from "zod";
import type { Person, SendOptions } from "./chat.ts";
import { Contact } from "./contact.ts";
import {
  contactCardContent,
  disappearingContent,
  locationContent,
  pollContent,
  textContent,
  tinyPng,
  viewOnceContent,
} from "./content.ts";
import { number } from "./control_request.ts";
import type { Network } from "./network.ts";

const file = z.strictObject({
  /** The file; a small sample when left out. */
  base64: z.base64().optional(),
  caption: z.string().optional(),
  mimetype: z.string().optional(),
  fileName: z.string().optional(),
  voiceNote: z.boolean().optional(),
  seconds: z.int().nonnegative().optional(),
  https: z.boolean().optional(),
});

const MEDIA = ["image", "video", "audio", "document", "sticker"] as const;

const place = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: z.string().optional(),
  address: z.string().optional(),
});

const CONTENT = {
  text: z.string().optional(),
  image: file.optional(),
  video: file.optional(),
  audio: file.optional(),
  document: file.optional(),
  sticker: file.optional(),
  location: place.optional(),
  contacts: z.array(z.strictObject({ name: z.string(), phone: number })).min(1).optional(),
  poll: z.strictObject({
    name: z.string(),
    options: z.array(z.string()).min(2).max(12),
    selectable: z.int().nonnegative().optional(),
  }).optional(),
  /** Any message protobuf as JSON, bytes as base64. */
  message: z.record(z.string(), z.unknown()).optional(),
} as const;

/** The fields of a message; exactly one says what is in it. */
export const MESSAGE_FIELDS = {
  ...CONTENT,
  id: z.string().min(1).optional(),
  quotedId: z.string().optional(),
  mentions: z.array(number).optional(),
  viewOnce: z.boolean().optional(),
  disappearAfterS: z.int().positive().optional(),
  corrupt: z.boolean().optional(),
} as const;

/** Refuses a message without content, or with two. */
export function hasOneContent(body: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(CONTENT).filter((name) => body[name] !== undefined).length === 1;
}

export const ONE_CONTENT = {
  error: `expected exactly one of ${Object.keys(CONTENT).join(", ")}`,
  path: ["text"],
};

const message = z.object(MESSAGE_FIELDS);
export type MessageBody = z.output<typeof message>;

/** What a request wants to be sent, as a protobuf; files are put on the media host. */
export function contentOf(network: Network, body: MessageBody): proto.IMessage {
  const plain = plainContent(network, body);
  const shown = body.viewOnce ? viewOnceContent(plain) : plain;
  return body.disappearAfterS === undefined ? shown : disappearingContent(shown, body.disappearAfterS);
}

function plainContent(network: Network, body: MessageBody): proto.IMessage {
  const { text, location, contacts, poll, message: raw } = body;
  if (text !== undefined) return textContent(text);
  if (location) return locationContent(location);
  if (contacts) return contactCardContent(contacts.map(({ name, phone }) => ({ name, number: phone })));
  if (poll) return pollContent(poll.name, poll.options, poll.selectable);
  for (const kind of MEDIA) {
    const given = body[kind];
    if (!given) continue;
    const bytes = given.base64 === undefined ? sample(kind) : Buffer.from(given.base64, "base64");
    return network.mediaContent(kind, bytes, kind === "image" ? { mimetype: "image/png", ...given } : given);
  }
  return proto.Message.fromObject(raw ?? {});
}

function sample(kind: string): Buffer {
  return kind === "image" ? tinyPng() : Buffer.from(`a sample ${kind}\n`);
}

/** How a request wants a message to be sent. */
export function optionsOf(network: Network, body: MessageBody): SendOptions {
  const mentions = body.mentions?.map((address) => network.find(address)).filter((person) =>
    person !== undefined
  );
  const quoted = body.quotedId === undefined
    ? undefined
    : { id: body.quotedId, by: writerOf(network, body.quotedId) };
  return { id: body.id, corrupt: body.corrupt, mentions, quoted };
}

/** Who wrote a message: a contact who sent it, or the phone that somebody got it from. */
export function writerOf(network: Network, id: string): Person | undefined {
  for (const contact of network.contacts) {
    if (contact.sent(id)) return contact;
    const received = contact.inbox.findLast((got) => got.id === id);
    if (received) return received.from;
  }
}

/** Whether a person is a contact, whom the control API can make do things. */
export function isContact(person: Person): person is Contact {
  return person instanceof Contact;
}
