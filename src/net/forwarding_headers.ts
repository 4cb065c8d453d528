/** Headers that only a proxy, a tunnel or a load balancer adds. Names in lower case. */
const FORWARDED =
  /^(forwarded|via|true-client-ip|x-(forwarded|original|real-ip|client-ip|cluster-client-ip|envoy|amzn|arr)|cf-|fly-|fastly-|cdn-loop$)/;

/** Whether a header tells of whom a proxy passes a request on for. @param name In lower case. */
export function isForwardingHeader(name: string): boolean {
  return FORWARDED.test(name);
}
