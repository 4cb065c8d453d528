import type { RequestFacts } from "../../formats/format.ts";
import { type FormatName, formatOf } from "../../formats/mod.ts";
import { standardSignature } from "../../formats/standard_webhooks.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import { messageOf } from "../../errors.ts";
import type { FeedEvent } from "./feed.ts";

/** What a program made of an event. */
export interface Forwarded {
  readonly ok: boolean;
  /** In words, for one line: `200 in 12 ms`, or why there is no answer. */
  readonly outcome: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The answer's first part; empty when there was none. */
  readonly answer: string;
}

const TIMEOUT_MS = 30_000;
const ANSWER_CHARACTERS = 4_096;

/** Where events go, and how they are signed. */
export interface ForwardTarget {
  readonly url: string;
  readonly format: FormatName;
  readonly secret: string;
}

/** Posts an event to a program once, as the gateway posts it to a webhook of the format. Never rejects. */
export async function forward(
  event: FeedEvent,
  { url, format, secret }: ForwardTarget,
  { attempt, at, signal }: { readonly attempt: number; readonly at: number; readonly signal: AbortSignal },
): Promise<Forwarded> {
  const headers = headersOf(event, format, secret, { attempt, at });
  const startedAt = performance.now();
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body: event.body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const answer = (await response.text()).slice(0, ANSWER_CHARACTERS);
    const took = Math.round(performance.now() - startedAt);
    return { ok: response.ok, outcome: `${response.status} in ${took} ms`, headers, answer };
  } catch (error) {
    return { ok: false, outcome: messageOf(error), headers, answer: "" };
  }
}

/** The headers of a webhook's request: Standard Webhooks', those of every format, and the format's own. */
function headersOf(
  { seq, eventId, name, body, device }: FeedEvent,
  format: FormatName,
  secret: string,
  { attempt, at }: { readonly attempt: number; readonly at: number },
): Readonly<Record<string, string>> {
  const { headers, userAgent } = formatOf(format);
  const secrets = [{ value: secret, expiresAt: null }];
  const seconds = Math.floor(at / 1000);
  // A format's own headers tell of the device and the delivery, not of what happened.
  const facts: RequestFacts = {
    event: {
      seq,
      tenantSeq: seq,
      id: eventId,
      type: "webhook.test",
      tenantId: DEFAULT_TENANT,
      device: device === undefined ? null : { id: device, alias: null },
      at,
      data: { message: "" },
    },
    name,
    deliveryId: `dlv_local_${seq}`,
    attempt,
    at,
  };
  return {
    "Content-Type": "application/json",
    "User-Agent": userAgent,
    "X-Kabar-Attempt": String(attempt),
    "X-Kabar-Seq": String(seq),
    "webhook-id": eventId,
    "webhook-timestamp": String(seconds),
    "webhook-signature": standardSignature(eventId, seconds, body, [secret]),
    ...headers(facts, body, secrets),
  };
}
