import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { InvalidError } from "../errors.ts";
import { type AddressKind, covers, kindOf, parseCidr } from "./addresses.ts";

/** Whose URL it is: the operator's (the default tenant's), or another tenant's. */
export type Owner = "operator" | "tenant";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Every address of a name. Rejects as `node:dns` does when there is none. */
export type ResolveName = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** Decides where requests that users point somewhere may go. */
export interface Guard {
  /**
   * The URL, when it may be used. It is checked as far as it can be without asking for the name's addresses.
   * @throws {InvalidError} On `url`, with a sentence for the user.
   */
  checkUrl(url: string, owner: Owner): URL;
  /** As `checkUrl` of a URL that was read before: why it may not be used, or undefined. */
  refusalOf(url: URL, owner: Owner): string | undefined;
  /**
   * For `net.connect`: resolves a name, checks every address that it has, and hands out only checked ones, so that
   * the connection goes where the check looked. Fails with `RefusedAddressError`.
   */
  lookupFor(owner: Owner): LookupFunction;
}

/** A name leads to an address where requests may not go. */
export class RefusedAddressError extends Error {
  override readonly name = "RefusedAddressError";
  readonly code = "KABAR_REFUSED_ADDRESS";
}

/** Names of metadata services, which have ordinary-looking or no public addresses. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "metadata.azure.internal",
  "metadata.tencentyun.com",
  "instance-data",
  "instance-data.ec2.internal",
]);

const KIND_WORDS: Readonly<Record<AddressKind, string>> = {
  public: "a public address",
  private: "a private address",
  loopback: "a loopback address",
  link_local: "a link-local address",
  metadata: "a cloud metadata service",
  special: "an address that is no public receiver",
};

/**
 * Makes the guard of `WEBHOOK_ALLOW_PRIVATE`.
 * @param deps `allowPrivate`: true lets every tenant's URLs lead to private addresses; a list of CIDRs lets them lead
 * to those. Link-local addresses and cloud metadata are out of reach for everybody.
 * @throws {InvalidError} If a CIDR is none.
 */
export function createGuard(
  deps: { readonly allowPrivate: boolean | readonly string[]; readonly lookup?: ResolveName },
): Guard {
  const resolve = deps.lookup ?? resolveBySystem;
  const allowAll = deps.allowPrivate === true;
  const allowed = typeof deps.allowPrivate === "boolean" ? [] : deps.allowPrivate.map((text, index) => {
    const cidr = parseCidr(text);
    if (cidr !== undefined) return cidr;
    throw new InvalidError(`WEBHOOK_ALLOW_PRIVATE[${index}]`, `"${text}" is no CIDR such as 10.0.0.0/8`);
  });

  /** Why the address is refused, or undefined. */
  const refusedKind = (address: string, owner: Owner): AddressKind | undefined => {
    const kind = kindOf(address) ?? "special";
    if (kind === "link_local" || kind === "metadata") return kind;
    if (kind === "public" || owner === "operator" || allowAll || covers(allowed, address)) return undefined;
    return kind;
  };

  const refusalOf = (url: URL, owner: Owner): string | undefined => {
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      return `The URL must start with http:// or https://, not ${url.protocol}`;
    }
    if (url.username !== "" || url.password !== "") {
      return "The URL must not carry a user name or password; send them in a header";
    }
    if (/[{}]/.test(url.hostname)) {
      return "The URL must not have a placeholder in its host; the path may have some";
    }
    const host = url.hostname.replace(/\.$/, "");
    if (METADATA_NAMES.has(host)) return sentenceOf("metadata", url.hostname);
    const address = host === "localhost" || host.endsWith(".localhost") ? "127.0.0.1" : host;
    if (kindOf(address) === undefined) return undefined; // a name: its addresses are checked at each connect
    const kind = refusedKind(address, owner);
    return kind && sentenceOf(kind, url.hostname);
  };

  return {
    checkUrl(text, owner) {
      const url = URL.parse(text);
      if (url === null) {
        throw new InvalidError("url", "The URL cannot be read; it must be like https://host/path");
      }
      const refusal = refusalOf(url, owner);
      if (refusal !== undefined) throw new InvalidError("url", refusal);
      return url;
    },
    refusalOf,
    lookupFor: (owner) => (hostname, options, callback) => {
      resolve(hostname).then((addresses) => {
        for (const { address } of addresses) {
          const kind = refusedKind(address, owner);
          if (kind !== undefined) throw new RefusedAddressError(sentenceOf(kind, hostname));
        }
        const wanted = addresses.filter(({ family }) => isWanted(family, options.family));
        const first = wanted[0];
        if (first === undefined) throw nameNotFound(hostname);
        return wanted;
      }).then(
        (wanted) =>
          options.all ? callback(null, [...wanted]) : callback(null, wanted[0]!.address, wanted[0]!.family),
        (error) => callback(error, ""),
      );
    },
  };
}

function sentenceOf(kind: AddressKind, host: string): string {
  const leads = `"${host}" leads to ${KIND_WORDS[kind]}`;
  if (kind === "link_local" || kind === "metadata") {
    return `${leads}, which is never allowed (not even by WEBHOOK_ALLOW_PRIVATE)`;
  }
  return `${leads}; the setting WEBHOOK_ALLOW_PRIVATE (true, or a list of CIDRs) can allow it`;
}

function isWanted(family: number, asked: number | "IPv4" | "IPv6" | undefined): boolean {
  if (asked === undefined || asked === 0) return true;
  return family === (asked === "IPv4" ? 4 : asked === "IPv6" ? 6 : asked);
}

function nameNotFound(hostname: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND", hostname });
}

function resolveBySystem(hostname: string): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => error ? reject(error) : resolve(addresses));
  });
}
