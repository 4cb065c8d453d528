import { createHmac } from "node:crypto";
import { z } from "zod";

const envelope = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()) });

/** A webhook request as the demonstration's receiver saw it. */
export interface ReceivedWebhook {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Which request of its delivery it is, from 1. */
  readonly attempt: number;
  /** Whether `X-Rijan-Signature` is the HMAC-SHA256 of the body. */
  readonly signatureIsValid: boolean;
  readonly signature: string;
  /** What the receiver answered. */
  readonly status: number;
}

/** An application that takes webhooks, checks their signature, and can be broken. */
export interface DemoReceiver {
  readonly url: string;
  /** Answers the next request about this event with 500. */
  breakOnce(event: string): void;
  /** Resolves with the first request, past or to come, that `check` accepts. */
  waitFor(check: (webhook: ReceivedWebhook) => boolean): Promise<ReceivedWebhook>;
  stop(): Promise<void>;
}

export function startDemoReceiver(
  secret: string,
  onReceived: (webhook: ReceivedWebhook) => void,
): DemoReceiver {
  const received: ReceivedWebhook[] = [];
  const waiting = new Set<(webhook: ReceivedWebhook) => void>();
  let broken: string | undefined;

  async function handle(request: Request): Promise<Response> {
    const body = await request.text();
    const { event, data } = envelope.parse(JSON.parse(body));
    const signature = request.headers.get("x-rijan-signature") ?? "";
    const webhook: ReceivedWebhook = {
      event,
      data,
      attempt: Number(request.headers.get("x-kabar-attempt")),
      signature,
      signatureIsValid: signature === createHmac("sha256", secret).update(body).digest("hex"),
      status: event === broken ? 500 : 200,
    };
    if (event === broken) broken = undefined;
    received.push(webhook);
    onReceived(webhook);
    for (const hear of [...waiting]) hear(webhook);
    return Response.json({ received: webhook.status === 200 }, { status: webhook.status });
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);

  return {
    url: `http://127.0.0.1:${server.addr.port}/webhook`,
    breakOnce(event) {
      broken = event;
    },
    waitFor(check) {
      const known = received.find(check);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const hear = (webhook: ReceivedWebhook) => {
          if (!check(webhook)) return;
          waiting.delete(hear);
          resolve(webhook);
        };
        waiting.add(hear);
      });
    },
    stop: () => server.shutdown(),
  };
}
