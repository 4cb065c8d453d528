import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import type { Clock } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import { ProxyError, type ResolvedProxy } from "./proxy.ts";

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A longer answer to CONNECT is none. */
const LONGEST_HEAD = 16_384;
const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** What a SOCKS5 proxy answers a request with. @see RFC 1928, section 6 */
const SOCKS_REPLIES: Readonly<Record<number, string>> = {
  1: "it failed",
  2: "its rules do not allow the connection",
  3: "it cannot reach the network",
  4: "it cannot reach the host",
  5: "the host refused its connection",
  6: "the connection took too long for it",
  7: "it does not know CONNECT",
  8: "it does not know this kind of address",
};
const NO_METHOD = 0xff;
const WITH_PASSWORD = 2;
const IN_FRONT_OF_ADDRESS = 4;
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
const NAME = 3;

/**
 * A connection to the target through a proxy: what is written to it reaches the target, and nothing else is connected.
 * The proxy gets the target's name.
 * @throws {ProxyError} If there is none within `timeoutMs`.
 */
export async function connectThrough(
  proxy: ResolvedProxy,
  target: Target,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Pick<Clock, "wait"> },
): Promise<Socket> {
  const socket = connect({ host: proxy.address, port: proxy.port });
  socket.setNoDelay(); // small pieces follow each other: none is to wait until the one before is acknowledged
  const over = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {}); // the tunnel stands
  const fail = (why: string) => failure.reject(new ProxyError(proxy, why));
  const onError = (error: Error) => fail(messageOf(error));
  const onClose = () => fail("it closed the connection");
  socket.on("error", onError).on("close", onClose);
  clock.wait(timeoutMs, over.signal).then(() => {
    if (!over.signal.aborted) fail(`it did not answer within ${Math.round(timeoutMs / 1000)} s`);
  });
  const read = readerOf(socket);
  try {
    const open = proxy.kind === "socks5" ? openSocks : openHttp;
    await Promise.race([open(proxy, target, socket, read), failure.promise]);
    socket.off("error", onError).off("close", onClose);
    return socket;
  } catch (error) {
    socket.on("error", () => {}); // it is given up
    socket.destroy();
    throw error instanceof ProxyError ? error : new ProxyError(proxy, messageOf(error));
  } finally {
    over.abort();
  }
}

/** Bytes of a socket as they are asked for; what is not asked for stays in it. */
type Read = (bytes?: number) => Promise<Buffer>;

function readerOf(socket: Socket): Read {
  return async (bytes) => {
    while (true) {
      const found: Buffer | null = bytes === undefined ? socket.read() : socket.read(bytes);
      if (found !== null) return found;
      await new Promise<void>((resolve) => socket.once("readable", resolve));
    }
  };
}

/** @see RFC 1928, RFC 1929 (user name and password) */
async function openSocks(proxy: ResolvedProxy, target: Target, socket: Socket, read: Read): Promise<void> {
  const { credentials } = proxy;
  socket.write(Buffer.from(credentials === undefined ? [5, 1, 0] : [5, 2, 0, WITH_PASSWORD]));
  const [version, method] = await read(2);
  if (version !== 5) throw new ProxyError(proxy, "it does not speak SOCKS5");
  if (method === NO_METHOD || (method === WITH_PASSWORD && credentials === undefined)) {
    throw new ProxyError(proxy, "it wants a user name and a password");
  }
  if (method === WITH_PASSWORD && credentials !== undefined) {
    const [username, password] = [credentials.username, credentials.password].map((part) =>
      Buffer.from(part)
    );
    socket.write(Buffer.concat([bytes(1, username.length), username, bytes(password.length), password]));
    const [, status] = await read(2);
    if (status !== 0) throw new ProxyError(proxy, "it refused the user name or the password");
  }
  const host = Buffer.from(target.host);
  socket.write(Buffer.concat([
    bytes(5, 1, 0, NAME, host.length),
    host,
    bytes(target.port >> 8, target.port & 0xff),
  ]));
  const [, reply, , kind] = await read(IN_FRONT_OF_ADDRESS);
  if (reply !== 0) throw new ProxyError(proxy, SOCKS_REPLIES[reply] ?? `it answered ${reply}`);
  await read((kind === NAME ? (await read(1))[0] : ADDRESS_BYTES[kind] ?? 0) + 2);
}

/** @see RFC 9110, section 9.3.6 */
async function openHttp(proxy: ResolvedProxy, target: Target, socket: Socket, read: Read): Promise<void> {
  const host = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const { username, password } = proxy.credentials ?? {};
  const authorization = username === undefined
    ? ""
    : `Proxy-Authorization: Basic ${Buffer.from(`${username}:${password}`).toString("base64")}\r\n`;
  socket.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n${authorization}\r\n`);
  let head = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    head = Buffer.concat([head, await read()]);
    end = head.indexOf(END_OF_HEAD);
    if (head.length > LONGEST_HEAD) throw new ProxyError(proxy, "it does not speak HTTP");
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString("latin1"))?.[1];
  if (status === undefined) throw new ProxyError(proxy, "it does not speak HTTP");
  if (status === "407") throw new ProxyError(proxy, "it refused the user name or the password (407)");
  if (!status.startsWith("2")) throw new ProxyError(proxy, `it answered ${status} to CONNECT`);
  const rest = head.subarray(end + END_OF_HEAD.length);
  if (rest.length > 0) socket.unshift(rest);
}

function bytes(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}
