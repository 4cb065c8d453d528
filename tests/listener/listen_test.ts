import { gzipSync } from "node:zlib";
import { assertEquals, assertMatch } from "@std/assert";
import { BodyError } from "../../src/listener/body_error.ts";
import { BodyBudget } from "../../src/listener/body_budget.ts";
import { listen, type ListenDeps } from "../../src/listener/listen.ts";
import { IncomingRequest } from "../../src/listener/request.ts";
import { until } from "../support/until.ts";

const ANYBODY = { most: 1_000, mostOfOne: 1_000, isExempt: () => true };

async function setUp(handle: (request: Request) => Promise<Response>, more: Partial<ListenDeps> = {}) {
  const listener = await listen({
    hostname: "127.0.0.1",
    port: 0,
    handle: (request) =>
      handle(request).catch((error) =>
        new Response(error instanceof BodyError ? error.fault : "?", { status: 418 })
      ),
    connections: ANYBODY,
    onDeaf: () => {},
    ...more,
  });
  return {
    listener,
    url: `http://127.0.0.1:${listener.port}`,
    connect: () => Deno.connect({ hostname: "127.0.0.1", port: listener.port }),
    async [Symbol.asyncDispose]() {
      const closed = listener.close();
      listener.end();
      await closed;
    },
  };
}

const echo = async (request: Request) =>
  new Response(await request.text(), { headers: { "X-Url": request.url } });

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** All that comes until the other side closes. */
async function allOf(connection: Deno.Conn): Promise<string> {
  return await new Response(connection.readable).text();
}

Deno.test("listener sends what is packed as it is, also where its type is a text's", async () => {
  const packed = gzipSync("body { color: black }");
  await using server = await setUp(() =>
    Promise.resolve(
      new Response(packed, { headers: { "Content-Type": "text/css", "Content-Encoding": "gzip" } }),
    )
  );

  const answer = await fetch(server.url);

  assertEquals(await answer.text(), "body { color: black }");
});

Deno.test("listener hands on method, URL, headers and body, and writes the answer back", async () => {
  await using server = await setUp(async (request) => {
    const { method, url, headers } = request;
    return Response.json({ method, url, word: headers.get("X-Word"), body: await request.json() }, {
      status: 201,
    });
  });

  const answer = await fetch(`${server.url}/a?b=c`, {
    method: "PUT",
    headers: { "X-Word": "ya" },
    body: '{"n":1}',
  });

  assertEquals(answer.status, 201);
  assertEquals(await answer.json(), {
    method: "PUT",
    url: `${server.url}/a?b=c`,
    word: "ya",
    body: { n: 1 },
  });
});

Deno.test("listener reads a body that comes in chunks, and one that is streamed", async () => {
  await using server = await setUp(async (request) => {
    if (request.url.endsWith("/whole")) return await echo(request);
    let size = 0;
    for await (const chunk of request.body!) size += chunk.length;
    return new Response(String(size));
  });
  const chunks = () =>
    ReadableStream.from([bytes("a".repeat(70_000)), bytes("b"), bytes("c".repeat(70_000))]);

  const whole = await fetch(`${server.url}/whole`, { method: "POST", body: chunks() });
  const streamed = await fetch(`${server.url}/stream`, { method: "POST", body: chunks() });

  assertEquals((await whole.text()).length, 140_001);
  assertEquals(await streamed.text(), "140001");
});

