import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import type { Clock } from "../../src/async/clock.ts";
import { InvalidError } from "../../src/errors.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import {
  createGuard,
  type Guard,
  type Peer,
  RefusedAddressError,
  type ResolvedAddress,
} from "../../src/net/guard.ts";

const strict = createGuard({ allowPrivate: false });

function accepts(guard: Guard, url: string, tenantId: string): boolean {
  try {
    guard.checkUrl(url, tenantId);
    return true;
  } catch (error) {
    if (error instanceof InvalidError) return false;
    throw error;
  }
}

/** A guard whose names have the given addresses. */
function guardOf(
  allowPrivate: boolean | readonly string[],
  ...answers: readonly (readonly string[])[]
): Guard {
  let asked = 0;
  return createGuard({
    allowPrivate,
    lookup: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]!.map(resolved)),
  });
}

function resolved(address: string): ResolvedAddress {
  return { address, family: address.includes(":") ? 6 : 4 };
}

function lookedUp(guard: Guard, tenantId: string, hostname = "host.example"): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    guard.lookupFor(tenantId)(hostname, { all: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve((addresses as ResolvedAddress[]).map(({ address }) => address));
    });
  });
}

/** What `lookedUp` fails with. */
function failureOf(pending: Promise<unknown>): Promise<unknown> {
  return pending.then(() => undefined, (error: unknown) => error);
}

const PRIVATE = [
  "http://10.1.2.3/",
  "http://172.16.0.1/",
  "http://192.168.1.10:5678/hook",
  "http://[fd12:3456::1]/",
];

const LOOPBACK = [
  "http://127.0.0.1/",
  "http://127.8.9.10/",
  "http://localhost:3000/",
  "http://LOCALHOST./",
  "http://app.localhost/",
  "http://0.0.0.0/",
  "http://[::1]/",
  "http://[::]/",
  // other notations of 127.0.0.1
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0x7f.1/",
  "http://0177.0.0.1/",
  "http://017700000001/",
  "http://127.1/",
  "http://127.0.0.1./",
  "http://127。0。0。1/",
  "http://１２７.0.0.1/",
  "http://①②⑦.0.0.1/",
  "http://%31%32%37.0.0.1/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[0:0:0:0:0:ffff:7f00:0001]/",
];

const SPECIAL = [
  "http://100.64.0.1/", // shared address space (CGNAT)
  "http://224.0.0.1/", // multicast
  "http://255.255.255.255/",
  "http://240.0.0.1/", // reserved
  "http://192.0.2.1/", // documentation
  "http://198.51.100.7/",
  "http://203.0.113.9/",
  "http://198.18.0.1/", // benchmark
  "http://[ff02::1]/",
  "http://[64:ff9b::7f00:1]/", // NAT64 of 127.0.0.1
  "http://[64:ff9b:1::a00:1]/",
  "http://[2002:7f00:1::]/", // 6to4 of 127.0.0.1
  "http://[2001:0:7f00:1::1]/", // Teredo
  "http://[::127.0.0.1]/", // IPv4-compatible
  "http://[::ffff:0:127.0.0.1]/", // IPv4-translated
  "http://[2001:db8::1]/", // documentation
  "http://[3fff::1]/",
  "http://[2001:2::1]/", // benchmark
  "http://[fec0::1]/", // site-local
  "http://[100::1]/", // discard
  "http://[4000::1]/", // not given out yet
];

const NEVER = [
  "http://169.254.169.254/latest/meta-data/",
  "http://169.254.1.1/",
  "http://2852039166/", // 169.254.169.254
  "http://0xa9fea9fe/",
  "http://0251.0376.0251.0376/",
  "http://169.254.169.254./",
  "http://[::ffff:169.254.169.254]/",
  "http://[64:ff9b::a9fe:a9fe]/",
  "http://[2002:a9fe:a9fe::1]/",
  "http://[::169.254.169.254]/",
  "http://[fe80::1]/",
  "http://[febf::1]/",
  "http://[fd00:ec2::254]/",
  "http://[fd00:0ec2:0:0::0254]/",
  "http://100.100.100.200/",
  "http://168.63.129.16/",
  "http://192.0.0.192/",
  "http://metadata.google.internal/computeMetadata/v1/",
  "http://METADATA.google.INTERNAL./",
  "http://metadata/",
];

