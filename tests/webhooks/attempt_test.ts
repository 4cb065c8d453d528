import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { type AttemptRequest, createAttempts } from "../../src/webhooks/attempt.ts";
import { createGuard, type ResolveName } from "../../src/net/guard.ts";
import type { Failed, Outcome, Succeeded } from "../../src/webhooks/outcome.ts";
import { createTlsIdentity } from "../../src/simulator/wire/tls.ts";
import { type Receiver, startReceiver, type Step } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const NEVER: ResolveName = () => Promise.reject(new Error("no name should be looked up"));

interface Bench {
  readonly receiver: Receiver;
  post(change?: Partial<AttemptRequest>, signal?: AbortSignal): Promise<Outcome>;
}

/** Runs `body` with a scripted receiver and a sender, and closes both. */
async function withReceiver(
  steps: readonly Step[],
  body: (bench: Bench) => Promise<void>,
  lookup: ResolveName = NEVER,
): Promise<void> {
  const receiver = await startReceiver(...steps);
  const attempts = createAttempts({ guard: createGuard({ allowPrivate: false, lookup }) });
  try {
    await body({
      receiver,
      post: (change, signal) =>
        attempts.attempt({
          url: receiver.url + "/hook?a=1",
          headers: { "content-type": "application/json", "x-test": "1" },
          body: '{"text":"héllo"}',
          timeoutMs: 5_000,
          tenantId: "tenant_default",
          ...change,
        }, signal),
    });
  } finally {
    await receiver.stop();
    await attempts.close();
  }
}

function failed(outcome: Outcome): Failed {
  assert(!outcome.ok, "the attempt should have failed");
  return outcome;
}

function succeeded(outcome: Outcome): Succeeded {
  assert(outcome.ok, `the attempt should have succeeded: ${JSON.stringify(outcome)}`);
  return outcome;
}

Deno.test("attempt sends the body as it is, with its length", async () => {
  await withReceiver([200], async ({ receiver, post }) => {
    await post();

    const [request] = receiver.requests;
    assertEquals(request?.method, "POST");
    assertEquals(request?.path, "/hook");
    assertEquals(request?.query.get("a"), "1");
    assertEquals(request?.body, '{"text":"héllo"}');
    assertEquals(request?.headers["content-length"], "17");
    assertEquals(request?.headers["transfer-encoding"], undefined);
    assertEquals(request?.headers["x-test"], "1");
  });
});

Deno.test("attempt succeeds on any 2xx and keeps the answer", async () => {
  await withReceiver([{ status: 202, body: "taken" }], async ({ post }) => {
    const outcome = succeeded(await post());

    assertEquals(outcome.statusCode, 202);
    assertEquals(outcome.response, "taken");
    assert(outcome.durationMs >= 0);
    assertLess(Math.abs(outcome.startedAt - Date.now()), 60_000);
  });
});

Deno.test("attempt succeeds with an empty answer (204)", async () => {
  await withReceiver([204], async ({ post }) => {
    assertEquals(succeeded(await post()).response, "");
  });
});

for (const status of [400, 404, 429, 500, 503]) {
  Deno.test(`attempt fails on ${status} and keeps the answer`, async () => {
    await withReceiver([{ status, body: "no" }], async ({ post }) => {
      const outcome = failed(await post());

      assertEquals(outcome.reason, "status");
      assertEquals(outcome.statusCode, status);
      assertEquals(outcome.error, `HTTP ${status}`);
      assertEquals(outcome.response, "no");
      assertEquals(outcome.gone, false);
    });
  });
}

Deno.test("attempt keeps the headers of an answer that is no success, and no cookie's value", async () => {
  const headers = {
    "Retry-After": "9",
    "Set-Cookie": "session=very-secret; Path=/",
    "X-Long": "x".repeat(5_000),
    "X-After": "1",
  };
  await withReceiver([{ status: 503, headers }, { status: 200, headers }], async ({ post }) => {
    const kept = failed(await post()).headers ?? {};

    assertEquals([kept["retry-after"], kept["set-cookie"]], ["9", "session=…"]);
    assertEquals(["x-long" in kept, "x-after" in kept], [false, false]);
    assertEquals("headers" in succeeded(await post()), false);
  });
});

