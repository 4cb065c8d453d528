import { newId } from "../ids.ts";
import { loggedPath } from "../listener/logged_path.ts";
import { logOf } from "../log.ts";

const log = logOf("http");

/** What a request is known by, and what becomes of its answer. */
export interface Trace {
  /** `req_…`, or what the client sent as `X-Request-Id`. */
  readonly requestId: string;
  /** Gives the answer the headers that keep browsers careful, and logs it. */
  answered(answer: Pick<Response, "headers" | "status">): void;
}

/** Begins with a request. */
export function traceOf(
  { method, path, given }: {
    readonly method: string;
    readonly path: string;
    /** `X-Request-Id`, where the client has sent it. */
    readonly given: string | null | undefined;
  },
  now: () => number,
): Trace {
  const startedAt = now();
  const requestId = given && /^[\w.-]{1,64}$/.test(given) ? given : newId("req");
  return {
    requestId,
    answered({ headers, status }) {
      headers.set("X-Request-Id", requestId);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("X-Frame-Options", "DENY");
      if (!headers.has("Referrer-Policy")) headers.set("Referrer-Policy", "no-referrer");
      if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
      if (!headers.has("Content-Security-Policy")) {
        headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
      }
      log.debug("http.answered", {
        requestId,
        method,
        path: loggedPath(path),
        status,
        durationMs: now() - startedAt,
      });
    },
  };
}
