import ipaddr from "ipaddr.js";
import { Lru } from "../async/lru.ts";
import { InvalidError } from "../errors.ts";
import type { HttpEnv } from "./context.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Whose `X-Forwarded-For` counts: nobody's (undefined), everybody's (true), that of so many proxies in a row, or that
 * of proxies in these address ranges.
 */
export type TrustProxy = boolean | number | readonly string[] | undefined;

/** The address of who really asks, or undefined when the connection does not tell. */
export type ClientAddressOf = (c: Asked) => string | undefined;

/** What is looked at of a request. */
interface Asked {
  readonly env?: HttpEnv["Bindings"];
  readonly req: { header(name: string): string | undefined };
}

/**
 * Makes the function that looks behind proxies. What a client writes into `X-Forwarded-For` itself never counts,
 * unless everybody is trusted.
 * @throws {InvalidError} If a range is none.
 */
export function createClientAddress(trust: TrustProxy): ClientAddressOf {
  const trusted = trustedBy(trust);
  /** The other ends of connections, which ask again and again. */
  const sockets = new Lru<string, { readonly address: Address; readonly text: string }>(1_000);

  function socketOf(hostname: string) {
    const known = sockets.get(hostname);
    if (known !== undefined) return known;
    const address = parseAddress(hostname);
    if (address === undefined) return undefined;
    const made = { address, text: address.toString() };
    sockets.set(hostname, made);
    return made;
  }

  return (c) => {
    const known = socketOf(c.env?.remoteAddr?.hostname ?? "");
    if (known === undefined) return undefined;
    const { address: socket } = known;
    const hops = forwardedFor(c.req.header("X-Forwarded-For"));
    let client = socket;
    for (let index = 0; index < hops.length && trusted(client, index); index++) {
      const before = parseAddress(hops[hops.length - 1 - index]);
      if (before === undefined) break;
      client = before;
    }
    return client === socket ? known.text : client.toString();
  };
}

/** Whether `address` lies in one of the ranges (single addresses count as ranges of one). */
export function isWithin(address: string, ranges: readonly string[]): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && ranges.map(parseRange).some((range) => contains(range, parsed));
}

function trustedBy(trust: TrustProxy): (address: Address, hop: number) => boolean {
  if (trust === undefined || trust === false) return () => false;
  if (trust === true) return () => true;
  if (typeof trust === "number") return (_, hop) => hop < trust;
  const ranges = trust.map(parseRange);
  return (address) => ranges.some((range) => contains(range, address));
}

function forwardedFor(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  return header.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** Reads an address with or without a port; an IPv4 address in IPv6 clothes is IPv4. */
function parseAddress(text: string): Address | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text);
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text);
  const bare = bracketed?.[1] ?? withPort?.[1] ?? text;
  if (!ipaddr.IPv6.isValid(bare) && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return undefined;
  return ipaddr.process(bare);
}

function parseRange(text: string): [Address, number] {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const single = parseAddress(text);
  if (single === undefined) {
    throw new InvalidError(
      "TRUST_PROXY",
      `"${text}" is neither an address nor a range of addresses such as 10.0.0.0/8`,
    );
  }
  return [single, single.kind() === "ipv4" ? 32 : 128];
}

function contains([base, bits]: [Address, number], address: Address): boolean {
  if (base instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(base, bits);
  return address instanceof ipaddr.IPv6 && address.match(base, bits);
}
