import { Lru } from "../async/lru.ts";
import { kindOf } from "./addresses.ts";
import { isForwardingHeader } from "./forwarding_headers.ts";

/** What a request shows of where it comes from. */
export interface Caller {
  /** The other end of the connection; undefined when it is not known. */
  readonly remoteAddress: string | undefined;
  readonly headers: Headers;
}

/**
 * Why a request is not believed to be the operator's own, from this machine.
 *
 * * `proxy`: the settings say that a proxy stands in front, so every connection may be anybody's.
 * * `remote`: the connection is not a loopback one, or it was passed on by a proxy.
 * * `page`: a web page sent it. The operator's browser runs on this machine, but its pages are anybody's.
 */
export type StrangerReason = "proxy" | "remote" | "page";

/**
 * Decides whether a request was made by a program on this machine: a loopback connection that nothing passed on and
 * no web page caused. What a page can send without being asked always carries `Origin` or `Sec-Fetch-Site`, or (by
 * DNS rebinding) a `Host` that is no name of this machine.
 * @param behindProxy Whether the settings name a proxy: `isBehindProxy`.
 * @param options.ownPages Also takes what the gateway's own pages send: `Origin` must then be that of `Host`.
 * @see Fetch Metadata Request Headers, "The Sec-Fetch-Site HTTP Request Header"
 */
export function strangerReason(
  { remoteAddress, headers }: Caller,
  { behindProxy, ownPages = false }: { readonly behindProxy: boolean; readonly ownPages?: boolean },
): StrangerReason | undefined {
  if (behindProxy) return "proxy";
  if (remoteAddress === undefined || kindOf(remoteAddress) !== "loopback") return "remote";
  for (const name of headers.keys()) if (isForwardingHeader(name)) return "remote";
  const host = headers.get("host");
  if (host !== null && !namesThisMachine(host)) return "page";
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "none" && site !== "same-origin") return "page";
  const origin = headers.get("origin");
  if (origin === null) return undefined;
  return ownPages && host !== null && URL.parse(origin)?.host === host.toLowerCase() ? undefined : "page";
}

/**
 * Whether the settings say that a proxy stands before the gateway: `TRUST_PROXY` names one, or `APP_URL` is an address
 * that is not this machine's.
 */
export function isBehindProxy(
  { appUrl, trustProxy }: {
    readonly appUrl: string | undefined;
    readonly trustProxy: boolean | number | readonly string[] | undefined;
  },
): boolean {
  if (trustProxy !== undefined && trustProxy !== false && trustProxy !== 0) return true;
  const host = appUrl === undefined ? undefined : URL.parse(appUrl)?.hostname;
  return host !== undefined && !isThisMachine(host);
}

/** Whether a name or an address is this machine by itself: `localhost`, `127.0.0.1`, `[::1]`. */
export function isThisMachine(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return host === "localhost" || host.endsWith(".localhost") || kindOf(host) === "loopback";
}

/** The same few values of `Host` come with every request. */
const hosts = new Lru<string, boolean>(1_000);

function namesThisMachine(host: string): boolean {
  const known = hosts.get(host);
  if (known !== undefined) return known;
  const names = isThisMachine(URL.parse(`http://${host}`)?.hostname ?? host);
  if (host.length < LONGEST_HOST) hosts.set(host, names);
  return names;
}

const LONGEST_HOST = 256;
