// An application that gets webhooks, for tests of pages.

export interface TestReceiver extends AsyncDisposable {
  readonly url: string;
  /** What it got so far. */
  readonly got: readonly { readonly headers: Headers; readonly body: string }[];
}

/** Listens on a free port and answers as told. */
export function receiver(answer: () => Response): TestReceiver {
  const got: { readonly headers: Headers; readonly body: string }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    got.push({ headers: request.headers, body: await request.text() });
    return answer();
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    got,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
