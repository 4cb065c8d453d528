import { InvalidError } from "../errors.ts";

/** A proxy that connections are made through. */
export interface Proxy {
  readonly kind: "socks5" | "http";
  readonly host: string;
  readonly port: number;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** A proxy whose name was looked up: connections go to `address`, wherever the name leads later. */
export interface ResolvedProxy extends Proxy {
  readonly address: string;
}

const KINDS: Readonly<Record<string, Proxy["kind"]>> = {
  "socks5:": "socks5",
  "socks5h:": "socks5",
  "http:": "http",
};
const DEFAULT_PORTS: Readonly<Record<Proxy["kind"], number>> = { socks5: 1080, http: 80 };
/** SOCKS5 tells their lengths in one byte. */
const LONGEST_PART = 255;
const TAKES = "must be like socks5://user:password@host:1080 or http://user:password@host:3128";

/**
 * Reads a proxy's URL. The proxy looks names up, whichever kind it is.
 * @throws {InvalidError} On `proxy`; what was given is not repeated, as it may hold a password.
 */
export function parseProxy(text: string): Proxy {
  const url = URL.parse(text);
  const kind = url === null ? undefined : KINDS[url.protocol];
  const rest = url === null ? "" : url.pathname.replace(/^\/$/, "") + url.search + url.hash;
  if (url === null || kind === undefined || url.hostname === "" || rest !== "" || url.port === "0") {
    throw new InvalidError("proxy", `Field \`proxy\` ${TAKES}`, { kind: "proxy" });
  }
  const [username, password] = [url.username, url.password].map(decoded);
  if (username.length > LONGEST_PART || password.length > LONGEST_PART) {
    throw new InvalidError(
      "proxy",
      `Field \`proxy\` must have a user name and password of at most 255 bytes`,
      { kind: "proxy_long", most: LONGEST_PART },
    );
  }
  return {
    kind,
    host: url.hostname.toLowerCase().replace(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORTS[kind] : Number(url.port),
    ...(username === "" && password === "" ? {} : { credentials: { username, password } }),
  };
}

/** Where a proxy is, without what may be secret. */
export function addressOf({ kind, host, port }: Proxy): string {
  return `${kind}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A proxy as a URL that holds everything. */
export function urlOf(proxy: Proxy, host = proxy.host): string {
  const { username = "", password = "" } = proxy.credentials ?? {};
  const who = proxy.credentials === undefined ? "" : `${encoded(username)}:${encoded(password)}@`;
  return addressOf({ ...proxy, host }).replace("://", `://${who}`);
}

/** The connection could not be made through the proxy. The message names where the proxy is, and no secret. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  constructor(proxy: Proxy, why: string) {
    super(`Cannot connect through the proxy ${addressOf(proxy)}: ${why}`);
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    const message = "Field `proxy` must have its user name and password percent-encoded";
    throw new InvalidError("proxy", message, { kind: "proxy_encoded" });
  }
}
