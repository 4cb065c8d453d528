// Proxies on loopback that check passwords, misbehave when told to, and count what goes through them.
import { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export type ProxyKind = "socks5" | "http";

export interface TestProxy extends AsyncDisposable {
  readonly port: number;
  /** Where it is, with its user name and password. */
  readonly url: string;
  /** Targets that were asked for as `host:port`, in order. */
  readonly targets: string[];
  /** Bytes that went through, both ways. */
  readonly bytes: () => number;
  /** What it does with the next connections. */
  mood: "well" | "hang" | "refuse";
  /** Ends every connection that goes through it. */
  cut(): void;
}

export const USER = "kas:ir";
export const PASSWORD = "p@ss w/rd";

export async function startProxy(kind: ProxyKind): Promise<TestProxy> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  let bytes = 0;

  function track(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    return socket.on("data", (chunk: Buffer) => bytes += chunk.length);
  }

  /** Joins a client with what it asked for. */
  function join(client: Socket, host: string, port: number, granted: Buffer, first?: Buffer): void {
    targets.push(`${host}:${port}`);
    const target = connect(port, host, () => {
      if (first === undefined) client.write(granted);
      else target.write(first);
      track(client).pipe(target);
      track(target).pipe(client);
    });
    target.on("error", () => client.destroy());
    client.on("close", () => target.destroy());
  }

  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => {}).on("close", () => sockets.delete(client));
    if (proxy.mood === "hang") return;
    const speak = kind === "socks5" ? speakSocks : speakHttp;
    speak(client, proxy.mood, (...asked) => join(client, ...asked));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: TestProxy = {
    port,
    url: `${kind}://${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    targets,
    bytes: () => bytes,
    mood: "well",
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      proxy.cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

type Speak = (
  client: Socket,
  mood: TestProxy["mood"],
  join: (host: string, port: number, granted: Buffer, first?: Buffer) => void,
) => void;

/** @see RFC 1928, RFC 1929 */
const speakSocks: Speak = (client, mood, join) => {
  let step: "methods" | "password" | "request" | "through" = "methods";
  client.on("data", (data: Buffer) => {
    if (step === "methods") {
      const offers = [...data.subarray(2, 2 + data[1])];
      step = "password";
      return client.write(Buffer.from(offers.includes(2) ? [5, 2] : [5, 0xff]));
    }
    if (step === "password") {
      const username = data.subarray(2, 2 + data[1]).toString();
      const password = data.subarray(3 + data[1]).toString();
      const isRight = username === USER && password === PASSWORD;
      step = "request";
      client.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) client.end();
      return;
    }
    if (step === "request") {
      step = "through";
      if (mood === "refuse") return client.end(Buffer.from([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]));
      const isName = data[3] === 3;
      const end = isName ? 5 + data[4] : 8;
      const host = isName ? data.subarray(5, end).toString() : data.subarray(4, end).join(".");
      client.removeAllListeners("data");
      join(host, data.readUInt16BE(end), Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    }
  });
};

const speakHttp: Speak = (client, mood, join) => {
  client.once("data", (data: Buffer) => {
    const head = data.toString("latin1");
    const [, host, port] = /^(?:CONNECT |GET http:\/\/)([^ /]+):(\d+)/.exec(head) ?? [];
    const wanted = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
    const given = /^proxy-authorization: basic (.+)$/im.exec(head)?.[1]?.trim();
    if (given !== wanted) return client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    if (mood === "refuse") return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    if (head.startsWith("CONNECT")) {
      return join(host, Number(port), Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n"));
    }
    // as it was asked for, to its server
    const first = Buffer.from(head.replace(/^GET http:\/\/[^/]+/, "GET "), "latin1");
    join(host, Number(port), Buffer.alloc(0), first);
  });
};
