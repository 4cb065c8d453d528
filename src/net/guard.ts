import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Clock, systemClock } from "../async/clock.ts";
import { createFairPlaces } from "../async/fair_places.ts";
import { createShared } from "../async/shared.ts";
import { InvalidError } from "../errors.ts";
import type { InvalidWhy } from "../invalid.ts";
import { DEFAULT_TENANT, type TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import { type AddressKind, covers, kindOf, parseCidr } from "./addresses.ts";

/**
 * Whose URLs they count as that come with a key which was made for somebody else than the operator: they lead no
 * further than any other tenant's.
 */
export const OF_OTHERS_KEYS: TenantId = "keys_of_others";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Every address of a name. Rejects as `node:dns` does when there is none. */
export type ResolveName = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/**
 * Decides where requests that users point somewhere may go. The default tenant is the operator, whose URLs may lead to
 * more than others' may.
 */
export interface Guard {
  /**
   * The URL, when it may be used. It is checked as far as it can be without asking for the name's addresses.
   * @throws {InvalidError} On `url`, with a sentence for the user.
   */
  checkUrl(url: string, tenantId: TenantId): URL;
  /** As `checkUrl` of a URL that was read before: why it may not be used, or undefined. */
  refusalOf(url: URL, tenantId: TenantId): string | undefined;
  /**
   * Why a host may not be used whose name leads only to addresses where requests may not go; undefined when some may be
   * used, and when the name cannot be looked up (in time): that may change.
   */
  refusedName(hostname: string, tenantId: TenantId): Promise<string | undefined>;
  /**
   * For `net.connect`: resolves a name, checks every address that it has, and hands out only checked ones, so that
   * the connection goes where the check looked. Fails with `RefusedAddressError`.
   */
  lookupFor(tenantId: TenantId): LookupFunction;
  /**
   * Why a connection that was made may not be used: its other end is this machine, by whatever name or address.
   * @param peer Its two ends.
   */
  refusedPeer(peer: Peer, tenantId: TenantId): RefusedAddressError | undefined;
}

/** The two ends of a connection, as sockets name them. */
export interface Peer {
  readonly localAddress?: string;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
}

const log = logOf("net");

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
 * @param deps `allowPrivate`: true lets every tenant's URLs lead to private addresses, but not to this machine, where
 * the gateway itself and the operator's own programs listen; a list of CIDRs lets them lead to those. Link-local
 * addresses and cloud metadata are out of reach for everybody. `ownHosts`: names and addresses of the gateway itself,
 * with port, where only the operator's URLs may lead.
 * @throws {InvalidError} If a CIDR is none.
 */
export function createGuard(
  deps: {
    readonly allowPrivate: boolean | readonly string[];
    readonly ownHosts?: () => readonly string[];
    /** The port that the gateway listens on. */
    readonly ownPort?: () => number | undefined;
    readonly lookup?: ResolveName;
    readonly clock?: Pick<Clock, "wait">;
  },
): Guard {
  const { clock = systemClock } = deps;
  const resolve = inTurn(deps.lookup ?? resolveBySystem, clock);
  const allowAll = deps.allowPrivate === true;
  const allowed = typeof deps.allowPrivate === "boolean" ? [] : deps.allowPrivate.map((text, index) => {
    const cidr = parseCidr(text);
    if (cidr !== undefined) return cidr;
    throw new InvalidError(`WEBHOOK_ALLOW_PRIVATE[${index}]`, `"${text}" is no CIDR such as 10.0.0.0/8`);
  });

  /** Why the address is refused, or undefined. */
  const refusedKind = (address: string, tenantId: TenantId): AddressKind | undefined => {
    const kind = kindOf(address) ?? "special";
    if (kind === "link_local" || kind === "metadata") return kind;
    if (kind === "public" || tenantId === DEFAULT_TENANT || covers(allowed, address)) return undefined;
    return allowAll && kind !== "loopback" ? undefined : kind;
  };

  const refused = (url: URL, tenantId: TenantId): readonly [string, InvalidWhy] | undefined => {
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      const got = url.protocol;
      return [`The URL must start with http:// or https://, not ${got}`, { kind: "url_scheme", got }];
    }
    if (url.username !== "" || url.password !== "") {
      const message = "The URL must not carry a user name or password; send them in a header";
      return [message, { kind: "url_password" }];
    }
    if (/[{}]/.test(url.hostname)) {
      const message = "The URL must not have a placeholder in its host; the path may have some";
      return [message, { kind: "url_placeholder" }];
    }
    const host = url.hostname.replace(/\.$/, "");
    const why = { kind: "url_refused", host: url.hostname } as const;
    if (METADATA_NAMES.has(host)) return [sentenceOf("metadata", url.hostname), why];
    if (tenantId !== DEFAULT_TENANT && deps.ownHosts?.().includes(hostAndPort(url))) {
      const message = `"${url.hostname}" is this gateway itself, where no URL may lead`;
      return [message, { kind: "url_own", host: url.hostname }];
    }
    const address = host === "localhost" || host.endsWith(".localhost") ? "127.0.0.1" : host;
    if (kindOf(address) === undefined) return undefined; // a name: its addresses are checked at each connect
    const kind = refusedKind(address, tenantId);
    return kind && [sentenceOf(kind, url.hostname), why];
  };

  return {
    checkUrl(text, tenantId) {
      const url = URL.parse(text);
      if (url === null) {
        throw new InvalidError("url", "The URL cannot be read; it must be like https://host/path", {
          kind: "url",
        });
      }
      const refusal = refused(url, tenantId);
      if (refusal !== undefined) throw new InvalidError("url", ...refusal);
      return url;
    },
    refusalOf: (url, tenantId) => refused(url, tenantId)?.[0],
    refusedPeer({ localAddress, remoteAddress = "", remotePort }, tenantId) {
      if (tenantId === DEFAULT_TENANT) return undefined;
      const kind = kindOf(remoteAddress);
      if (localAddress !== remoteAddress && kind !== "loopback") return undefined;
      const isGateway = remotePort !== undefined && remotePort === deps.ownPort?.();
      const mayUse = kind === "public" || covers(allowed, remoteAddress);
      return mayUse && !isGateway ? undefined : new RefusedAddressError(
        `The URL leads to the gateway's own machine, where only the operator's URLs may lead${
          isGateway ? "" : "; the setting WEBHOOK_ALLOW_PRIVATE (a list of CIDRs) can allow it"
        }`,
      );
    },
    async refusedName(hostname, tenantId) {
      const host = hostname.replace(/\.$/, "");
      if (kindOf(host) !== undefined) return undefined; // the address itself was checked with the URL
      const addresses = await Promise.race([
        resolve(host, tenantId).catch(() => []),
        clock.wait(LOOKUP_MS).then(() => []),
      ]);
      const kinds = addresses.map(({ address }) => refusedKind(address, tenantId));
      const first = kinds[0];
      if (first === undefined || kinds.includes(undefined)) return undefined;
      return tenantId === DEFAULT_TENANT ? sentenceOf(first, hostname) : notPublic(hostname).message;
    },
    lookupFor: (tenantId) => (hostname, options, callback) => {
      resolve(hostname, tenantId).then((addresses) => {
        for (const { address } of addresses) {
          const kind = refusedKind(address, tenantId);
          if (kind === undefined) continue;
          if (tenantId === DEFAULT_TENANT) throw new RefusedAddressError(sentenceOf(kind, hostname));
          log.warn("address.refused", { host: hostname, kind, setting: "WEBHOOK_ALLOW_PRIVATE" });
          throw notPublic(hostname);
        }
        const wanted = addresses.filter(({ family }) => isWanted(family, options.family));
        const first = wanted[0];
        if (first === undefined) throw nameNotFound(hostname);
        return wanted;
      }).then(
        (wanted) =>
          options.all ? callback(null, [...wanted]) : callback(null, wanted[0]!.address, wanted[0]!.family),
        (error) =>
          callback(tenantId !== DEFAULT_TENANT && isNotFound(error) ? notPublic(hostname) : error, ""),
      );
    },
  };
}

