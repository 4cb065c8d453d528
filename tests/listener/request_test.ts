import { assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Body } from "../../src/listener/body.ts";
import { IncomingRequest } from "../../src/listener/request.ts";

/** A request on a connection that may bring others. */
function requestOn(socket: EventEmitter): IncomingRequest {
  const message = { method: "GET", url: "/", headers: {}, socket } as unknown as IncomingMessage;
  return new IncomingRequest(message, {} as Body);
}

Deno.test("a connection keeps nothing of the requests that were answered on it", () => {
  const socket = new EventEmitter();
  const signals = Array.from({ length: 20 }, () => {
    const request = requestOn(socket);
    const { signal } = request;
    request.answered();
    return signal;
  });

  socket.emit("close");

  assertEquals(socket.listenerCount("close"), 0);
  assertEquals(signals.filter(({ aborted }) => aborted), []);
});

Deno.test("a request that waits for its answer hears of its client going away", () => {
  const socket = new EventEmitter();
  const { signal } = requestOn(socket);

  socket.emit("close");

  assertEquals(signal.aborted, true);
});
