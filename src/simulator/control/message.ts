// Messages in requests to the control API, and the protobufs that they stand for.
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import { z } from "zod";
import type { Person, SendOptions } from "../people/chat.ts";
import {
  contactCardContent,
  disappearingContent,
  locationContent,
  pollContent,
  textContent,
  tinyPng,
  viewOnceContent,
} from "../people/content.ts";
import { withFields } from "../people/unknown_fields.ts";
import { number } from "./request.ts";
import { attrsOf, nodeOf, stanza } from "./stanza.ts";
import type { Network } from "../people/network.ts";

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
  /** The plaintext itself, encoded: what no protobuf here can say. */
  plaintext: z.base64().optional(),
} as const;

const attributes = z.record(z.string(), z.union([z.string(), z.null()]));

/** How the message travels, beyond what is usual. */
const WIRE = {
  /** Unix seconds. */
  t: z.int().positive().optional(),
  addressing: z.enum(["lid", "pn"]).optional(),
  bothAddresses: z.boolean().optional(),
  broadcast: z.string().regex(/^\d+$/, "expected digits").optional(),
  fromDevice: z.strictObject({ id: z.int().positive().max(99), hosted: z.boolean().optional() }).optional(),
  /** Attributes of the stanza; null takes one away. */
  attrs: attributes.optional(),
  enc: attributes.optional(),
  nodes: z.array(stanza).optional(),
  unavailable: attributes.optional(),
  /** Fields behind those of the message, each a number and its bytes. */
  unknownFields: z.array(z.strictObject({ field: z.int().positive().max(536_870_911), base64: z.base64() }))
    .optional(),
} as const;

/** The fields of a message; exactly one says what is in it. */
export const MESSAGE_FIELDS = {
  ...CONTENT,
  ...WIRE,
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
  if (body.plaintext !== undefined) return proto.Message.decode(Buffer.from(body.plaintext, "base64"));
  return proto.Message.fromObject(raw ?? {});
}

function sample(kind: string): Buffer {
  return kind === "image" ? tinyPng() : Buffer.from(`a sample ${kind}\n`);
}

/** How a request wants a message to be sent. */
export function optionsOf(network: Network, body: MessageBody, content: proto.IMessage): SendOptions {
  const mentions = body.mentions?.map((address) => network.find(address)).filter((person) =>
    person !== undefined
  );
  const quoted = body.quotedId === undefined
    ? undefined
    : { id: body.quotedId, by: writerOf(network, body.quotedId) };
  return { ...wireOptionsOf(body, content), corrupt: body.corrupt, mentions, quoted };
}

/** How a request wants the stanza of a message to be. */
export function wireOptionsOf(body: MessageBody, content: proto.IMessage): SendOptions {
  const { id, t, addressing, bothAddresses, broadcast, fromDevice, nodes } = body;
  const [attrs, enc, unavailable] = [body.attrs, body.enc, body.unavailable].map(attrsOf);
  return {
    ...{ id, t, addressing, bothAddresses, broadcast, device: fromDevice, attrs, enc, unavailable },
    nodes: nodes?.map(nodeOf),
    plaintext: plaintextOf(body, content),
  };
}

function plaintextOf(body: MessageBody, content: proto.IMessage): Uint8Array | undefined {
  if (body.plaintext !== undefined) return Buffer.from(body.plaintext, "base64");
  const fields = body.unknownFields?.map(({ field, base64 }) => ({
    field,
    bytes: Buffer.from(base64, "base64"),
  }));
  return fields && withFields(content, fields);
}

/** Who wrote a message: a contact who sent it, or the phone that somebody got it from. */
export function writerOf(network: Network, id: string): Person | undefined {
  for (const contact of network.contacts) {
    if (contact.sent(id)) return contact;
    const received = contact.inbox.findLast((got) => got.id === id);
    if (received) return received.from;
  }
}
