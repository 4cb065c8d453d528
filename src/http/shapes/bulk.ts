import { z } from "@hono/zod-openapi";
import type { BulkResult } from "../../messages/send_all.ts";
import { guessShown, NormalizedFrom, statusOf } from "./message.ts";

/** How many messages one request may carry; a blast takes more. */
export const MOST_BULK = 100;

/** How the messages of a request did, counted. */
export const BulkSummary = z.object({ total: z.int(), success: z.int(), failed: z.int() });

/** What became of each message of a request, in its order. */
export const BulkResults = z.array(z.object({
  to: z.string().openapi({ example: "628000000142" }),
  success: z.boolean(),
  messageId: z.string().optional().openapi({ description: "WhatsApp's id", example: "3EB0C431C26A1916E07E" }),
  id: z.string().optional().openapi({ description: "Ours" }),
  status: z.string().optional().openapi({
    description: "`queued` or `processing`: WhatsApp has not answered yet; it is sent as soon as it can be",
    example: "sent",
  }),
  normalized_from: NormalizedFrom,
  error: z.string().optional(),
}));

/** What whoever sent several messages is told. */
export function bulkShown(
  requests: readonly { readonly to: string }[],
  outcomes: readonly BulkResult[],
): {
  readonly summary: z.output<typeof BulkSummary>;
  readonly results: z.output<typeof BulkResults>;
} {
  const results = outcomes.map((outcome, index) => {
    const { to } = requests[index];
    if (!outcome.ok) return { to, success: false, error: outcome.error };
    const { id, waMessageId } = outcome.message;
    const status = statusOf(outcome.message);
    const guess = guessShown(outcome.normalizedFrom);
    return { to, success: true, messageId: waMessageId ?? id, id, status, ...guess };
  });
  const success = results.filter((result) => result.success).length;
  const total = requests.length;
  return { summary: { total, success, failed: total - success }, results };
}
