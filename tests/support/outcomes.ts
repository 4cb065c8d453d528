import type { Failed, Succeeded } from "../../src/webhooks/outcome.ts";

export function aSuccess(): Succeeded {
  return { ok: true, statusCode: 200, response: "", startedAt: 0, durationMs: 1 };
}

/** An answer of 500, unless told. */
export function aFailure(change: Partial<Failed> = {}): Failed {
  return {
    ok: false,
    reason: "status",
    statusCode: 500,
    error: "HTTP 500",
    response: "",
    retryAfterMs: null,
    gone: false,
    startedAt: 0,
    durationMs: 1,
    ...change,
  };
}
