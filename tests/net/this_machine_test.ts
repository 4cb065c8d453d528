import { assertEquals } from "@std/assert";
import { isBehindProxy, type StrangerReason, strangerReason } from "../../src/net/this_machine.ts";

interface Case {
  readonly from?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

function reasonOf({ from = "127.0.0.1", headers = {} }: Case, ownPages = false): StrangerReason | undefined {
  return strangerReason(
    { remoteAddress: from ?? undefined, headers: new Headers({ host: "localhost:3000", ...headers }) },
    { behindProxy: false, ownPages },
  );
}

Deno.test("this machine is who connects by loopback, whatever it calls the host", () => {
  const hosts = [
    "localhost:3000",
    "LOCALHOST",
    "127.0.0.1:3000",
    "127.9.9.9",
    "[::1]:3000",
    "kabar.localhost:1",
  ];

  const reasons = [
    ...hosts.map((host) => reasonOf({ headers: { host } })),
    ...["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"].map((from) => reasonOf({ from })),
  ];

  assertEquals(reasons.filter((reason) => reason !== undefined), []);
});

Deno.test("this machine is nobody who connects from elsewhere", () => {
  const reasons = [
    "10.0.0.1",
    "192.168.1.4",
    "203.0.113.9",
    "2001:db8::1",
    "fe80::1",
    null,
    "",
    "localhost.evil",
  ]
    .map((from) => reasonOf({ from }));

  assertEquals(new Set(reasons), new Set<StrangerReason | undefined>(["remote"]));
});

Deno.test("this machine is nobody whose request was passed on", () => {
  const names = [
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded",
    "X-Real-IP",
    "Via",
    "CF-Connecting-IP",
    "CF-Ray",
    "X-Original-URL",
    "X-Original-Forwarded-For",
    "True-Client-IP",
    "X-Client-IP",
    "X-Amzn-Trace-Id",
    "Fly-Client-IP",
  ];

  const reasons = names.map((name) => reasonOf({ headers: { [name]: "127.0.0.1" } }));

  assertEquals(reasons, names.map(() => "remote" as const));
});

Deno.test("this machine is no web page in its browser", () => {
  const pages: Readonly<Record<string, string>>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:3000" },
    { origin: "http://localhost:8080" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { host: "rebind.evil.example:3000" },
    { host: "localhost.evil.example" },
    { host: "192.168.1.5:3000" },
  ];

  const reasons = pages.map((headers) => reasonOf({ headers }));

  assertEquals(reasons, pages.map(() => "page" as const));
});

Deno.test("this machine's own pages count where they are asked for, other origins never", () => {
  const ask = (headers: Readonly<Record<string, string>>) => reasonOf({ headers }, true);

  assertEquals(ask({ origin: "http://localhost:3000", "sec-fetch-site": "same-origin" }), undefined);
  assertEquals(ask({ "sec-fetch-site": "none" }), undefined);
  assertEquals(ask({ origin: "http://localhost:8080" }), "page");
  assertEquals(ask({ origin: "null" }), "page");
  assertEquals(ask({ origin: "http://localhost:3000", "sec-fetch-site": "same-site" }), "page");
  assertEquals(ask({ origin: "http://evil.example:3000", host: "evil.example:3000" }), "page");
});

Deno.test("this machine is not to be told apart behind a proxy", () => {
  const behind = (appUrl?: string, trustProxy?: readonly string[]) => isBehindProxy({ appUrl, trustProxy });

  assertEquals(
    [
      behind("https://kabar.example"),
      behind("http://203.0.113.9"),
      behind("http://192.168.1.5:3000"),
      behind(undefined, ["127.0.0.1"]),
    ],
    [true, true, true, true],
  );
  assertEquals(
    [
      behind(),
      behind("http://localhost:3000"),
      behind("http://127.0.0.1:3000/kabar"),
      behind("http://[::1]:3000"),
    ],
    [false, false, false, false],
  );
  assertEquals(
    strangerReason({ remoteAddress: "127.0.0.1", headers: new Headers() }, { behindProxy: true }),
    "proxy",
  );
});
