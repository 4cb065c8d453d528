// A Qiscus that counts what it is sent and does as it is told.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface QiscusRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // deno-lint-ignore no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

/** What to answer to a message: a status with a body, nothing at all, or the id that it is given. */
export type QiscusAnswer = { readonly status: number; readonly body?: unknown } | "hang" | "reset" | string;

export interface MockQiscus extends AsyncDisposable {
  readonly url: string;
  readonly account: {
    readonly baseUrl: string;
    readonly appId: string;
    readonly secretKey: string;
    readonly channelId: string;
  };
  readonly requests: readonly QiscusRequest[];
  /** Requests to send a message. */
  readonly sends: readonly QiscusRequest[];
  /** How often a message to each number came in. */
  readonly counts: ReadonlyMap<string, number>;
  /** Decides what messages are answered; by default each is accepted under an id of its own. */
  answer: (request: QiscusRequest, index: number) => QiscusAnswer | Promise<QiscusAnswer>;
  /** What requests about settings are answered; by default what was registered last. */
  settings: (request: QiscusRequest) => QiscusAnswer;
}

export async function mockQiscus(): Promise<MockQiscus> {
  const requests: QiscusRequest[] = [];
  const sends: QiscusRequest[] = [];
  const counts = new Map<string, number>();
  let registered: unknown = null;

  const mock = {
    requests,
    sends,
    counts,
    answer: (_request: QiscusRequest, index: number): QiscusAnswer | Promise<QiscusAnswer> =>
      `wamid.${index + 1}`,
    settings: (request: QiscusRequest): QiscusAnswer => {
      if (request.method === "POST") registered = request.body;
      return { status: 200, body: { data: registered ?? {} } };
    },
  };

  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const text = new TextDecoder().decode(concat(chunks));
      const received: QiscusRequest = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
      requests.push(received);
      if (received.path.endsWith("/messages")) {
        const index = sends.push(received) - 1;
        const to = String(received.body?.to);
        counts.set(to, (counts.get(to) ?? 0) + 1);
        Promise.resolve(mock.answer(received, index)).then((answer) => give(answer, response));
      } else {
        give(mock.settings(received), response);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return Object.assign(mock, {
    url,
    account: { baseUrl: url, appId: "app-1", secretKey: "key-1", channelId: "4711" },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function give(answer: QiscusAnswer, response: ServerResponse): void {
  if (answer === "hang") return;
  if (answer === "reset") {
    response.socket?.destroy();
    return;
  }
  const { status, body } = typeof answer === "string"
    ? { status: 200, body: { data: { id: answer } } }
    : answer;
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
