import ipaddr from "ipaddr.js";
import { Lru } from "../async/lru.ts";

/**
 * What an IP address is good for.
 *
 * * `public`: anybody's.
 * * `private`: RFC 1918 and unique local.
 * * `loopback`: this machine, `0.0.0.0` and `::` included.
 * * `link_local`: this wire; where clouds put their metadata.
 * * `metadata`: a cloud's metadata service outside the link-local range.
 * * `special`: never a receiver: shared (CGNAT), multicast, translated or tunnelled (NAT64, 6to4, Teredo),
 *   documentation, benchmark, reserved.
 */
export type AddressKind = "public" | "private" | "loopback" | "link_local" | "metadata" | "special";

type Ip = ipaddr.IPv4 | ipaddr.IPv6;
export type Cidr = readonly [Ip, number];

/** Metadata services that live outside 169.254.0.0/16, as the clouds document them. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set([
  "100.100.100.200", // Alibaba Cloud
  "168.63.129.16", // Azure WireServer
  "192.0.0.192", // Oracle Cloud
  "fd00:ec2::254", // EC2
  "fd00:ec2::23", // EKS pod identity
  "fd20:ce::254", // Google Cloud
  "fd00:42::42", // Scaleway
]);

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/** The kind of an address in the notation of a resolver or of `URL.hostname`; undefined when it is none. */
export function kindOf(address: string): AddressKind | undefined {
  const known = kinds.get(address);
  if (known !== undefined) return known;
  const ip = parseIp(address);
  const kind = ip && kindOfIp(ip);
  if (kind !== undefined && address.length <= LONGEST_ADDRESS) kinds.set(address, kind);
  return kind;
}

const LONGEST_ADDRESS = 48;
/** The same few addresses are asked about with every request. */
const kinds = new Lru<string, AddressKind>(1_000);

/** True when a CIDR covers the address. An IPv4-mapped address counts as the IPv4 address that it is. */
export function covers(cidrs: readonly Cidr[], address: string): boolean {
  const ip = parseIp(address);
  if (ip === undefined) return false;
  return cidrs.some(([network, bits]) => {
    if (ip instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && ip.match(network, bits);
    return network instanceof ipaddr.IPv6 && ip.match(network, bits);
  });
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; undefined when it is neither. */
export function parseCidr(text: string): Cidr | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const ip = parseIp(text);
  return ip && [ip, ip instanceof ipaddr.IPv4 ? 32 : 128];
}

function parseIp(text: string): Ip | undefined {
  const bare = text.replace(/^\[|\]$/g, "").replace(/%.*$/, ""); // brackets of a URL, zone of a link-local address
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  if (!ipaddr.IPv6.isValid(bare)) return undefined;
  const ip = ipaddr.IPv6.parse(bare);
  return ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
}

function kindOfIp(ip: Ip): AddressKind {
  if (METADATA_ADDRESSES.has(ip.toString())) return "metadata";
  const kind = ip instanceof ipaddr.IPv4 ? kindOfIpv4(ip) : kindOfIpv6(ip);
  if (kind !== "special" || ip instanceof ipaddr.IPv4) return kind;
  // An IPv4 address wrapped in an IPv6 one is still the way to that address.
  const inner = embedded(ip).map(kindOfIp);
  return inner.find((kind) => kind === "metadata" || kind === "link_local") ?? "special";
}

function kindOfIpv4(ip: ipaddr.IPv4): AddressKind {
  switch (ip.range()) {
    case "unicast":
      return "public";
    case "private":
      return "private";
    case "loopback":
    case "unspecified":
      return "loopback";
    case "linkLocal":
      return "link_local";
    default:
      return "special";
  }
}

function kindOfIpv6(ip: ipaddr.IPv6): AddressKind {
  switch (ip.range()) {
    case "unicast":
      return ip.match(GLOBAL_UNICAST) ? "public" : "special";
    case "uniqueLocal":
      return "private";
    case "loopback":
    case "unspecified":
      return "loopback";
    case "linkLocal":
      return "link_local";
    default:
      return "special";
  }
}

/** The IPv4 addresses that may hide in an IPv6 one: compatible, translated, NAT64, 6to4, Teredo (server, client). */
function embedded(ip: ipaddr.IPv6): readonly ipaddr.IPv4[] {
  const [p0, p1, p2, p3, , , p6, p7] = ip.parts;
  if (p0 === 0x2002) return [ipv4Of(p1!, p2!)];
  if (p0 === 0x2001 && p1 === 0) return [ipv4Of(p2!, p3!), ipv4Of(p6! ^ 0xffff, p7! ^ 0xffff)];
  return [ipv4Of(p6!, p7!)];
}

function ipv4Of(high: number, low: number): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}
