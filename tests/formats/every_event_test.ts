import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import fc from "fast-check";
import type { KabarEvent } from "../../src/events/event.ts";
import { ascii } from "../../src/formats/cloud.ts";
import type { Format } from "../../src/formats/format.ts";
import { FORMATS } from "../../src/formats/mod.ts";
import { requestFor } from "../../src/formats/request.ts";
import { ANY_EVENT } from "../support/arbitrary_events.ts";
import { aWebhook } from "../support/events.ts";

/** Names that are sent only to those whom an event is made for. */
const UNASKED = ["test", "webhook.test"];

function holds(format: Format, check: (event: KabarEvent, name: string, body: string) => void): void {
  fc.assert(
    fc.property(ANY_EVENT, (event) => {
      for (const name of format.says(event)) check(event, name, format.render(event, name));
    }),
    { numRuns: 1_000 },
  );
}

Deno.test("formats are listed under their own names", () => {
  assertEquals(
    Object.entries(FORMATS).map(([name, format]) => [name, format.name]).filter(([a, b]) => a !== b),
    [],
  );
});

const PHP = 'while (($l = fgets(STDIN)) !== false) if (json_decode($l) !== null) echo "1\\n";';
const READERS = [["jq", "-c", "1"], ["php", "-r", PHP]] as const;

/** How many bodies, one a line, a program reads; undefined when it is not installed. */
async function readers(
  command: string,
  args: string[],
  bodies: readonly string[],
): Promise<number | undefined> {
  let child: Deno.ChildProcess;
  try {
    const options = { args, stdin: "piped", stdout: "piped", stderr: "null" } as const;
    child = new Deno.Command(command, options).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const input = new Blob(bodies.map((body) => `${body}\n`)).stream().pipeTo(child.stdin).catch(() => {});
  const [{ stdout }] = await Promise.all([child.output(), input]);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").length;
}

for (const format of Object.values(FORMATS)) {
  Deno.test(`${format.name} says every event only under names that can be asked for`, () => {
    holds(format, (event, name) => {
      assert(event.type === "custom" || [...format.names, ...UNASKED].includes(name), name);
    });
  });

  Deno.test(`${format.name} renders every event to the very bytes that JSON.stringify makes again`, () => {
    const made = (body: string) => JSON.stringify(JSON.parse(body));
    holds(format, (_event, _name, body) => {
      assertEquals(format.asciiOnly ? ascii(made(body)) : made(body), body);
    });
  });

  Deno.test(`${format.name} renders every event to the same bytes after it was stored`, () => {
    holds(format, (event, name, body) => {
      assertEquals(format.render(JSON.parse(JSON.stringify(event)), name), body);
    });
  });

  Deno.test(`${format.name} renders every event as JSON whose texts are well formed and hold no NUL`, () => {
    holds(format, (_event, _name, body) => {
      const escapes = JSON.stringify(JSON.parse(body)).match(/\\(?:u[0-9a-f]{4}|.)/g) ?? [];

      assert(body.isWellFormed());
      for (const escape of escapes) assertFalse(/^\\u(?:d[89a-f][0-9a-f]{2}|0000)$/.test(escape), body);
    });
  });

  Deno.test({
    name: `${format.name} renders every event as JSON that jq and PHP read`,
    fn: async () => {
      const bodies: string[] = [];
      fc.assert(
        fc.property(ANY_EVENT, (event) => {
          for (const name of format.says(event)) bodies.push(format.render(event, name));
        }),
        { numRuns: 300 },
      );
      for (const [command, ...args] of READERS) {
        const read = await readers(command!, args, bodies);
        if (read === undefined) continue; // not installed here
        assertEquals(read, bodies.length, `${command} does not read all of them`);
      }
    },
  });

  Deno.test(`${format.name} gives every event data, and times that people can mean`, () => {
    holds(format, (event, _name, body) => {
      const { entry, data = entry, timestamp } = JSON.parse(body);
      assert(event.type === "custom" ? data !== undefined : typeof data === "object" && data !== null);
      if (typeof timestamp === "string") {
        assertMatch(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      } else if (timestamp !== undefined) assert(Number.isSafeInteger(timestamp));
    });
  });

  Deno.test(`${format.name} sets no header but those that it declares as its own`, () => {
    const secrets = [{ value: "s", expiresAt: null }];
    holds(format, (event, name, body) => {
      const headers = format.headers({ event, name, deliveryId: "dlv_1", attempt: 2, at: 0 }, body, secrets);

      assertEquals(Object.keys(headers).filter((header) => !format.ownHeaders.includes(header)), []);
    });
  });

  Deno.test(`${format.name} makes a request of every event, to the place that was meant`, () => {
    const webhook = aWebhook({ format: format.name, url: "https://a.example/in/{sessionId}/x?e={event}" });
    holds(format, (event, name, body) => {
      const request = requestFor({
        event,
        name,
        webhook,
        deliveryId: "dlv_1",
        attempt: 1,
        at: 1_703_145_600_000,
      });

      assertEquals(request.body, body);
      assertMatch(new URL(request.url).href, /^https:\/\/a\.example\/in\/[^/?#]+\/x\?e=[^#]*$/);
      for (const value of Object.values(request.headers)) assertMatch(value, /^[\t\x20-\x7e]*$/);
    });
  });
}
