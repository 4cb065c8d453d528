import { getLogger, type Logger } from "@logtape/logtape";

export type { Logger };

/**
 * A logger of one part of Kabar, such as `logOf("webhooks")`. Log facts: a dotted name and its fields
 * (`log.info("delivery.attempted", {…})`), never secrets, never message text.
 */
export function logOf(part: string): Logger {
  return getLogger(["kabar", part]);
}
