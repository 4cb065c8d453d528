import type { Tenant } from "../store/tenants.ts";
import type { KeyAccess } from "../tenants/keyring.ts";

/** What a request carries through its handlers. */
export interface HttpEnv {
  Variables: {
    /** `req_…`, or what the client sent as `X-Request-Id`. */
    requestId: string;
    /** Who asks: set on every route that needs a key. */
    tenant: Tenant;
    /** What the key lets them do: set where `tenant` is. */
    access: KeyAccess;
    /** Aborts once the key that let the request in does not count any more: what lasts has to end by it. */
    rights: AbortSignal;
  };
  Bindings: {
    /** The other end of the connection, as `Deno.serve` tells it. */
    remoteAddr?: { readonly hostname: string };
  };
}

/** Which envelope errors come in: `/api` and `/webhooks` speak one, Graph's paths Meta's, everything else the other. */
export type Surface = "v1" | "api" | "graph";

/** Where the Cloud API is: under `/graph`, with or without a version, and with one at the root. */
const GRAPH = /^\/(graph|v\d+\.\d+)(\/|$)/;

export function surfaceOf(path: string): Surface {
  if (GRAPH.test(path)) return "graph";
  return /^\/(api|webhooks)(\/|$)/.test(path) ? "api" : "v1";
}
