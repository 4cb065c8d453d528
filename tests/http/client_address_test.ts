import { assertEquals, assertThrows } from "@std/assert";
import { Hono } from "@hono/hono";
import { InvalidError } from "../../src/errors.ts";
import { createClientAddress, isWithin, type TrustProxy } from "../../src/http/client_address.ts";
import type { HttpEnv } from "../../src/http/context.ts";

async function addressOf(trust: TrustProxy, remote: string | undefined, forwarded?: string): Promise<string> {
  const clientAddressOf = createClientAddress(trust);
  const app = new Hono<HttpEnv>().get("/", (c) => c.text(clientAddressOf(c) ?? "unknown"));
  const headers = new Headers(forwarded === undefined ? {} : { "X-Forwarded-For": forwarded });
  const response = await app.request("/", { headers }, remote && { remoteAddr: { hostname: remote } });
  return await response.text();
}

const cases: readonly {
  readonly what: string;
  readonly trust: TrustProxy;
  readonly remote?: string;
  readonly forwarded?: string;
  readonly address: string;
}[] = [
  {
    what: "is the socket's when nobody is trusted",
    trust: undefined,
    forwarded: "9.9.9.9",
    address: "10.0.0.1",
  },
  { what: "is the socket's when there is no header", trust: true, address: "10.0.0.1" },
  {
    what: "is the first of all when everybody is trusted",
    trust: true,
    forwarded: "9.9.9.9, 8.8.8.8",
    address: "9.9.9.9",
  },
  { what: "is the one before one proxy", trust: 1, forwarded: "6.6.6.6, 9.9.9.9", address: "9.9.9.9" },
  { what: "is the one before two proxies", trust: 2, forwarded: "6.6.6.6, 9.9.9.9", address: "6.6.6.6" },
  { what: "is never before the first entry", trust: 9, forwarded: "9.9.9.9", address: "9.9.9.9" },
  {
    what: "is the last that no trusted proxy wrote",
    trust: ["10.0.0.0/8"],
    forwarded: "6.6.6.6, 9.9.9.9, 10.2.2.2",
    address: "9.9.9.9",
  },
  {
    what: "is the socket's when the proxy is a stranger",
    trust: ["192.168.0.0/16"],
    forwarded: "9.9.9.9",
    address: "10.0.0.1",
  },
  { what: "knows a single trusted address", trust: ["10.0.0.1"], forwarded: "9.9.9.9", address: "9.9.9.9" },
  { what: "ends at what is no address", trust: true, forwarded: "9.9.9.9, nonsense", address: "10.0.0.1" },
  { what: "loses its port", trust: true, forwarded: "9.9.9.9:4711", address: "9.9.9.9" },
  { what: "loses brackets and port", trust: true, forwarded: "[2001:db8::1]:4711", address: "2001:db8::1" },
  {
    what: "is IPv4 when it is mapped into IPv6",
    trust: ["10.0.0.1"],
    remote: "::ffff:10.0.0.1",
    forwarded: "9.9.9.9",
    address: "9.9.9.9",
  },
  {
    what: "is not known without a connection",
    trust: true,
    remote: "",
    forwarded: "9.9.9.9",
    address: "unknown",
  },
];

for (const { what, trust, remote = "10.0.0.1", forwarded, address } of cases) {
  Deno.test(`client address ${what}`, async () => {
    assertEquals(await addressOf(trust, remote, forwarded), address);
  });
}

Deno.test("client address refuses a range that is none", () => {
  assertThrows(() => createClientAddress(["10.0.0.0/99"]), InvalidError, "10.0.0.0/99");
});

Deno.test("client address lies within a list of ranges and addresses", () => {
  assertEquals(isWithin("10.1.2.3", ["192.168.1.1", "10.0.0.0/8"]), true);
  assertEquals(isWithin("::ffff:10.1.2.3", ["10.0.0.0/8"]), true);
  assertEquals(isWithin("11.1.2.3", ["10.0.0.0/8"]), false);
  assertEquals(isWithin("nonsense", ["0.0.0.0/0"]), false);
});
