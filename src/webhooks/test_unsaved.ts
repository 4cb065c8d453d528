import type { KabarEvent } from "../events/event.ts";
import { type FormatName, formatOf } from "../formats/mod.ts";
import { requestFor, type WebhookRequest } from "../formats/request.ts";
import type { TenantId } from "../ids.ts";
import type { AttemptRequest } from "./attempt.ts";
import { checkHeaders } from "./request_headers.ts";
import type { Outcome } from "./outcome.ts";

/** A webhook that does not exist yet. */
export interface UnsavedWebhook {
  readonly url: string;
  readonly format: FormatName;
  readonly secret: string | undefined;
  /** Sent with the request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Null or left out: the format's own. */
  readonly timeoutMs?: number | null;
}

/** What was sent to an unsaved webhook, and what came back. */
export interface UnsavedTest {
  readonly request: WebhookRequest;
  readonly outcome: Outcome;
}

/** Sends an example to a URL as a webhook would, once, and keeps it nowhere. */
export type TestUnsaved = (
  tenantId: TenantId,
  webhook: UnsavedWebhook,
  example: KabarEvent,
) => Promise<UnsavedTest>;

/** @throws {InvalidError} (the made function) If the tenant may not use the URL or a header. */
export function createTestUnsaved({ attempt, checkUrl, now }: {
  readonly attempt: (request: AttemptRequest) => Promise<Outcome>;
  readonly checkUrl: (url: string, tenantId: TenantId) => unknown;
  readonly now: () => number;
}): TestUnsaved {
  return async (tenantId, { url, format, secret, headers = {}, timeoutMs: wanted }, example) => {
    checkUrl(url, tenantId);
    const checked = checkHeaders(headers, {});
    const secrets = secret === undefined ? [] : [{ value: secret, expiresAt: null }];
    const { says, timeoutMs } = formatOf(format);
    const request = requestFor({
      event: example,
      name: says(example)[0] ?? example.type,
      webhook: { url, format, headers: checked, secrets },
      deliveryId: "dlv_0",
      attempt: 1,
      at: now(),
    });
    return { request, outcome: await attempt({ ...request, timeoutMs: wanted ?? timeoutMs, tenantId }) };
  };
}