Deno.test("attempt does not follow a redirect", async () => {
  await withReceiver(
    [{ status: 302, headers: { location: "/elsewhere" } }, 200],
    async ({ receiver, post }) => {
      const outcome = failed(await post());

      assertEquals(outcome.error, "Redirect (302) is not followed");
      assertEquals(receiver.requests.length, 1);
    },
  );
});

Deno.test("attempt says gone (410)", async () => {
  await withReceiver([410], async ({ post }) => {
    assertEquals(failed(await post()).gone, true);
  });
});

Deno.test("attempt reads Retry-After", async () => {
  await withReceiver([{ status: 503, headers: { "retry-after": "7" } }], async ({ post }) => {
    assertEquals(failed(await post()).retryAfterMs, 7_000);
  });
});

Deno.test("attempt times out when no answer comes", async () => {
  await withReceiver([200, "hang"], async ({ post }) => {
    await post();
    await settled(); // on the connection that stands: making one takes time, too

    const outcome = failed(await post({ timeoutMs: 150 }));

    assertEquals(outcome.reason, "timeout");
    assertEquals(outcome.error, "Response timeout after 0.15 s");
    assertEquals(outcome.statusCode, null);
    assertEquals(outcome.response, null);
  });
});

Deno.test("attempt times out when the answer's head drips in", async () => {
  await withReceiver(["drip"], async ({ post }) => {
    assertEquals(failed(await post({ timeoutMs: 200 })).reason, "timeout");
  });
});

Deno.test("attempt frees its connection when the time is up", async () => {
  await withReceiver(["hang"], async ({ receiver, post }) => {
    await post({ timeoutMs: 100 });

    await until(() => receiver.connections.open === 0, "the connection is closed");
  });
});

Deno.test("attempt goes by the status when the body hangs", async () => {
  await withReceiver(["hang-body"], async ({ receiver, post }) => {
    const outcome = succeeded(await post({ timeoutMs: 200 }));

    assertEquals(outcome.statusCode, 200);
    assertEquals(outcome.response, "partial");
    await until(() => receiver.connections.open === 0, "the connection is closed");
  });
});

Deno.test("attempt waits for a hanging body no longer than a second", async () => {
  await withReceiver(["hang-body"], async ({ post }) => {
    assertLess(succeeded(await post({ timeoutMs: 60_000 })).durationMs, 30_000);
  });
});

Deno.test("attempt keeps 16 KiB of an endless body and stops to read", async () => {
  await withReceiver(["endless"], async ({ receiver, post }) => {
    const outcome = succeeded(await post());

    assertEquals(outcome.response, "x".repeat(16 * 1024));
    await until(() => receiver.connections.open === 0, "the connection is closed");
  });
});

Deno.test("attempt keeps the connection when little more than the kept part comes", async () => {
  const body = "y".repeat(30_000);
  await withReceiver([{ body }], async ({ receiver, post }) => {
    const first = succeeded(await post());
    assertEquals(first.response.length, 16 * 1024);
    await settled();

    assertEquals(succeeded(await post()).response, first.response);
    assertEquals(receiver.connections.made, 1);
  });
});

Deno.test("attempt leaves out a character that the limit cuts", async () => {
  const body = "a" + "é".repeat(20_000);
  await withReceiver([{ body }], async ({ post }) => {
    assertEquals(succeeded(await post()).response, "a" + "é".repeat(8191));
  });
});

Deno.test("attempt replaces what is no UTF-8 in the answer", async () => {
  await withReceiver([{ body: new Uint8Array([0x61, 0xff, 0x62]) }], async ({ post }) => {
    assertEquals(succeeded(await post()).response, "a\ufffdb");
  });
});

Deno.test("attempt reads an answer that comes in chunks", async () => {
  await withReceiver([{ body: "in chunks", chunked: true }], async ({ post }) => {
    assertEquals(succeeded(await post()).response, "in chunks");
  });
});

Deno.test("attempt reports a reset before the answer", async () => {
  await withReceiver(["reset"], async ({ receiver, post }) => {
    const outcome = failed(await post());

    assertEquals(outcome.reason, "reset");
    assertEquals(outcome.error, "Connection reset");
    assertEquals(receiver.requests.length, 1);
  });
});

