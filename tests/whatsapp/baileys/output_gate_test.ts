import { assertEquals } from "@std/assert";
import { gateOutput } from "../../../src/whatsapp/baileys/output_gate.ts";
import { settled } from "../../support/manual_clock.ts";

function setUp() {
  const sent: string[] = [];
  let durable: Promise<void> | undefined;
  const sender = { send: (data: Uint8Array | string) => void sent.push(String(data)) };
  gateOutput(sender, () => durable);
  return { sender, sent, setDurable: (promise: Promise<void> | undefined) => durable = promise };
}

Deno.test("gate lets a frame out at once when everything is on disk", () => {
  const { sender, sent } = setUp();

  sender.send("a");

  assertEquals(sent, ["a"]);
});

Deno.test("gate holds a frame until what came before it is on disk", async () => {
  const { sender, sent, setDurable } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  setDurable(promise);
  sender.send("a");
  await settled();
  const before = [...sent];

  resolve();
  await settled();

  assertEquals([before, sent], [[], ["a"]]);
});

Deno.test("gate keeps the order of frames", async () => {
  const { sender, sent, setDurable } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  setDurable(promise);
  sender.send("a");
  setDurable(undefined);
  sender.send("b");

  resolve();
  await settled();
  sender.send("c");

  assertEquals(sent, ["a", "b", "c"]);
});

Deno.test("gate drops a frame whose premises never got to disk", async () => {
  const { sender, sent, setDurable } = setUp();
  setDurable(Promise.reject(new Error("the session has ended")));

  sender.send("a");
  await settled();

  assertEquals(sent, []);
});