const PUBLIC = [
  "https://example.com/hook",
  "http://93.184.216.34/",
  "http://8.8.8.8:8080/x?y=1",
  "https://[2606:2800:220:1::1]/",
  "https://bücher.example/",
  "http://172.32.0.1/",
  "http://host.example./{sessionId}",
];

for (const url of PUBLIC) {
  Deno.test(`guard lets everybody use ${url}`, () => {
    assertEquals([accepts(strict, url, DEFAULT_TENANT), accepts(strict, url, "tenant_other")], [true, true]);
  });
}

for (const url of [...PRIVATE, ...LOOPBACK, ...SPECIAL]) {
  Deno.test(`guard lets only the operator use ${url}`, () => {
    assertEquals([accepts(strict, url, DEFAULT_TENANT), accepts(strict, url, "tenant_other")], [true, false]);
  });
}

for (const url of [...PRIVATE, ...SPECIAL]) {
  Deno.test(`guard lets other tenants use ${url} (WEBHOOK_ALLOW_PRIVATE is true)`, () => {
    assertEquals(accepts(createGuard({ allowPrivate: true }), url, "tenant_other"), true);
  });
}

for (const url of LOOPBACK) {
  Deno.test(`guard lets other tenants use ${url} only where a range names it`, () => {
    const listed = createGuard({ allowPrivate: ["127.0.0.0/8", "::1/128", "0.0.0.0/32", "::/128"] });

    assertEquals(accepts(createGuard({ allowPrivate: true }), url, "tenant_other"), false);
    assertEquals(accepts(listed, url, "tenant_other"), true);
  });
}

Deno.test("guard lets no other tenant's URL lead to the gateway itself", () => {
  const guard = createGuard({
    allowPrivate: ["0.0.0.0/0"],
    ownHosts: () => ["kabar.example:443", "10.0.0.5:3000"],
  });
  const urls = ["https://kabar.example/x", "https://KABAR.example.:443/", "http://10.0.0.5:3000/admin"];

  assertEquals(urls.map((url) => accepts(guard, url, "tenant_other")), [false, false, false]);
  assertEquals(urls.map((url) => accepts(guard, url, DEFAULT_TENANT)), [true, true, true]);
  assertEquals(accepts(guard, "http://10.0.0.5:3001/", "tenant_other"), true);
});

for (const url of NEVER) {
  Deno.test(`guard lets nobody use ${url}`, () => {
    const open = createGuard({ allowPrivate: true });
    const listed = createGuard({ allowPrivate: ["0.0.0.0/0", "::/0"] });

    assertEquals([accepts(strict, url, DEFAULT_TENANT), accepts(open, url, DEFAULT_TENANT)], [false, false]);
    assertEquals([accepts(open, url, "tenant_other"), accepts(listed, url, "tenant_other")], [false, false]);
  });
}

for (
  const url of [
    "",
    "example.com/hook",
    "/hook",
    "http://",
    "http://exa mple.com",
    "http://256.0.0.1/",
    "http://0x1ffffffff/",
    "http://{sessionId}.example.com/",
    "http://[fe80::1%25eth0]/",
    "http://example.com:99999/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "ws://example.com/",
    "http://user@example.com/",
    "http://user:secret@example.com/",
    "https://:secret@example.com/",
  ]
) {
  Deno.test(`guard refuses what is no plain http(s) URL: ${JSON.stringify(url)}`, () => {
    const error = assertThrows(() => strict.checkUrl(url, DEFAULT_TENANT), InvalidError);

    assertEquals(error.field, "url");
  });
}

Deno.test("guard names the setting that would allow the address", () => {
  const error = assertThrows(() => strict.checkUrl("http://10.0.0.1/", "tenant_other"), InvalidError);

  assertMatch(error.message, /"10\.0\.0\.1" leads to a private address.*WEBHOOK_ALLOW_PRIVATE/);
});

Deno.test("guard does not repeat a password in what it says", () => {
  const error = assertThrows(
    () => strict.checkUrl("http://user:hunter2@example.com/", "tenant_other"),
    InvalidError,
  );

  assertEquals(error.message.includes("hunter2"), false);
});

