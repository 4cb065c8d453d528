import type { Dispatcher } from "undici";
import { Agent, errors } from "../../net/undici.ts";
import { messageOf } from "../../errors.ts";
import type { Loose } from "../loose.ts";
import { parseRetryAfter } from "../../net/retry_after.ts";
import { configIn, hasError, messageIdIn, type QiscusConfig, wordsIn } from "./answers.ts";
import { announcing } from "./request_start.ts";

/** As much of an answer as is read. */
const MOST_ANSWER_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;

/** What the operator was given by Qiscus. */
export interface QiscusAccount {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly appId: string;
  readonly secretKey: string;
  readonly channelId: string;
}

/** What became of a request to send a message. */
export type QiscusOutcome =
  /** Qiscus has it. `waMessageId` is null when the answer does not name it. */
  | { readonly kind: "accepted"; readonly waMessageId: string | null }
  | {
    readonly kind: "refused";
    readonly status: number;
    readonly message: string;
    /** What `Retry-After` asks for. */
    readonly retryAfterMs: number | null;
  }
  /** It never left. */
  | { readonly kind: "unsent"; readonly message: string }
  /** It left, and no answer came: nobody knows whether Qiscus has it. */
  | { readonly kind: "unknown"; readonly message: string };

export interface QiscusClient {
  readonly account: QiscusAccount;
  /**
   * Sends one message, once.
   * @param payload The request's body without `to`.
   * @param onLeaving Called right before the first byte leaves; when it throws, nothing leaves.
   */
  send(to: string, payload: Loose, onLeaving: () => void): Promise<QiscusOutcome>;
  /** @throws {Error} If Qiscus does not accept it, in its words. */
  register(webhookUrl: string): Promise<void>;
  /** Null when Qiscus does not tell, or cannot be reached. */
  config(): Promise<QiscusConfig | null>;
  close(): Promise<void>;
}

/**
 * Speaks to Qiscus' API for WhatsApp. Connections are not kept: a kept one may be closed by the other side at the very
 * moment when a request goes into it, and then nobody knows what became of the message.
 */
export function createQiscusClient(
  account: QiscusAccount,
  { timeoutMs = TIMEOUT_MS, now }: { readonly timeoutMs?: number; readonly now: () => number },
): QiscusClient {
  const { baseUrl, appId, secretKey, channelId } = account;
  const agent = new Agent({ pipelining: 0, connect: { timeout: timeoutMs } });
  const settingsUrl = `${baseUrl}/whatsapp/${appId}/${channelId}/settings`;
  const messagesUrl = `${baseUrl}/whatsapp/v1/${appId}/${channelId}/messages`;

  async function ask(
    url: string,
    options: Pick<Dispatcher.RequestOptions, "method" | "body">,
    onLeaving: () => void = () => {},
  ) {
    const { statusCode, headers, body } = await announcing(agent, onLeaving).request({
      ...options,
      origin: new URL(url).origin,
      path: new URL(url).pathname,
      headers: {
        "Content-Type": "application/json",
        "Qiscus-App-Id": appId,
        "Qiscus-Secret-Key": secretKey,
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { statusCode, headers, answer: await readJson(body) };
  }

  return {
    account,
    async send(to, payload, onLeaving) {
      let left = false;
      try {
        const body = JSON.stringify({ to, ...payload });
        const { statusCode, headers, answer } = await ask(messagesUrl, { method: "POST", body }, () => {
          onLeaving();
          left = true;
        });
        const waMessageId = messageIdIn(answer);
        const isAccepted = statusCode >= 200 && statusCode < 300;
        // With an error and without an id Qiscus has not taken it, whatever the status is.
        if (isAccepted && (waMessageId !== undefined || !hasError(answer))) {
          return { kind: "accepted", waMessageId: waMessageId ?? null };
        }
        const message = wordsIn(answer) ?? `Qiscus answered ${statusCode}`;
        const retryAfterMs = parseRetryAfter(headers["retry-after"], now()) ?? null;
        return { kind: "refused", status: statusCode, message, retryAfterMs };
      } catch (error) {
        return { kind: left ? "unknown" : "unsent", message: reasonOf(error, timeoutMs) };
      }
    },
    async register(webhookUrl) {
      const body = JSON.stringify({ webhooks: { url: webhookUrl } });
      const { statusCode, answer } = await ask(settingsUrl, { method: "POST", body });
      if (statusCode < 200 || statusCode >= 300) {
        throw new Error(wordsIn(answer) ?? `Qiscus answered ${statusCode}`);
      }
    },
    async config() {
      try {
        const { statusCode, answer } = await ask(settingsUrl, { method: "GET" });
        return statusCode >= 200 && statusCode < 300 ? configIn(answer) : null;
      } catch (error) {
        if (error instanceof Error) return null; // the caller asked for no reason, only whether it tells
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

async function readJson(body: Dispatcher.ResponseData["body"]): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) break;
  }
  try {
    return JSON.parse(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).text());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const timedOut = error instanceof DOMException && error.name === "TimeoutError" ||
    error instanceof errors.ConnectTimeoutError;
  return timedOut
    ? `Qiscus did not answer within ${timeoutMs / 1000} s (timeout)`
    : `Cannot reach Qiscus: ${messageOf(error)}`;
}
