import { z } from "zod";
import { target } from "./pieces.ts";

const text = (about: string) => z.string().optional().describe(about);
const whole = (about: string) => z.int().optional().describe(about);
const money = (about: string) => z.number().optional().describe(about);

const Media = z.object({
  id: z.string().describe("Names the file in the API"),
  url: text(
    "Where to fetch the file, with your API key; relative to the gateway unless another system keeps it",
  ),
  mime_type: z.string().describe("What the sender says that the file is"),
  file_name: text("The name of a document"),
  file_size: whole("Bytes, as the sender says"),
  seconds: whole("How long it plays"),
  voice: z.boolean().optional().describe("True for a voice note"),
  width: whole("Pixels"),
  height: whole("Pixels"),
  pages: whole("Pages of a document"),
  animated: z.boolean().optional().describe("A GIF, or a sticker that moves"),
  sha256: text("SHA-256 of the file, hex"),
});

const Button = z.object({
  kind: z.enum(["reply", "url", "call", "copy", "row", "other"]).describe("What a tap does"),
  text: z.string().describe("What is written on it"),
  id: text("What comes back as `reply_id`"),
  url: text("Where it leads"),
  phone_number: text("Whom it calls"),
  code: text("The code that it copies, such as a one-time password"),
  description: text("The second line of a row"),
});

/** Every kind of message, as `type` names them. A voice note is `audio` with `media.voice`. */
export const MESSAGE_TYPES = [
  "text",
  "image",
  "video",
  "audio",
  "document",
  "sticker",
  "location",
  "contact",
  "poll",
  "poll_vote",
  "reply",
  "template",
  "event",
  "event_response",
  "group_invite",
  "product",
  "order",
  "pin",
  "unknown",
] as const;

/** What a message says: `type`, `text`, and one more field that depends on the type. */
export const content = {
  type: z.enum(MESSAGE_TYPES).describe("The kind of message"),
  text: z.string().describe("What was written or tapped; empty when the message has no text"),
  caption: text("What was written below a file"),
  media: Media.optional().describe("The file, when there is one"),
  location: z.object({
    latitude: z.number().describe("Degrees"),
    longitude: z.number().describe("Degrees"),
    name: text("Name of the place"),
    address: text("Address of the place"),
    live: z.boolean().optional().describe("The position is shared live"),
  }).optional().describe("A place"),
  contacts: z.array(z.object({
    display_name: z.string().describe("The name on the card"),
    vcard: z.string().describe("The card, as vCard text"),
  })).optional().describe("Contact cards"),
  poll: z.object({
    question: z.string().describe("What is asked"),
    options: z.array(z.string()).describe("What can be chosen"),
    selectable_count: z.int().describe("How many may be chosen; 0: any number"),
  }).optional().describe("A poll"),
  poll_vote: z.object({
    poll_message_id: z.string().describe("The poll that is answered"),
    options: z.array(z.string()).nullable()
      .describe("What is chosen now; empty: the vote was taken back; null: the poll is not known"),
    unknown_options: whole("How many chosen options are not among those that the poll began with"),
    ...target,
  }).optional().describe("An answer to a poll"),
  reply_id: text("The id of the button or row that was tapped"),
  flow: z.object({
    name: z.string().describe("The kind of form, in WhatsApp's word"),
    params: z.unknown().describe("The answers: parsed JSON, or the text as it came when it is none"),
  }).optional().describe("The answers to a form"),
  template: text("The name of a business' template; empty when WhatsApp tells none"),
  header: text("The line above the text of a business' message"),
  footer: text("The line below the text of a business' message"),
  buttons: z.array(Button).optional().describe("The buttons or rows of a business' message"),
  raw_type: text("WhatsApp's word for a kind that has no other form here"),
  reason: z.enum(["view_once", "hosted", "bot", "masked", "phone_silent", "too_old", "unreadable"]).optional()
    .describe("Why the content did not come; look at the phone"),
  event: z.object({
    name: z.string().describe("What it is called"),
    starts_at: z.int().describe("Unix seconds"),
    ends_at: whole("Unix seconds"),
    description: text("What it is about"),
    place: text("Where it is"),
    link: text("Of the call that it is"),
    canceled: z.boolean().optional().describe("It does not take place"),
  }).optional().describe("Something to come to"),
  event_response: z.object({
    event_message_id: z.string().describe("The event that is answered"),
    response: z.enum(["going", "not_going", "maybe"]).nullable()
      .describe("The answer; null: the event is not known"),
    extra_guests: whole("How many come along"),
    ...target,
  }).optional().describe("An answer to an event"),
  group_invite: z.object({
    group_id: z.string().describe("The group"),
    name: z.string().describe("Its name"),
    code: z.string().describe("What lets in"),
    expires_at: whole("Unix seconds"),
  }).optional().describe("An invitation to a group"),
  product: z.object({
    product_id: z.string().describe("Its id in the catalogue"),
    title: z.string().describe("Its name"),
    description: text("Its description"),
    price: money("In the currency's own unit"),
    currency: text("Three letters, such as IDR"),
    url: text("Its page"),
    seller: text("Whose catalogue it is in"),
  }).optional().describe("Something out of a catalogue"),
  order: z.object({
    order_id: z.string().describe("Its id at WhatsApp"),
    item_count: z.int().describe("How many things were ordered"),
    title: text("The shop's name"),
    total: money("In the currency's own unit"),
    currency: text("Three letters, such as IDR"),
    seller: text("Whose shop it is"),
    token: text("With it and the id WhatsApp hands out the lines of the order"),
    lines: z.array(z.object({
      id: z.string().describe("The shop's own id of the product"),
      quantity: z.int().describe("How many"),
      price: money("Of one, in the currency's own unit"),
      currency: text("Three letters, such as IDR"),
    })).optional().describe("What was ordered, where WhatsApp tells it along"),
    catalog_id: text("The catalogue that the lines are from"),
  }).optional().describe("A cart that was sent to a shop"),
  pin: z.object({
    message_id: z.string().describe("The message"),
    pinned: z.boolean().describe("False: it is not pinned any more"),
    ...target,
  }).optional().describe("A message that was pinned in the chat"),
};

