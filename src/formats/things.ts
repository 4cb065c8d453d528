import type { Content, Referral } from "../events/content.ts";

/** Contents that are neither words nor files nor people nor places. */
export type Thing = Extract<
  Content,
  { readonly kind: "event" | "event_response" | "group_invite" | "product" | "order" | "pin" }
>;

type Fields = Readonly<Record<string, unknown>>;
/** Writes a time (epoch ms) as a format does. */
type Time = (ms: number) => unknown;

/** What a thing says beside its text, in camelCase. Fields that are not known are undefined. */
export function fieldsOf(thing: Thing, time: Time): Fields {
  switch (thing.kind) {
    case "event": {
      const { name, startsAt, endsAt, description, place, link, canceled } = thing;
      const end = endsAt === undefined ? undefined : time(endsAt);
      return { name, startsAt: time(startsAt), endsAt: end, description, place, link, canceled };
    }
    case "event_response": {
      const { eventMessageId, response, extraGuests } = thing;
      return { eventMessageId, response, extraGuests };
    }
    case "group_invite": {
      const { group, name, code, expiresAt } = thing;
      return { groupId: group, name, code, expiresAt: expiresAt === undefined ? undefined : time(expiresAt) };
    }
    case "product": {
      const { productId, title, description, price, currency, url, seller } = thing;
      return { productId, title, description, price, currency, url, seller };
    }
    case "order": {
      const { orderId, itemCount, title, total, currency, seller } = thing;
      return { orderId, itemCount, title, total, currency, seller };
    }
    case "pin":
      return { messageId: thing.pinnedMessageId, pinned: thing.pinned };
  }
}

/** The same fields under snake_case names. */
export function snakeCase(fields: Fields | Referral): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [snakeName(name), value]),
  );
}

function snakeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `group_invite` is `groupInvite` in a format that writes camelCase. */
export function camelName(kind: Thing["kind"]): string {
  return kind.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
