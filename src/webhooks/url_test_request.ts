import type { Owner } from "./guard.ts";
import type { Attempts } from "./attempt.ts";
import type { Outcome } from "./outcome.ts";
import { VERSION } from "../version.ts";

const TIMEOUT_MS = 10_000;
const MESSAGE = "This is a test event from Kabar";

/** Tries out a URL that nobody has subscribed: one request in the shape of format `instance`, kept nowhere. */
export type TryUrl = (
  url: string,
  event: { readonly name: string; readonly data: Readonly<Record<string, unknown>> },
  owner: Owner,
) => Promise<Outcome>;

export function createTryUrl({ attempt, now }: {
  readonly attempt: Attempts["attempt"];
  readonly now: () => number;
}): TryUrl {
  return (url, { name, data }, owner) =>
    attempt({
      url,
      headers: { "content-type": "application/json", "user-agent": `Kabar/${VERSION}` },
      body: JSON.stringify({
        event: name,
        timestamp: new Date(now()).toISOString(),
        data: { message: MESSAGE, ...data },
      }),
      timeoutMs: TIMEOUT_MS,
      owner,
    });
}
