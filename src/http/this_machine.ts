import type { Context } from "@hono/hono";
import { DEFAULT_TENANT } from "../ids.ts";
import { isBehindProxy, type StrangerReason, strangerReason } from "../net/this_machine.ts";
import type { Events } from "../store/events.ts";
import type { TrustProxy } from "./client_address.ts";
import type { HttpEnv } from "./context.ts";

/** As `StrangerReason`; `deputy`: another tenant's webhook made the gateway itself send the request. */
export type WhyStranger = StrangerReason | "deputy";

/** Tells the operator's own programs on this machine from everybody else. */
export interface ThisMachine {
  /**
   * Why the request is not believed to come from this machine; undefined when it does.
   * @param options.ownPages Also takes what the gateway's own pages send.
   */
  strangerOf(
    c: Context<HttpEnv>,
    options?: { readonly ownPages?: boolean },
  ): Promise<WhyStranger | undefined>;
  /** As `strangerOf`, for those who do not need the reason. */
  isFromThisMachine(c: Context<HttpEnv>, options?: { readonly ownPages?: boolean }): Promise<boolean>;
  /**
   * Whether the request is a delivery of this gateway to itself for a webhook of another tenant than the default one.
   */
  isDeputy(c: Context<HttpEnv>): Promise<boolean>;
}

export interface ThisMachineDeps {
  /** `APP_URL`: a public address means that a proxy passes requests on. */
  readonly appUrl: string | undefined;
  /** `TRUST_PROXY`: likewise. */
  readonly trustProxy: TrustProxy;
  readonly events: Pick<Events, "get">;
}

/**
 * Makes the one rule by which what needs no key is open to this machine only, and by which `API_AUTH=off` tells its
 * user from web pages.
 */
export function createThisMachine({ appUrl, trustProxy, events }: ThisMachineDeps): ThisMachine {
  const behindProxy = isBehindProxy({ appUrl, trustProxy });

  /** A delivery names its event in `webhook-id`. An event of another gateway is not known here, and no tenant's. */
  async function isDeputy(c: Context<HttpEnv>): Promise<boolean> {
    if (c.req.header("X-Kabar-Attempt") === undefined) return false;
    const eventId = /^evt_[0-9a-z]+/i.exec(c.req.header("webhook-id") ?? "")?.[0];
    if (eventId === undefined) return true;
    const event = await events.get(eventId);
    return event !== undefined && event.tenantId !== DEFAULT_TENANT;
  }

  const strangerOf: ThisMachine["strangerOf"] = async (c, { ownPages = false } = {}) => {
    const remoteAddress = c.env?.remoteAddr?.hostname;
    const reason = strangerReason({ remoteAddress, headers: c.req.raw.headers }, { behindProxy, ownPages });
    if (reason !== undefined) return reason;
    return await isDeputy(c) ? "deputy" : undefined;
  };

  return {
    strangerOf,
    isFromThisMachine: async (c, options) => await strangerOf(c, options) === undefined,
    isDeputy,
  };
}