Deno.test("guard allows the CIDRs that it is given, and no others", () => {
  const guard = createGuard({ allowPrivate: ["10.20.0.0/16", "fd00:1::/32", "192.168.1.7"] });
  const verdicts = [
    "http://10.20.3.4/",
    "http://[::ffff:10.20.3.4]/",
    "http://[fd00:1::5]/",
    "http://192.168.1.7/",
    "http://10.21.0.1/",
    "http://[fd00:2::5]/",
    "http://192.168.1.8/",
    "http://127.0.0.1/",
  ].map((url) => accepts(guard, url, "tenant_other"));

  assertEquals(verdicts, [true, true, true, true, false, false, false, false]);
});

Deno.test("guard refuses a CIDR that is none", () => {
  const error = assertThrows(
    () => createGuard({ allowPrivate: ["10.0.0.0/8", "10.0.0.0/99"] }),
    InvalidError,
  );

  assertEquals(error.field, "WEBHOOK_ALLOW_PRIVATE[1]");
  assertStringIncludes(error.message, "10.0.0.0/99");
});

Deno.test("lookup hands out every address of a public name", async () => {
  const guard = guardOf(false, ["93.184.216.34", "2606:2800:220:1::1"]);

  assertEquals(await lookedUp(guard, "tenant_other"), ["93.184.216.34", "2606:2800:220:1::1"]);
});

Deno.test("lookup refuses a name of which any address is private", async () => {
  for (
    const inside of ["10.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1", "fd00::1", "100.64.0.1", "64:ff9b::1"]
  ) {
    const error = await failureOf(lookedUp(guardOf(false, ["93.184.216.34", inside]), "tenant_other"));

    assertEquals(error instanceof RefusedAddressError, true, inside);
  }
});

