// The past in requests to the control API: chats that a phone hands to its linked devices.
import { z } from "zod";
import type { HistoryChat } from "../people/chat.ts";
import { bigHistory } from "../people/history.ts";
import type { Network } from "../people/network.ts";
import { contentOf, hasOneContent, MESSAGE_FIELDS, ONE_CONTENT } from "./message.ts";
import { chat, contactOf, groupOf, number, personOf } from "./request.ts";

const message = z.strictObject({
  ...MESSAGE_FIELDS,
  fromMe: z.boolean().optional(),
  /** Who wrote it, in a group. */
  by: number.optional(),
  status: z.int().min(0).max(5).optional(),
}).refine(hasOneContent, ONE_CONTENT);

/** Chats with their messages, newest first; or how many to make up. */
export const historyChats = z.union([
  z.array(z.strictObject({
    with: chat,
    messages: z.array(message),
    unread: z.int().nonnegative().optional(),
    isArchived: z.boolean().optional(),
    disappearAfterS: z.int().nonnegative().optional(),
    isComplete: z.boolean().optional(),
  })),
  z.strictObject({ chats: z.int().positive().max(100_000), messagesEach: z.int().positive().max(10_000) }),
]);

/** The chats that a request describes. */
export function historyOf(network: Network, body: z.output<typeof historyChats>): HistoryChat[] {
  if (!Array.isArray(body)) return bigHistory(body.chats, body.messagesEach);
  return body.map(({ with: address, messages, ...about }) => ({
    ...about,
    with: address.endsWith("@g.us") ? groupOf(network, address) : contactOf(network, address),
    messages: messages.map(({ fromMe, by, t, id, status, ...content }) => ({
      ...{ fromMe, t, id, status, message: contentOf(network, content) },
      by: by === undefined ? undefined : personOf(network, by),
    })),
  }));
}
