import ipaddr from "ipaddr.js";

/**
 * What counts as one caller: an IPv4 address, also in IPv6 clothes, or the IPv6 network of one customer (/64). An
 * address that is not known, or is none, is `unknown`.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts.slice(0, 4).map((part) => part.toString(16)).join(":")}::/64`;
}
