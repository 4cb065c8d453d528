// One gateway reports to another: whatever our own format `session` says is read, and says the same again.
import { assertEquals } from "@std/assert";
import { AT } from "../../../src/events/examples/example.ts";
import { EXAMPLES } from "../../../src/events/examples/mod.ts";
import type { KabarEvent } from "../../../src/events/event.ts";
import { session } from "../../../src/formats/session.ts";
import { readUniversal } from "../../../src/providers/universal/parse.ts";

type Json = Record<string, unknown>;

/** What another gateway makes of an event that is sent on under a name. */
function sentOn(event: KabarEvent, name: string) {
  const { data } = JSON.parse(session.render(event, name)) as { data: Json };
  const reading = readUniversal({ sessionId: "kasir-1", event: name, data }, {
    scope: "device_2",
    me: null,
    receivedAt: AT,
  });
  if (reading.kind !== "event") return { data, reading, again: undefined };
  const copy = { ...event, ...reading.draft } as unknown as KabarEvent;
  const again = session.says(copy).includes(name) ? JSON.parse(session.render(copy, name)).data : undefined;
  return { data, reading, again };
}

/** What a report of the file alone leaves out is told under the name `message`. */
const OF_FILES = new Set(["media", "media_uploaded"]);

for (const { kind, event } of EXAMPLES) {
  for (const name of session.says(event)) {
    if (event.type === "custom" || event.type === "webhook.test") continue; // made up by an operator
    Deno.test(`gateway reads what another one says of ${event.type} (${kind}) as ${name}`, () => {
      const { data, reading, again } = sentOn(event, name);

      assertEquals(reading.kind, "event", JSON.stringify(reading));
      // The reason of a disconnection is told under one of its names only, in WhatsApp Web's few words.
      if (OF_FILES.has(name) || event.type === "device.disconnected") return;
      assertEquals(comparable(again), comparable(data));
    });
  }
}

/** Without the address of a file, which leads to the gateway that keeps it. */
function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, each) => key === "mediaUrl" || key === "url" ? undefined : each),
  );
}
