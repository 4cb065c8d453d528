import { assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { createConnections } from "../../src/listener/connections.ts";
import { connectionsFor } from "../../src/listener/descriptors.ts";

class FakeSocket extends EventEmitter {
  destroyed = false;
  constructor(readonly remoteAddress: string) {
    super();
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

function setUp(most: number, mostOfOne: number) {
  const connections = createConnections({ most, mostOfOne, isExempt: (address) => address === "127.0.0.1" });
  const open = (address: string) => {
    const fake = new FakeSocket(address);
    const socket = fake as unknown as Socket; // all of it that is used
    return { fake, socket, admitted: connections.admit(socket) };
  };
  return { connections, open };
}

Deno.test("connections of one network are bounded, those of exempt addresses by the whole only", () => {
  const { connections, open } = setUp(100, 2);
  const [first] = [open("2001:db8::1"), open("2001:db8::2"), open("2001:db8::3")];
  const mine = Array.from({ length: 5 }, () => open("127.0.0.1"));

  assertEquals(first.fake.destroyed, true); // it made room for the third of its /64
  assertEquals([mine.every(({ fake }) => !fake.destroyed), connections.size], [true, 7]);
});

Deno.test("connections with a request are never closed to make room", () => {
  const { connections, open } = setUp(2, 2);
  const busy = [open("127.0.0.1"), open("127.0.0.1")];
  for (const { socket } of busy) connections.began(socket);

  const refused = open("127.0.0.1");
  connections.ended(busy[1].socket);
  const taken = open("127.0.0.1");

  assertEquals([refused.admitted, taken.admitted], [false, true]);
  assertEquals(busy.map(({ fake }) => fake.destroyed), [false, true]);
  assertEquals(connections.turnedAway, 2);
});

Deno.test("connections that say nothing are closed after 20 s, kept ones after 65 s", () => {
  const { connections, open } = setUp(10, 10);
  const silent = open("127.0.0.1");
  const kept = open("127.0.0.1");
  const busy = open("127.0.0.1");
  connections.began(kept.socket);
  connections.ended(kept.socket);
  connections.began(busy.socket);
  const closed = (afterMs: number) => {
    connections.sweep(performance.now() + afterMs);
    return [silent, kept, busy].map(({ fake }) => fake.destroyed);
  };

  assertEquals(closed(19_000), [false, false, false]);
  assertEquals(closed(21_000), [true, false, false]);
  assertEquals(closed(66_000), [true, true, false]);
});

Deno.test("connections take half of the files that may be open besides the gateway's own", () => {
  assertEquals([200, 1024, 1_000_000, undefined, 8].map(connectionsFor), [70, 482, 10_000, 2_000, 16]);
});
