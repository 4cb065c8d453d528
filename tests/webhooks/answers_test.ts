// Answers as receivers write them by hand, byte by byte: the status decides, however the rest of the answer is.
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { assertEquals } from "@std/assert";
import { createGuard } from "../../src/net/guard.ts";
import { createAttempts } from "../../src/webhooks/attempt.ts";
import type { Outcome } from "../../src/webhooks/outcome.ts";

/** Posts once for each answer, all over one agent, so that connections may be used again; also counts the requests. */
async function post(answers: readonly string[], { keep = false } = {}) {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", () => {
      const answer = answers[requests++] ?? "";
      if (keep) socket.write(answer);
      else socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const attempts = createAttempts({ guard: createGuard({ allowPrivate: true }) });
  const outcomes: Outcome[] = [];
  for (const _ of answers) {
    outcomes.push(
      await attempts.attempt({ url, headers: {}, body: "{}", timeoutMs: 5_000, tenantId: "tenant_default" }),
    );
  }
  await attempts.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return { outcomes, requests };
}

const OK = "HTTP/1.1 200 OK\r\n";
const LENGTH = "Content-Length: 2\r\n\r\nok";
const CHUNKS = "\r\n2\r\nok\r\n0\r\n\r\n";

for (
  const [what, answer, status] of [
    ["a body that is cut off", `${OK}Content-Length: 100\r\n\r\nok`, 200],
    ["chunks without an end", `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n`, 200],
    ["a broken chunk", `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 200],
    ["a length and chunks", `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n${CHUNKS}`, 200],
    ["chunks and a length", `${OK}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n${CHUNKS}`, 200],
    ["the same length twice", `${OK}Content-Length: 2\r\n${LENGTH}`, 200],
    ["a list of lengths", `${OK}Content-Length: 2, 2\r\n\r\nok`, 200],
    ["100 first", `HTTP/1.1 100 Continue\r\n\r\n${OK}${LENGTH}`, 200],
    ["102 first", `HTTP/1.1 102 Processing\r\n\r\n${OK}${LENGTH}`, 200],
    ["103 first, twice", `${"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(2)}${OK}${LENGTH}`, 200],
    ["199 first", `HTTP/1.1 199 Whatever\r\n\r\n${OK}${LENGTH}`, 200],
    ["204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", 204],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok", 200],
    ["no reason phrase", "HTTP/1.1 200\r\n\r\nok", 200],
    ["a reason phrase in UTF-8", `HTTP/1.1 200 Ökay\r\n${LENGTH}`, 200],
    ["a header in UTF-8", `${OK}X-Ä: ü\r\n${LENGTH}`, 200],
    ["bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200],
    ["a folded header", `${OK}X-A: a\r\n b\r\n${LENGTH}`, 200],
    ["a blank before a colon", `${OK}X-A : a\r\n${LENGTH}`, 200],
    ["20 kB of headers", `${OK}X-A: ${"a".repeat(20_000)}\r\n${LENGTH}`, 200],
    [
      "trailers and chunk extensions",
      `${OK}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX: 1\r\n\r\n`,
      200,
    ],
    ["an offer to upgrade", `${OK}Upgrade: h2c\r\nConnection: Upgrade\r\n${LENGTH}`, 200],
    ["more than it announced", `${OK}${LENGTH}MORE`, 200],
  ] as const
) {
  Deno.test(`attempt succeeds with ${what}, at the first request`, async () => {
    const { outcomes: [outcome], requests } = await post([answer]);

    assertEquals([outcome.ok, outcome.statusCode, requests], [true, status, 1]);
  });
}

Deno.test("attempt fails by the status of an answer that cannot be read otherwise, and heeds its Retry-After", async () => {
  const broken = "Content-Length: 2\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\nno";

  const { outcomes } = await post([`HTTP/1.1 503 Busy\r\n${broken}`, `HTTP/1.1 410 Gone\r\n${broken}`]);

  assertEquals(
    outcomes.map((outcome) =>
      outcome.ok ? "ok" : [outcome.reason, outcome.statusCode, outcome.retryAfterMs, outcome.gone]
    ),
    [["status", 503, 7_000, false], ["status", 410, 7_000, true]],
  );
});

Deno.test("attempt does not take the answer before for that of a request which got none", async () => {
  const { outcomes } = await post([`${OK}${LENGTH}`, "SSH-2.0-OpenSSH_9.6\r\n"], { keep: true });

  assertEquals(outcomes.map((outcome) => outcome.ok ? "ok" : outcome.error), ["ok", "Answer is not HTTP"]);
});

Deno.test("attempt says of a status that there is none that it is no HTTP, not what the client took for granted", async () => {
  const { outcomes } = await post([`HTTP/1.1 099 Odd\r\n${LENGTH}`, `HTTP/1.1 abc Odd\r\n${LENGTH}`]);

  const told = outcomes.map((outcome) => outcome.ok ? "ok" : [outcome.reason, outcome.error]);
  assertEquals(told, [["protocol", "Answer is not HTTP"], ["protocol", "Answer is not HTTP"]]);
});

Deno.test("attempt fails when the receiver wants another protocol", async () => {
  const { outcomes: [outcome] } = await post([
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
  ]);

  assertEquals([outcome.ok, outcome.statusCode], [false, 101]);
});