Deno.test("lookup refuses link-local and metadata addresses for the operator too", async () => {
  for (const inside of ["169.254.169.254", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:a9fe:a9fe"]) {
    const error = await failureOf(lookedUp(guardOf(true, ["10.0.0.1", inside]), DEFAULT_TENANT));

    assertEquals(error instanceof RefusedAddressError, true, inside);
  }
});

Deno.test("lookup lets the operator's names lead to private addresses", async () => {
  assertEquals(await lookedUp(guardOf(false, ["10.0.0.5"]), DEFAULT_TENANT), ["10.0.0.5"]);
});

Deno.test("lookup lets other tenants' names lead into an allowed CIDR", async () => {
  assertEquals(await lookedUp(guardOf(["10.0.0.0/8"], ["10.0.0.5"]), "tenant_other"), ["10.0.0.5"]);
});

Deno.test("lookup refuses a name that was public at first and is private now", async () => {
  const guard = guardOf(false, ["93.184.216.34"], ["127.0.0.1"]);
  await lookedUp(guard, "tenant_other", "rebind.example");

  const error = await failureOf(lookedUp(guard, "tenant_other", "rebind.example"));

  assertMatch(String(error), /"rebind\.example" leads to no public address/);
});

Deno.test("lookup fails for a name without addresses", async () => {
  const error = await failureOf(lookedUp(guardOf(false, []), DEFAULT_TENANT));

  assertEquals((error as { code?: string }).code, "ENOTFOUND");
});

Deno.test("lookup tells other tenants the same of a name inside and of one that does not exist", async () => {
  const inside = await failureOf(lookedUp(guardOf(false, ["10.0.0.1"]), "tenant_other", "vault.example"));
  const nowhere = await failureOf(lookedUp(guardOf(false, []), "tenant_other", "vault.example"));

  assertEquals(String(inside), String(nowhere));
});

Deno.test("lookup answers with a single address of the family that is asked for", async () => {
  const guard = guardOf(false, ["2606:2800:220:1::1", "93.184.216.34"]);

  const answer = await new Promise((resolve) => {
    guard.lookupFor("tenant_other")(
      "host.example",
      { family: 4 },
      (_error, address, family) => resolve([address, family]),
    );
  });

  assertEquals(answer, ["93.184.216.34", 4]);
});

Deno.test("guard refuses a name that leads nowhere that its owner's URLs may lead, and waits with judging others", async () => {
  const addresses: Readonly<Record<string, readonly string[]>> = {
    "inner.example": ["10.0.0.5", "127.0.0.1"],
    "both.example": ["10.0.0.5", "93.184.216.34"],
    "metadata.example": ["169.254.169.254"],
  };
  const guard = createGuard({
    allowPrivate: false,
    lookup: (name) =>
      name in addresses
        ? Promise.resolve(addresses[name].map((address) => ({ address, family: 4 })))
        : Promise.reject(new Error("ENOTFOUND")),
  });
  const refused = async (name: string, tenantId: string) =>
    await guard.refusedName(name, tenantId) !== undefined;

  const tenant = ["inner.example", "both.example", "metadata.example", "nowhere.example", "8.8.8.8"];
  assertEquals(await Promise.all(tenant.map((name) => refused(name, "tenant_other"))), [
    true,
    false,
    true,
    false,
    false,
  ]);
  assertEquals(await Promise.all(tenant.map((name) => refused(name, DEFAULT_TENANT))), [
    false,
    false,
    true,
    false,
    false,
  ]);
});

Deno.test("guard refuses tenants connections whose other end is this machine, unless a range names it", () => {
  const end = (address: string, remotePort = 5678) => ({
    localAddress: address,
    remoteAddress: address,
    remotePort,
  });
  const guardOf = (allowPrivate: boolean | readonly string[]) =>
    createGuard({ allowPrivate, ownPort: () => 3000 });
  const refused = (guard: Guard, peer: Peer, tenantId = "tenant_other") =>
    guard.refusedPeer(peer, tenantId) !== undefined;
  const elsewhere = { localAddress: "192.168.1.5", remoteAddress: "192.168.1.9", remotePort: 3000 };

  assertEquals(refused(guardOf(true), end("192.168.1.5")), true);
  assertEquals(refused(guardOf(true), end("fd00::5")), true);
  assertEquals(refused(guardOf(true), { localAddress: "127.0.0.1", remoteAddress: "127.0.0.9" }), true);
  assertEquals(refused(guardOf(true), elsewhere), false);
  assertEquals(refused(guardOf(true), end("192.168.1.5"), DEFAULT_TENANT), false);
  assertEquals(refused(guardOf(["192.168.1.5"]), end("192.168.1.5")), false);
  assertEquals(refused(guardOf(["192.168.1.5"]), end("192.168.1.5", 3000)), true);
  assertEquals(refused(guardOf(false), end("8.8.8.8", 443)), false); // a proxy in front of the tenant's own receiver
  assertEquals(refused(guardOf(false), end("8.8.8.8", 3000)), true);
});

/** A guard whose look-ups are answered when the test says so. */
function setUpLookups(clock?: Pick<Clock, "wait">) {
  const asked: string[] = [];
  const guard = createGuard({
    allowPrivate: false,
    clock,
    lookup: (hostname) => {
      asked.push(hostname);
      return hostname.startsWith("hangs") ? new Promise(() => {}) : Promise.resolve([resolved("8.8.8.8")]);
    },
  });
  return { asked, lookUp: (tenantId: string, hostname: string) => lookedUp(guard, tenantId, hostname) };
}

Deno.test("guard looks a few names up at once for a tenant whose names hang, and others' names at once", async () => {
  const { asked, lookUp } = setUpLookups();
  for (const tenant of ["tenant_2", "tenant_3", "tenant_4"]) {
    for (let i = 0; i < 400; i++) void lookUp(tenant, `hangs-${tenant}-${i}.example`);
  }
  const hanging = asked.length;

  const found = await Promise.all([
    lookUp(DEFAULT_TENANT, "host.example"),
    lookUp("tenant_5", "host.example"),
    lookUp("tenant_5", "other.example"),
  ]);

  assertEquals(hanging, 4 + 4 + 1); // the third tenant has one, though others have all places
  assertEquals(found, [["8.8.8.8"], ["8.8.8.8"], ["8.8.8.8"]]);
});

Deno.test("guard looks a name up once for a tenant who asks again meanwhile", () => {
  const { asked, lookUp } = setUpLookups();

  for (const tenant of ["tenant_2", "tenant_2", "tenant_3"]) void lookUp(tenant, "hangs.example");

  assertEquals(asked, ["hangs.example", "hangs.example"]);
});

Deno.test("guard gives a look-up up that has had no turn for too long", async () => {
  const { asked, lookUp } = setUpLookups({ wait: () => Promise.resolve() });
  for (let i = 0; i < 4; i++) void lookUp("tenant_2", `hangs-${i}.example`);

  const error = await lookUp("tenant_2", "host.example").catch((error) => error);

  assertEquals(error.code, "EAI_AGAIN");
  assertEquals(asked.includes("host.example"), false);
});