/** What surrounds the content of a message. */
export const surroundings = {
  quoted: z.object({
    message_id: z.string().describe("The message that is answered"),
    from: z.string().nullable().describe("Who wrote it"),
    from_lid: text("The LID of who wrote it"),
    text: text("Its text or caption"),
    type: text("Its kind, in the words of `type`"),
    chat_id: text("Where it stands, when that is another chat, such as a status"),
  }).optional().describe("The message that this one answers"),
  mentions: z.array(z.string()).optional().describe("The people who are mentioned"),
  mention_lids: z.array(z.string().nullable()).optional()
    .describe("Their LIDs in the same order: the text may name people by the digits of these"),
  mentions_all: z.boolean().optional().describe("Everybody in the group is meant"),
  group_mentions: z.array(z.object({
    group_id: z.string().describe("The group"),
    subject: z.string().describe("Its name in the text"),
  })).optional().describe("The groups that are mentioned"),
  forwarded: z.boolean().optional().describe("It was sent on"),
  view_once: z.boolean().optional().describe("It can be looked at once"),
  expires_in: whole("It disappears after this many seconds"),
  referral: z.object({
    source_url: text("The advertisement's address"),
    source_id: text("The advertisement's id"),
    source_type: text("`ad` or `post`"),
    headline: text("Its headline"),
    body: text("Its text"),
    media_url: text("Its picture or video"),
    thumbnail_url: text("Its small picture"),
    ctwa_clid: text("The click's id, for Meta's Conversions API"),
  }).optional().describe("The advertisement that made somebody write"),
  association: z.object({
    kind: z.enum(["hd", "motion", "album"])
      .describe(
        "`hd`: the same file in better quality; `motion`: the video of a photo; `album`: one of several",
      ),
    message_id: z.string().describe("The first copy, the photo, or the album"),
  }).optional().describe("The message that this file belongs to"),
};
