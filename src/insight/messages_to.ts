import type { TenantId } from "../ids.ts";
import type { MessageFilter, Messages, OutgoingMessage } from "../store/messages.ts";

/** Whose messages are looked for. */
export interface Recipient extends Omit<MessageFilter, "recipientPhone"> {
  readonly tenantId: TenantId;
  /** Digits with the country code. */
  readonly phone: string;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
}

/**
 * Messages to a phone number, the newest first. Blasts keep each number as their request wrote it, so the usual
 * spellings are looked up one by one.
 */
export async function messagesTo(
  messages: Pick<Messages, "list">,
  { phone, countryCode, ...filter }: Recipient,
  page: { readonly limit: number; readonly before?: string },
): Promise<readonly OutgoingMessage[]> {
  const spellings = [phone, `+${phone}`];
  if (phone.startsWith(countryCode)) spellings.push(`0${phone.slice(countryCode.length)}`);
  const found = await Promise.all(
    spellings.map((recipientPhone) => messages.list({ ...filter, recipientPhone }, page)),
  );
  return found.flat().toSorted((a, b) => b.id < a.id ? -1 : 1).slice(0, page.limit);
}
