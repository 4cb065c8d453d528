import type { Content, MessageButton, MessageContext, Referral, TargetAuthor } from "../events/content.ts";
import { addressOf, lidOf } from "../events/person.ts";

const KINDS = ["event", "event_response", "group_invite", "product", "order", "pin"] as const;

/** Structured contents: events and the answers to them, invitations, products, orders, pins. */
export type Structured = Extract<Content, { readonly kind: typeof KINDS[number] }>;

const IS_STRUCTURED: ReadonlySet<string> = new Set(KINDS);

/** Whether a content consists of named fields, which every format writes out in its own spelling. */
export function isStructured(content: Content): content is Structured {
  return IS_STRUCTURED.has(content.kind);
}

type Fields = Readonly<Record<string, unknown>>;
/** Writes a time (epoch ms) as a format does. */
type Time = (ms: number) => unknown;

/** The fields beside the text, in camelCase. Fields that are not known are undefined. */
export function fieldsOf(content: Structured, time: Time): Fields {
  switch (content.kind) {
    case "event": {
      const { name, startsAt, endsAt, description, place, link, canceled } = content;
      const end = endsAt === undefined ? undefined : time(endsAt);
      return { name, startsAt: time(startsAt), endsAt: end, description, place, link, canceled };
    }
    case "event_response": {
      const { eventMessageId, response, extraGuests } = content;
      return { eventMessageId, response, extraGuests, ...targetFields(content) };
    }
    case "group_invite": {
      const { group, name, code, expiresAt } = content;
      return { groupId: group, name, code, expiresAt: expiresAt === undefined ? undefined : time(expiresAt) };
    }
    case "product": {
      const { productId, title, description, price, currency, url, seller } = content;
      return { productId, title, description, price, currency, url, seller };
    }
    case "order": {
      const { orderId, itemCount, title, total, currency, seller, token, lines, catalogId } = content;
      return { orderId, itemCount, title, total, currency, seller, token, lines, catalogId };
    }
    case "pin":
      return { messageId: content.pinnedMessageId, pinned: content.pinned, ...targetFields(content) };
  }
}

/** Whose the message is that another one changes or answers, in camelCase. */
export function targetFields({ author, targetFromMe }: TargetAuthor): Fields {
  return { author: author && addressOf(author), authorLid: lidOf(author), targetFromMe };
}

/** What a template has beside its text and file, in camelCase. */
export function templateFields(content: Extract<Content, { readonly kind: "template" }>): Fields {
  const { name, header, footer, buttons } = content;
  return { template: name, header, footer, buttons };
}

/** What surrounds a message beside the message that it quotes, for formats that write camelCase. */
export function contextFields(
  { mentions, mentionLids, mentionsAll, association, referral }: MessageContext,
): Fields {
  return { mentions, mentionLids, mentionsAll, referral, association };
}

/** The same fields under snake_case names. */
export function snakeCase(fields: Fields | Referral | MessageButton): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [snakeName(name), value]),
  );
}

function snakeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `group_invite` is `groupInvite` in a format that writes camelCase. */
export function camelName(kind: Structured["kind"]): string {
  return kind.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