Deno.test("attempt reports a close before the answer", async () => {
  await withReceiver(["close"], async ({ receiver, post }) => {
    const outcome = failed(await post());

    assertEquals(outcome.reason, "reset");
    assertEquals(outcome.error, "Connection closed before an answer came");
    assertEquals(receiver.requests.length, 1);
  });
});

Deno.test("attempt succeeds when the connection breaks in the middle of a 200", async () => {
  await withReceiver(["reset-body"], async ({ post }) => {
    const outcome = succeeded(await post());

    assertEquals(outcome.statusCode, 200);
  });
});

Deno.test("attempt reports an answer that is not HTTP", async () => {
  await withReceiver(["garbage"], async ({ post }) => {
    const outcome = failed(await post());

    assertEquals(outcome.reason, "protocol");
    assertEquals(outcome.error, "Answer is not HTTP");
  });
});

Deno.test("attempt reports a refused connection", async () => {
  await withReceiver([200], async ({ receiver, post }) => {
    await receiver.stop();

    const outcome = failed(await post());

    assertEquals(outcome.reason, "connect");
    assertEquals(outcome.error, "Connection refused");
  });
});

Deno.test("attempt reports a refused connection (a name with two addresses)", async () => {
  const both: ResolveName = () =>
    Promise.resolve([{ address: "::1", family: 6 }, { address: "127.0.0.1", family: 4 }]);
  await withReceiver([200], async ({ receiver, post }) => {
    await receiver.stop();

    assertEquals(
      failed(await post({ url: `http://two.test:${receiver.port}/` })).error,
      "Connection refused",
    );
  }, both);
});

Deno.test("attempt reaches the address of a name that answers", async () => {
  const both: ResolveName = () =>
    Promise.resolve([{ address: "::1", family: 6 }, { address: "127.0.0.1", family: 4 }]);
  await withReceiver([200], async ({ receiver, post }) => {
    succeeded(await post({ url: `http://two.test:${receiver.port}/` }));

    assertEquals(receiver.requests[0]?.headers.host, `two.test:${receiver.port}`);
  }, both);
});

