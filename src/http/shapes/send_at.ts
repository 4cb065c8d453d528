import { z } from "@hono/zod-openapi";

const TAKES =
  "must be a time with its offset, such as 2027-01-31T08:30:00+07:00, or a Unix time in seconds or " +
  "milliseconds";
/** Smaller numbers are seconds: in milliseconds they are in 1973. */
const LEAST_MS = 100_000_000_000;
const IsoTime = z.iso.datetime({ offset: true });

/** When a message is to leave, as epoch ms. */
export const SendAt = z.union([z.string(), z.number()], { error: TAKES }).transform((given, context) => {
  const at = epochMsOf(given);
  if (at !== undefined) return at;
  context.addIssue({ code: "custom", message: TAKES });
  return z.NEVER;
}).openapi({
  type: ["string", "integer"],
  description:
    "When it is to leave, up to a year ahead: ISO 8601 with offset, or a Unix time in seconds or " +
    "milliseconds. The answer is 202 at once, and says so in `send_at`",
  example: "2027-01-31T08:30:00+07:00",
});

function epochMsOf(given: string | number): number | undefined {
  if (typeof given === "string" && !/^\d{9,14}$/.test(given)) {
    return IsoTime.safeParse(given).success ? Date.parse(given) : undefined;
  }
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < 0) return undefined;
  return number < LEAST_MS ? number * 1000 : number;
}
