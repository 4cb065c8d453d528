import { DEFAULT_TENANT, type TenantId } from "../ids.ts";
import type { AttemptRequest } from "./attempt.ts";
import type { Outcome } from "./outcome.ts";
import { VERSION } from "../version.ts";

const TIMEOUT_MS = 10_000;
const MESSAGE = "This is a test event from Kabar";

/** Tries out a URL that nobody has subscribed: one request in the shape of format `instance`, kept nowhere. */
export type TryUrl = (
  url: string,
  event: { readonly name: string; readonly data: Readonly<Record<string, unknown>> },
  tenantId: TenantId,
) => Promise<Outcome>;

export function createTryUrl({ attempt, now }: {
  /** Makes the request in its turn. */
  readonly attempt: (request: AttemptRequest) => Promise<Outcome>;
  readonly now: () => number;
}): TryUrl {
  return (url, { name, data }, tenantId) => {
    return attempt({
      url,
      headers: {
        "content-type": "application/json",
        "user-agent": `Kabar/${VERSION}`,
        // By this mark without a `webhook-id` receivers of a gateway know that the operator is not who asks.
        ...(tenantId !== DEFAULT_TENANT && { "x-kabar-attempt": "1" }),
      },
      body: JSON.stringify({
        event: name,
        timestamp: new Date(now()).toISOString(),
        data: { message: MESSAGE, ...data },
      }),
      timeoutMs: TIMEOUT_MS,
      tenantId,
    });
  };
}
