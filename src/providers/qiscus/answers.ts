import { cutText } from "../../events/well_formed.ts";
import { firstText, id, isRecord, type Loose, record, records, text } from "../loose.ts";

/** Longer reasons are cut. */
const LONGEST_REASON = 500;

/** Where Qiscus sends its webhooks, as far as it tells. */
export interface QiscusConfig {
  readonly url: string | null;
  readonly createdAt: string | null;
}

/** The new message's id, wherever Qiscus' several versions put it. */
export function messageIdIn(answer: unknown): string | undefined {
  const { data, messages, id: own } = record(answer);
  const { id: dataId, messages: dataMessages } = record(data);
  return id(dataId) ?? id(records(messages)[0]?.id) ?? id(records(dataMessages)[0]?.id) ?? id(own);
}

/** Whether the answer holds an error, whatever its status is. */
export function hasError(answer: unknown): boolean {
  return placesOf(answer).some(({ error, errors }) => isGiven(error) || isGiven(errors));
}

/**
 * Why Qiscus refused, in its own words: what it is called and what exactly is wrong, which WhatsApp tells in different
 * places. Undefined when the answer holds no words.
 * @see WhatsApp Business Platform, "Error codes": `error_data.details`; On-Premises API: `errors[].title`, `details`
 */
export function wordsIn(answer: unknown): string | undefined {
  for (const place of placesOf(answer)) {
    const { message, error, errors } = place;
    const words = [error, ...listOf(errors)].map(wordsOfError).find((each) => each !== undefined) ??
      text(message) ?? text(record(place.meta).developer_message);
    const title = text(message);
    const whole = words !== undefined && title !== undefined ? joined(title, words) : words;
    if (whole !== undefined) return cutText(whole, LONGEST_REASON);
  }
  return undefined;
}

/** The answer, and what versions of the API wrap in it. */
function placesOf(answer: unknown): readonly Loose[] {
  const outer = record(answer);
  return [outer, ...[outer.data, outer.payload, outer.result].filter(isRecord)];
}

function listOf(errors: unknown): readonly unknown[] {
  return Array.isArray(errors) ? errors : [errors];
}

/** An error is a text, or an object with a title and details. */
function wordsOfError(error: unknown): string | undefined {
  if (!isRecord(error)) return text(error);
  const title = firstText(error.message, error.title, error.error, error.reason, error.error_user_title);
  const details = firstText(
    record(error.error_data).details,
    error.details,
    error.detail,
    error.error_user_msg,
    error.href,
  );
  if (title === undefined) return details ?? numbered(error.code);
  return details === undefined ? title : joined(title, details);
}

function numbered(code: unknown): string | undefined {
  const given = id(code);
  return given === undefined ? undefined : `Error ${given}`;
}

function joined(title: string, details: string): string {
  if (details.includes(title)) return details;
  return title.includes(details) ? title : `${title}: ${details}`;
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : isRecord(value) || text(value) !== undefined || value === true;
}

/** Where Qiscus was told to send its webhooks; null when the answer does not tell. */
export function configIn(answer: unknown): QiscusConfig | null {
  const outer = record(answer);
  const inner = isRecord(outer.data) ? outer.data : outer;
  const webhooks = isRecord(inner.webhooks) ? inner.webhooks : inner;
  const url = text(webhooks.url) ?? null;
  const createdAt = firstText(webhooks.created_at, inner.created_at) ?? null;
  return url === null && createdAt === null ? null : { url, createdAt };
}
