import { assertEquals, assertThrows } from "@std/assert";
import { LogTerminal } from "../src/log_terminal.ts";
import { createManualClock } from "./support/manual_clock.ts";

function aTerminal(most = 1_000_000) {
  const shown: string[] = [];
  const decoder = new TextDecoder();
  const clock = createManualClock();
  const terminal = new LogTerminal((bytes) => {
    const taken = bytes.subarray(0, most);
    shown.push(decoder.decode(taken));
    return taken.length;
  }, clock);
  return { shown, terminal, clock };
}

Deno.test("terminal shows what is important at once, after what came before it", () => {
  const { shown, terminal } = aTerminal();

  terminal.write("one\n", false);
  const before = [...shown];
  terminal.write("two\n", true);

  assertEquals([before, shown], [[], ["one\ntwo\n"]]);
});

Deno.test("terminal shows other lines together, within a moment", async () => {
  const { shown, terminal, clock } = aTerminal();

  terminal.write("one\n", false);
  terminal.write("two\n", false);
  const before = [...shown];
  await clock.advance(1_000);

  assertEquals([before, shown], [[], ["one\ntwo\n"]]);
});

Deno.test("terminal shows everything before it is closed, and all of a line that is taken in pieces", () => {
  const { shown, terminal } = aTerminal(2);

  terminal.write("one\n", false);
  terminal.close();

  assertEquals(shown, ["on", "e\n"]);
});

Deno.test("terminal goes on when nobody listens any more, and hides no other failure", () => {
  const closed = new LogTerminal(() => {
    throw new Deno.errors.BrokenPipe("gone");
  });
  const broken = new LogTerminal(() => {
    throw new TypeError("broken");
  });

  closed.write("one\n", true);
  closed.write("two\n", true);

  assertThrows(() => broken.write("one\n", true), TypeError);
});
