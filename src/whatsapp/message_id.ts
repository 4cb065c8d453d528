import { randomBytes } from "node:crypto";

/**
 * A new id for a message that is going to be sent, as WhatsApp Web makes them. Choose and store it before sending:
 * a message that is sent again under its id is still one message.
 */
export function newWaMessageId(): string {
  return `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
}
