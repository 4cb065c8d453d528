// A TCP proxy that can swallow, delay or cut what goes through it.

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** The server's port; where new connections lead. */
  target: number;
  /** `pass`: as it comes; `swallow`: nothing goes through, and nobody is told. */
  mode: "pass" | "swallow";
  /** How long each piece is held back, ms. */
  delayMs: number;
  /** Breaks all connections that are open now. */
  cut(): void;
  /** Connections that are open now stay open, and nothing goes through them any more; new ones are as ever. */
  hush(): void;
}

/** Listens on a free port for a server on this machine. */
export function startTcpProxy(target: number): TcpProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const hushed = new WeakSet<Deno.Conn>();
  const proxy: TcpProxy = {
    port: listener.addr.port,
    target,
    mode: "pass",
    delayMs: 0,
    cut() {
      for (const connection of open) close(connection);
    },
    hush() {
      for (const connection of open) hushed.add(connection);
    },
    [Symbol.asyncDispose]() {
      listener.close();
      proxy.cut();
      return Promise.resolve();
    },
  };

  function close(connection: Deno.Conn): void {
    if (open.delete(connection)) connection.close();
  }

  async function pipe(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let last = Promise.resolve();
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (proxy.mode === "swallow" || hushed.has(from)) continue;
        const piece = buffer.slice(0, read);
        const { delayMs } = proxy;
        const waited = delayMs > 0 && new Promise((resolve) => setTimeout(resolve, delayMs));
        last = last.then(async () => {
          await waited;
          for (let done = 0; done < piece.length;) done += await to.write(piece.subarray(done));
        });
        last.catch(() => {});
        if (delayMs === 0) await last;
      }
    } catch {
      // one side is gone: so is the other
    }
    await last.catch(() => {});
    if (hushed.has(from)) return; // not even the end of one side is told to the other
    close(from);
    close(to);
  }

  async function accept(): Promise<void> {
    for await (const client of listener) {
      open.add(client);
      client.setNoDelay(); // else a piece that follows another waits for an acknowledgement, which takes 40 ms
      Deno.connect({ hostname: "127.0.0.1", port: proxy.target }).then((server) => {
        open.add(server);
        server.setNoDelay();
        void pipe(client, server);
        void pipe(server, client);
      }, () => close(client));
    }
  }
  void accept();
  return proxy;
}
