import { z } from "@hono/zod-openapi";
import { InvalidError } from "../../errors.ts";
import type { NewCard } from "../../messages/contact_cards.ts";
import type { NewContent, SendRequest } from "../../messages/request.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import { body } from "../fields.ts";
import { SendAt } from "./send_at.ts";

/** What every message's body says besides its content. */
export type Envelope = Pick<SendRequest, "to" | "quotedId" | "mentions" | "idempotencyKey" | "sendAt">;
/** A body, understood. */
export type SendBody = Envelope & { readonly content: NewContent };

const Id = z.string().min(1).max(100);
const MOST_CAPTION = 1_024;

export const IdempotencyKey = z.string().min(1).max(255).openapi({
  description: "A repeated request with the same key gets the first one's answer and sends nothing",
});

/**
 * The header's key, for surfaces that do not describe headers.
 * @throws {InvalidError} If it cannot be one.
 */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined || IdempotencyKey.safeParse(header).success) return header;
  const got = `a string of ${header.length} characters`;
  throw new InvalidError(
    "Idempotency-Key",
    `Header \`Idempotency-Key\` must have 1 to 255 characters, got ${got}`,
  );
}

/** Fields that every message takes. Names in camel case are taken too, as other gateways have them. */
export const ENVELOPE_FIELDS = {
  to: z.string().min(1).max(100).openapi({
    description: "A phone number in any usual spelling, or a jid",
    example: "628000000142",
  }),
  quoted_message_id: z.string().min(1).max(100).optional().openapi({
    description: "The message that this one answers",
  }),
  quotedMessageId: z.string().min(1).max(100).optional(),
  mentions: z.array(z.string().min(1).max(100)).max(1_024).optional().openapi({
    description: "Who is mentioned: phone numbers or jids; the text names them as `@628…`",
  }),
  idempotency_key: IdempotencyKey.optional(),
  idempotencyKey: IdempotencyKey.optional(),
  send_at: SendAt.optional(),
  sendAt: SendAt.optional(),
};

type Fields = z.output<z.ZodObject<typeof ENVELOPE_FIELDS>>;

export function envelopeOf(fields: Fields): Envelope {
  return {
    to: fields.to,
    quotedId: fields.quoted_message_id ?? fields.quotedMessageId,
    mentions: fields.mentions,
    idempotencyKey: fields.idempotency_key ?? fields.idempotencyKey,
    sendAt: fields.send_at ?? fields.sendAt,
  };
}

export const Caption = z.string().max(MOST_CAPTION);

const TextBody = body({
  ...ENVELOPE_FIELDS,
  text: z.string().min(1).max(MOST_TEXT).openapi({ example: "Halo!" }),
}).transform((fields): SendBody => ({
  ...envelopeOf(fields),
  content: { kind: "text", text: fields.text },
}));

const LocationBody = body({
  ...ENVELOPE_FIELDS,
  latitude: z.number().min(-90).max(90).openapi({ example: -6.1754 }),
  longitude: z.number().min(-180).max(180).openapi({ example: 106.8272 }),
  name: z.string().max(200).optional(),
  address: z.string().max(500).optional(),
}).transform(({ latitude, longitude, name, address, ...fields }): SendBody => ({
  ...envelopeOf(fields),
  content: {
    kind: "location",
    latitude,
    longitude,
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
  },
}));

const Card = body({
  display_name: z.string().min(1).max(200).optional(),
  displayName: z.string().min(1).max(200).optional(),
  vcard: z.string().min(1).max(20_000).optional().openapi({ description: "Made from `phone` when left out" }),
  phone: z.string().min(7).max(40).optional(),
}).refine((card) => (card.display_name ?? card.displayName) !== undefined, "must have a `display_name`")
  .refine((card) => card.vcard !== undefined || card.phone !== undefined, "must have a `phone` or a `vcard`");

const ContactBody = body({
  ...ENVELOPE_FIELDS,
  contacts: z.array(Card).min(1).max(50),
}).transform((fields): SendBody => ({
  ...envelopeOf(fields),
  content: { kind: "contact", contacts: fields.contacts.map(cardOf) },
}));

const PollBody = body({
  ...ENVELOPE_FIELDS,
  question: z.string().min(1).max(255),
  options: z.array(z.string().min(1).max(100)).min(2).max(12)
    .refine((options) => new Set(options).size === options.length, "must not name an option twice"),
  selectable_count: z.int().min(0).max(12).optional().openapi({
    description: "How many options one may choose, 1 when left out; 0: any number",
  }),
}).transform(({ question, options, selectable_count = 1, ...fields }): SendBody => ({
  ...envelopeOf(fields),
  content: { kind: "poll", question, options, selectableCount: Math.min(selectable_count, options.length) },
}));

const ForwardBody = body({
  to: ENVELOPE_FIELDS.to,
  message_id: Id.optional().openapi({
    description: "What is sent on: our id of the message, or WhatsApp's",
    example: "3EB0C431C26A1916E07E",
  }),
  messageId: Id.optional(),
  idempotency_key: IdempotencyKey.optional(),
  idempotencyKey: IdempotencyKey.optional(),
  send_at: SendAt.optional(),
  sendAt: SendAt.optional(),
}).refine(
  (fields) => (fields.message_id ?? fields.messageId) !== undefined,
  "must have a `message_id`",
).transform(({ message_id, messageId = "", ...fields }): SendBody => ({
  ...envelopeOf(fields),
  content: { kind: "forward", messageId: message_id ?? messageId },
}));

/** The kinds of messages that are sent without a file. */
export const PLAIN_KINDS: readonly {
  readonly kind: string;
  readonly summary: string;
  readonly schema: z.ZodType<SendBody>;
}[] = [
  { kind: "text", summary: "Send a text", schema: TextBody },
  { kind: "location", summary: "Send a location", schema: LocationBody },
  { kind: "contact", summary: "Send contact cards", schema: ContactBody },
  { kind: "poll", summary: "Send a poll", schema: PollBody },
  { kind: "forward", summary: "Send a message on to somebody else", schema: ForwardBody },
];

function cardOf(card: z.output<typeof Card>): NewCard {
  const displayName = card.display_name ?? card.displayName ?? "";
  if (card.vcard !== undefined) return { displayName, vcard: card.vcard };
  return { displayName, phone: card.phone ?? "" };
}