/**
 * Look-ups at once, of all and of one tenant. The system's resolver waits for each in a thread of the few that also
 * bring the store's commits to the disk: names that nobody answers for must leave most of them free.
 */
const LOOKUPS = { inAll: 8, ofOne: 4 };
/** How long a look-up may wait for its turn. */
const TURN_MS = 5_000;

/** Looks names up for tenants in turns; who asks for a name that is being looked up gets the same answer. */
function inTurn(resolve: ResolveName, clock: Pick<Clock, "wait">) {
  const places = createFairPlaces({ ...LOOKUPS, clock });
  const shared = createShared<readonly ResolvedAddress[]>();
  return (hostname: string, tenantId: TenantId): Promise<readonly ResolvedAddress[]> => {
    const patience = { ms: TURN_MS, error: () => notInTime(hostname) };
    return shared(
      `${tenantId} ${hostname}`,
      () => places.run(tenantId, () => resolve(hostname), patience),
    );
  };
}

/** As the system says of a name whose servers do not answer. */
function notInTime(hostname: string): Error {
  const message = `getaddrinfo EAI_AGAIN ${hostname}: other names of the tenant are being looked up`;
  return Object.assign(new Error(message), { code: "EAI_AGAIN", hostname });
}

/** Who asks whether a name may be used waits so long for its addresses. */
const LOOKUP_MS = 2_000;

function sentenceOf(kind: AddressKind, host: string): string {
  const leads = `"${host}" leads to ${KIND_WORDS[kind]}`;
  if (kind === "link_local" || kind === "metadata") {
    return `${leads}, which is never allowed (not even by WEBHOOK_ALLOW_PRIVATE)`;
  }
  return `${leads}; the setting WEBHOOK_ALLOW_PRIVATE (true, or a list of CIDRs) can allow it`;
}

/** One sentence for all that fails, so that nobody learns by it which names exist inside. */
function notPublic(hostname: string): RefusedAddressError {
  return new RefusedAddressError(
    `"${hostname}" leads to no public address: it does not exist, or not for everybody (the operator's log says which)`,
  );
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOTFOUND", "ENODATA"].includes(String(error.code));
}

/** As in `URL.host`, with the port always there. */
function hostAndPort({ protocol, hostname, port }: URL): string {
  return `${hostname.replace(/\.$/, "")}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`;
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
