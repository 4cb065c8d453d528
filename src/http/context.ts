import type { Tenant } from "../store/tenants.ts";

/** What a request carries through its handlers. */
export interface HttpEnv {
  Variables: {
    /** `req_…`, or what the client sent as `X-Request-Id`. */
    requestId: string;
    /** Who asks: set on every route that needs a key. */
    tenant: Tenant;
  };
  Bindings: {
    /** The other end of the connection, as `Deno.serve` tells it. */
    remoteAddr?: { readonly hostname: string };
  };
}

/** Which envelope errors come in: `/api` and `/webhooks` speak one, everything else the other. */
export type Surface = "v1" | "api";

export function surfaceOf(path: string): Surface {
  return /^\/(api|webhooks)(\/|$)/.test(path) ? "api" : "v1";
}
