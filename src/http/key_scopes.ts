import type { KeyScope } from "../store/api_keys.ts";

/** Whoever reads these takes a number over, or a tenant: so reading is not enough. */
const CLOSED_TO_READERS: readonly RegExp[] = [
  /^\/v1\/keys$/,
  /^\/v1\/devices\/[^/]+\/pairing\/.+$/,
  /^\/api\/instance\/[^/]+\/(qr|pairing-code)$/,
  /^\/api\/whatsapp\/qr$/,
];

/** Requests that write to people, or do something to a message. Graph's paths stand without prefix and version. */
const SENDING: readonly RegExp[] = [
  /^\/v1\/devices\/[^/]+\/messages(\/[^/]+)*$/,
  /^\/v1\/messages\/scheduled\/[^/]+$/,
  /^\/v1\/devices\/[^/]+\/presence$/,
  /^\/v1\/devices\/[^/]+\/chats\/[^/]+\/mark-read$/,
  /^\/api\/message\/.+$/,
  /^\/api\/messages\/blast(\/[^/]+)*$/,
  /^\/api\/whatsapp\/send-[^/]+$/,
  /^\/graph\/[^/]+\/(messages|media)$/,
];

/** Requests that change how the gateway works, for those who list them; all others count as these, too. */
const MANAGING: readonly RegExp[] = [
  /^\/v1\/(keys|webhooks|deliveries|devices|opt-outs|opt-out-settings)(\/.+)?$/,
  /^\/api\/(instance|templates|logs|webhook)(\/.+)?$/,
  /^\/api\/whatsapp\/logout$/,
  /^\/graph\/[^/]+(\/(subscribed_apps|register|deregister|whatsapp_business_profile))?$/,
];

/** MCP says by itself, for each tool, what a key needs. */
const MCP = /^\/mcp$/;

/** The scope that a request needs. A path that nobody thought of needs `manage`, unless it is only read. */
export function scopeOf(method: string, path: string): KeyScope {
  const plain = plainPath(path);
  if (MCP.test(plain)) return "read";
  const isAmong = (paths: readonly RegExp[]) => paths.some((one) => one.test(plain));
  if (method === "GET" || method === "HEAD") return isAmong(CLOSED_TO_READERS) ? "manage" : "read";
  return isAmong(SENDING) ? "send" : "manage";
}

/** Whether somebody decided which scope a request needs, and `scopeOf` did not have to assume the worst. */
export function isScopeDecided(method: string, path: string): boolean {
  if (method === "GET" || method === "HEAD") return true;
  return [MCP, ...SENDING, ...MANAGING].some((one) => one.test(plainPath(path)));
}

/** Without a slash at the end, and Graph's paths as if they had neither prefix nor version. */
function plainPath(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end).replace(/^(?:\/graph(?:\/v\d+\.\d+)?|\/v\d+\.\d+)(?=\/|$)/, "/graph");
}
