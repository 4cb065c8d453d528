import { z } from "@hono/zod-openapi";
import { query } from "../fields.ts";
import { IdempotencyKey } from "./message_bodies.ts";

/** How a message is sent. */
export const SendQuery = query({
  wait: z.enum(["true", "false"]).transform((word) => word === "true").optional().openapi({
    type: "string",
    enum: ["true", "false"],
    description: "`false`: answer 202 at once, and send as soon as the device is connected. Otherwise the " +
      "answer waits until WhatsApp has accepted the message, and a device that is not connected is a 409",
  }),
});

export const SendHeaders = z.object({ "idempotency-key": IdempotencyKey.optional() });