Deno.test("listener answers without waiting for a body that nobody wants", async () => {
  await using server = await setUp(() => Promise.resolve(new Response("no", { status: 401 })));
  const connection = await server.connect();

  await connection.write(bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\nabc"));

  assertMatch(await allOf(connection), /^HTTP\/1.1 401 .*connection: close/is);
});

Deno.test("listener asks for a body with 100 Continue only when somebody reads it", async () => {
  await using server = await setUp((request) =>
    request.url.endsWith("/read") ? echo(request) : Promise.resolve(new Response("no", { status: 401 }))
  );
  const head = (path: string) =>
    bytes(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
    );
  const refused = await server.connect();
  await refused.write(head("/refuse"));
  const read = await server.connect();
  await read.write(head("/read"));
  const buffer = new Uint8Array(100);
  const first = new TextDecoder().decode(buffer.subarray(0, await read.read(buffer) ?? 0));
  await read.write(bytes("ok"));

  assertMatch(await allOf(refused), /^HTTP\/1.1 401/);
  assertMatch(first, /^HTTP\/1.1 100 Continue/);
  assertMatch(await allOf(read), /\r\n\r\nok$/);
});

Deno.test("listener gives up a body of which nothing comes for too long", async () => {
  await using server = await setUp(echo, { limits: { stallMs: 50 } });
  const connection = await server.connect();

  await connection.write(bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"));

  assertMatch(await allOf(connection), /^HTTP\/1.1 418 .*too_slow$/s);
});

Deno.test("listener gives a body of a stranger only so much time, however it trickles", async () => {
  await using server = await setUp(echo, { limits: { strangerMs: 100 } });
  const connection = await server.connect();
  await connection.write(bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"));
  const trickle = setInterval(() => void connection.write(bytes("a")).catch(() => {}), 10);

  const answer = await allOf(connection);
  clearInterval(trickle);

  assertMatch(answer, /^HTTP\/1.1 418 .*too_slow$/s);
});

Deno.test("listener bounds a body, and the bodies of all strangers together", async () => {
  const strangers = new BodyBudget(100_000);
  const gate = Promise.withResolvers<void>();
  await using server = await setUp(async (request) => {
    const text = await request.text();
    await gate.promise;
    return new Response(String(text.length));
  }, { limits: { mostBytes: 80_000, strangers } });
  const post = (size: number) =>
    fetch(server.url, { method: "POST", body: "x".repeat(size) }).then((r) => r.text());

  const tooLarge = await post(80_001);
  const first = post(60_000);
  await until(() => strangers.heldBytes === 60_000, "the first one is held");
  const second = await post(60_000);
  gate.resolve();

  assertEquals([tooLarge, second, await first], ["too_large", "busy", "60000"]);
  await until(() => strangers.heldBytes === 0, "all of it is given back");
});

Deno.test("listener goes on when a streamed body ends after it failed, or after nobody wanted it", async () => {
  await using server = await setUp(async (request) => {
    const reader = request.body!.getReader();
    await reader.read();
    if (request.url.endsWith("/cancel")) await reader.cancel();
    else while (!(await reader.read()).done);
    return new Response("read");
  }, { limits: { mostBytes: 50_000 } });
  const chunks = () => ReadableStream.from(Array.from({ length: 10 }, () => new Uint8Array(20_000)));
  const post = (path: string) =>
    fetch(server.url + path, { method: "POST", body: chunks() }).then((answer) => answer.text());

  const answers = [await post("/cancel"), await post("/large")];

  assertEquals(answers, ["read", "too_large"]);
  assertEquals(await (await fetch(`${server.url}/cancel`, { method: "POST", body: "x" })).text(), "read");
});

Deno.test("listener counts what strangers stream towards the same bound", async () => {
  const strangers = new BodyBudget(100_000);
  await using server = await setUp(
    async (request) => new Response(String((await new Response(request.body).arrayBuffer()).byteLength)),
    { limits: { strangers } },
  );
  const chunks = (count: number) =>
    ReadableStream.from(Array.from({ length: count }, () => new Uint8Array(20_000)));
  const post = (count: number) =>
    fetch(server.url, { method: "POST", body: chunks(count) }).then((answer) => answer.text());

  assertEquals([await post(4), await post(6)], ["80000", "busy"]);
  await until(() => strangers.heldBytes === 0, "all of it is given back");
});

Deno.test("listener counts a body of a known sender apart from strangers'", async () => {
  const strangers = new BodyBudget(10);
  await using server = await setUp((request) => {
    if (request instanceof IncomingRequest) request.content.admit();
    return echo(request);
  }, { limits: { strangers } });

  const answer = await fetch(server.url, { method: "POST", body: "x".repeat(1_000) });

  assertEquals((await answer.text()).length, 1_000);
});

Deno.test("listener closes the oldest resting connection when there is no room for another one", async () => {
  await using server = await setUp(echo, { connections: { ...ANYBODY, most: 3 } });
  const all = [];
  for (let i = 0; i < 3; i++) {
    all.push(await server.connect());
    await until(() => server.listener.load().open === i + 1, "it is let in");
  }

  const answer = await fetch(server.url, { method: "POST", body: "there is room" });

  assertEquals(await answer.text(), "there is room");
  assertEquals(await allOf(all[0]), "");
  assertEquals(server.listener.load().turnedAway, 1);
  for (const connection of all.slice(1)) connection.close();
});

Deno.test("listener cancels the body of an answer to HEAD, and one whose client is gone", async () => {
  const cancelled: string[] = [];
  await using server = await setUp((request) =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
          cancel: () => void cancelled.push(request.method),
        }, { highWaterMark: 0 }),
        { headers: { "Content-Type": "application/octet-stream" } },
      ),
    )
  );

  await fetch(server.url, { method: "HEAD" });
  await until(() => cancelled.length === 1, "the one of HEAD is cancelled");
  const connection = await server.connect();
  await connection.write(bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  await connection.read(new Uint8Array(10));
  connection.close();
  await until(() => cancelled.length === 2, "the one of the client that went away is cancelled");

  assertEquals(cancelled, ["HEAD", "GET"]);
});

Deno.test("listener answers what is no HTTP with 400, and goes on", async () => {
  await using server = await setUp(echo);
  const connection = await server.connect();
  await connection.write(bytes("\x16\x03\x01 hello\r\n\r\n"));

  const answer = await allOf(connection);

  assertMatch(answer, /^(HTTP\/1.1 400 |$)/);
  assertEquals(await (await fetch(server.url, { method: "POST", body: "on" })).text(), "on");
});
