import { assertEquals, assertRejects } from "@std/assert";
import { once } from "node:events";
import { systemClock } from "../../src/async/clock.ts";
import { parseProxy, ProxyError, type ResolvedProxy, urlOf } from "../../src/net/proxy.ts";
import { connectThrough } from "../../src/net/tunnel.ts";
import { PASSWORD, startProxy, type TestProxy } from "../support/proxies.ts";

const BOUNDS = { timeoutMs: 5_000, clock: systemClock };

function through({ url }: Pick<TestProxy, "url">): ResolvedProxy {
  return { ...parseProxy(url), address: "127.0.0.1" };
}

/** A server that says back what it gets. */
function startEcho() {
  return Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => new Response(await request.text()),
  );
}

async function failureOf(proxy: ResolvedProxy, timeoutMs = 5_000): Promise<string> {
  const target = { host: "127.0.0.1", port: 9 };
  const error = await assertRejects(
    () => connectThrough(proxy, target, { ...BOUNDS, timeoutMs }),
    ProxyError,
  );
  assertEquals(error.message.includes(PASSWORD), false);
  return error.message.replace(/:\d+: /, ": ");
}

for (const kind of ["socks5", "http"] as const) {
  const prefix = `Cannot connect through the proxy ${kind}://127.0.0.1`;

  Deno.test(`tunnel through ${kind} carries both ways, and the proxy gets the name`, async () => {
    await using proxy = await startProxy(kind);
    await using echo = startEcho();
    const target = { host: "localhost", port: echo.addr.port };

    const socket = await connectThrough(through(proxy), target, BOUNDS);
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhalo");
    let answer = "";
    socket.on("data", (chunk) => answer += chunk);
    await once(socket, "end");
    socket.destroy();

    assertEquals(answer.endsWith("halo"), true);
    assertEquals(proxy.targets, [`localhost:${echo.addr.port}`]);
  });

  Deno.test(`tunnel through ${kind} fails with a sentence when the password is wrong`, async () => {
    await using proxy = await startProxy(kind);
    const wrong = { ...through(proxy), credentials: { username: "kasir", password: PASSWORD } };

    const code = kind === "http" ? " (407)" : "";
    assertEquals(await failureOf(wrong), `${prefix}: it refused the user name or the password${code}`);
  });

  Deno.test(`tunnel through ${kind} fails when the proxy lets nobody through, hangs, or is not there`, async () => {
    const proxy = await startProxy(kind);
    proxy.mood = "refuse";
    const refused = await failureOf(through(proxy));
    proxy.mood = "hang";
    const late = await failureOf(through(proxy), 50);
    await proxy[Symbol.asyncDispose]();
    const gone = await failureOf(through(proxy));

    const why = kind === "http" ? "it answered 403 to CONNECT" : "its rules do not allow the connection";
    assertEquals([refused, late], [`${prefix}: ${why}`, `${prefix}: it did not answer within 0 s`]);
    assertEquals(/refused/i.test(gone), true, gone);
  });
}

Deno.test("tunnel fails when there is no password for a SOCKS proxy that wants one", async () => {
  await using proxy = await startProxy("socks5");
  const { credentials: _, ...open } = through(proxy);

  assertEquals((await failureOf(open)).endsWith("it wants a user name and a password"), true);
});

Deno.test("tunnel fails when something else than a proxy answers", async () => {
  await using echo = startEcho();
  const at = (kind: string) => through({ url: `${kind}://127.0.0.1:${echo.addr.port}` });

  assertEquals((await failureOf(at("socks5"))).endsWith("it does not speak SOCKS5"), true);
});

for (
  const [given, shown] of [
    ["socks5://us%40er:p%3Ass@Proxy.Example", "socks5://us%40er:p%3Ass@proxy.example:1080"],
    ["socks5h://10.0.0.1:9050", "socks5://10.0.0.1:9050"],
    ["http://proxy.example:3128/", "http://proxy.example:3128"],
    ["http://[::1]:3128", "http://[::1]:3128"],
  ] as const
) {
  Deno.test(`proxy ${given} is read`, () => assertEquals(urlOf(parseProxy(given)), shown));
}

for (
  const given of [
    "proxy.example:1080",
    "https://proxy.example",
    "socks4://proxy.example",
    "socks5://",
    "http://proxy.example/path",
    "http://user:secret@proxy.example:0",
    "http://%ff:secret@proxy.example",
    `socks5://${"u".repeat(256)}:secret@proxy.example`,
  ]
) {
  Deno.test(`proxy ${given.slice(0, 40)} is refused without repeating it`, async () => {
    const error = await assertRejects(
      () => Promise.try(() => parseProxy(given)),
      Error,
      "Field `proxy` must",
    );

    assertEquals(error.message.includes("secret"), false);
  });
}