Deno.test("attempt reports a certificate that nobody vouches for", async () => {
  const { certPem, keyPem } = createTlsIdentity();
  const server = createServer({ cert: certPem, key: keyPem }, (_request, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await withReceiver([200], async ({ post }) => {
    const outcome = failed(await post({ url: `https://127.0.0.1:${port}/` }));

    assertEquals(outcome.reason, "tls");
    assertMatch(outcome.error, /^TLS: certificate /);
  });
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

Deno.test("attempt reports a receiver that does not speak TLS", async () => {
  await withReceiver([200], async ({ receiver, post }) => {
    const outcome = failed(await post({ url: `https://127.0.0.1:${receiver.port}/` }));

    assertEquals(outcome.error, "TLS: receiver does not speak TLS");
  });
});

Deno.test("attempt reports a name that does not exist", async () => {
  const missing: ResolveName = (name) =>
    Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }));
  await withReceiver([200], async ({ post }) => {
    const outcome = failed(await post({ url: "http://gone.example/hook" }));

    assertEquals(outcome.reason, "dns");
    assertEquals(outcome.error, "Name not found: gone.example");
  }, missing);
});

Deno.test("attempt times out while connecting", async () => {
  const hanging: ResolveName = () => new Promise(() => {});
  await withReceiver([200], async ({ post }) => {
    const outcome = failed(await post({ url: "http://slow.example/hook", timeoutMs: 100 }));

    assertEquals(outcome.reason, "timeout");
    assertEquals(outcome.error, "Connection timeout after 0.1 s");
  }, hanging);
});

Deno.test("attempt does not send a request whose time was up before the connection stood", async () => {
  const lookup = Promise.withResolvers<void>();
  const slow: ResolveName = () => lookup.promise.then(() => [{ address: "127.0.0.1", family: 4 }]);
  await withReceiver([200], async ({ receiver, post }) => {
    const url = `http://slow.example:${receiver.port}/`;
    failed(await post({ url: url + "first", timeoutMs: 60 }));

    lookup.resolve();
    succeeded(await post({ url: url + "second" }));
    await settled();

    assertEquals(receiver.requests.map(({ path }) => path), ["/second"]);
  }, slow);
});

Deno.test("attempt reports a header that cannot be sent", async () => {
  await withReceiver([200], async ({ receiver, post }) => {
    const outcome = failed(await post({ headers: { "x-bad": "a\nb" } }));

    assertEquals(outcome.reason, "protocol");
    assertMatch(outcome.error, /^Request cannot be sent: /);
    assertEquals(receiver.requests.length, 0);
  });
});

Deno.test("attempt stops on its signal (no answer yet)", async () => {
  await withReceiver(["hang"], async ({ receiver, post }) => {
    const stop = new AbortController();
    const pending = post({}, stop.signal);
    await receiver.waitFor(1);

    stop.abort();

    assertEquals(failed(await pending).reason, "aborted");
    await until(() => receiver.connections.open === 0, "the connection is closed");
  });
});

Deno.test("attempt is not made (signal aborted before)", async () => {
  await withReceiver([200], async ({ receiver, post }) => {
    assertEquals(failed(await post({}, AbortSignal.abort())).reason, "aborted");
    assertEquals(receiver.requests.length, 0);
  });
});

Deno.test("attempt uses a connection again, also after failures", async () => {
  await withReceiver([200, 500, { status: 404, body: "x" }, 302, 204], async ({ receiver, post }) => {
    for (let i = 0; i < 6; i++) {
      await post();
      await settled();
    }

    assertEquals(receiver.requests.length, 6);
    assertEquals(receiver.connections.made, 1);
  });
});

Deno.test("attempt survives a kept connection that the receiver has closed since", async () => {
  await withReceiver([200], async ({ receiver, post }) => {
    for (let i = 0; i < 5; i++) {
      succeeded(await post());
      receiver.closeConnections();

      succeeded(await post()); // at once: the close may still be under way
    }

    assertEquals(receiver.requests.length, 10);
  });
});

Deno.test("attempt is sent again at most once when a kept connection closes under it", async () => {
  await withReceiver([200, "close"], async ({ receiver, post }) => {
    succeeded(await post());
    await settled();

    const outcome = failed(await post());

    assertEquals(outcome.reason, "reset");
    assertLess(receiver.requests.length, 4);
  });
});

Deno.test("attempts run side by side", async () => {
  await withReceiver([{ delayMs: 20, body: "ok" }], async ({ receiver, post }) => {
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => post()));

    assertEquals(outcomes.filter(({ ok }) => ok).length, 100);
    assertEquals(receiver.requests.length, 100);
  });
});

Deno.test("attempt refuses an address of the guard's (literal, other tenant)", async () => {
  await withReceiver([200], async ({ receiver, post }) => {
    const outcome = failed(await post({ tenantId: "tenant_other" }));

    assertEquals(outcome.reason, "refused_address");
    assertMatch(outcome.error, /WEBHOOK_ALLOW_PRIVATE/);
    assertEquals(receiver.requests.length, 0);
  });
});

Deno.test("attempt refuses a name that leads to a private address (other tenant)", async () => {
  const local: ResolveName = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
  await withReceiver([200], async ({ receiver, post }) => {
    const outcome = failed(
      await post({ tenantId: "tenant_other", url: `http://inside.example:${receiver.port}/` }),
    );

    assertEquals(outcome.reason, "refused_address");
    assertMatch(outcome.error, /"inside\.example" leads to no public address/);
    assertEquals(receiver.requests.length, 0);
  }, local);
});

Deno.test("attempts close after what is under way", async () => {
  const receiver = await startReceiver({ delayMs: 100, body: "late" });
  const attempts = createAttempts({ guard: createGuard({ allowPrivate: true }) });
  const request = {
    url: receiver.url,
    headers: {},
    body: "{}",
    timeoutMs: 5_000,
    tenantId: "tenant_default",
  } as const;
  const pending = attempts.attempt(request);
  await receiver.waitFor(1);

  await attempts.close();

  assertEquals(succeeded(await pending).response, "late");
  assertEquals(failed(await attempts.attempt(request)).reason, "aborted");
  await receiver.stop();
});

/** Gives a connection the turn of the event loop that it takes to become idle. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
