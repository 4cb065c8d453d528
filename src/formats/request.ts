import type { KabarEvent } from "../events/event.ts";
import type { Secret, Webhook } from "../store/webhooks.ts";
import type { RequestFacts } from "./format.ts";
import { formatOf, isOwnHeader } from "./mod.ts";
import { deviceNameOf } from "./naming.ts";
import { standardSignature } from "./standard_webhooks.ts";
import { unixSeconds } from "./times.ts";

/** One HTTP POST, ready to go. */
export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Makes the request of one attempt. Body and `webhook-id` are the same for every attempt of a delivery; the time and
 * the signatures are the attempt's own. Signed with the secrets that are valid at `at`.
 * @param shared What was rendered of the event for others, and is added to.
 * @see Standard Webhooks 1.0.0, "Webhook Headers"
 */
export function requestFor(
  facts: RequestFacts & { readonly webhook: Pick<Webhook, "url" | "format" | "headers" | "secrets"> },
  shared?: Renderings,
): WebhookRequest {
  const { event, name, webhook, attempt, at } = facts;
  const format = formatOf(webhook.format);
  const { id, body } = shared?.of(event, webhook.format, name) ?? rendered(event, webhook.format, name);
  const secrets = validSecrets(webhook.secrets, at);
  const headers: Record<string, string> = {
    ...usersHeaders(webhook),
    "Content-Type": "application/json",
    "User-Agent": format.userAgent,
    "X-Kabar-Attempt": String(attempt),
    "X-Kabar-Seq": String(event.tenantSeq),
    "webhook-id": id,
  };
  if (event.device !== null) headers["X-Kabar-Device"] = event.device.id;
  if (event.data.source !== undefined) headers["X-Kabar-Source"] = event.data.source;
  if (event.data.passed !== undefined) headers["X-Kabar-From"] = event.data.passed.join(", ");
  if (secrets.length > 0) {
    const seconds = unixSeconds(at);
    headers["webhook-timestamp"] = String(seconds);
    headers["webhook-signature"] = standardSignature(id, seconds, body, secrets.map(({ value }) => value));
  }
  return {
    url: filled(webhook.url, event, name),
    headers: Object.assign(headers, format.headers(facts, body, secrets)),
    body,
  };
}

interface Rendered {
  readonly format: string;
  readonly name: string;
  readonly id: string;
  readonly body: string;
}

/** What an event is rendered as. One event goes to all its subscribers within moments: they can share this. */
export class Renderings {
  readonly #known: Rendered[] = [];

  of(event: KabarEvent, format: string, name: string): Rendered {
    for (const one of this.#known) if (one.name === name && one.format === format) return one;
    const made = rendered(event, format, name);
    this.#known.push(made);
    return made;
  }
}

function rendered(event: KabarEvent, format: string, name: string): Rendered {
  const { says, render } = formatOf(format);
  return { format, name, id: idOf(event, name, says(event)[0]), body: render(event, name) };
}

/**
 * The `webhook-id`: the event's id, which no other installation will ever use. An event that a webhook gets under a
 * second name is another message for those that drop repeated ids, so the name is added there.
 */
function idOf(event: KabarEvent, name: string, primary: string | undefined): string {
  return name === primary ? event.id : `${event.id}_${name.replace(/\W+/g, "-")}`;
}

function validSecrets(secrets: readonly Secret[], at: number): readonly Secret[] {
  const isValid = ({ expiresAt }: Secret) => expiresAt === null || expiresAt > at;
  return secrets.every(isValid) ? secrets : secrets.filter(isValid);
}

const PLACEHOLDER = /(?:\{|%7B)(sessionId|device_id|event)(?:\}|%7D)/gi;

/** Fills `{sessionId}`, `{device_id}` and `{event}` in, also where a URL parser has escaped the braces. */
function filled(url: string, event: KabarEvent, name: string): string {
  if (!url.includes("{") && !/%7b/i.test(url)) return url;
  return url.replace(PLACEHOLDER, (_, key: string) => {
    if (key.toLowerCase() === "event") return segment(name);
    if (event.device === null) return "unknown";
    return segment(key.toLowerCase() === "device_id" ? event.device.id : deviceNameOf(event.device));
  });
}

/** Escaped so that it cannot leave its place in the URL: names of sessions come from other systems. */
function segment(value: string): string {
  return /^\.{1,2}$/.test(value) ? "_" : encodeURIComponent(value.toWellFormed());
}

const allowed = new WeakMap<Webhook["headers"], Webhook["headers"]>();

/** Headers that the user wants: a row of before may name one that has become ours since. */
function usersHeaders({ headers }: Pick<Webhook, "headers">): Webhook["headers"] {
  const known = allowed.get(headers);
  if (known !== undefined) return known;
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !isOwnHeader(name)));
  allowed.set(headers, kept);
  return kept;
}
