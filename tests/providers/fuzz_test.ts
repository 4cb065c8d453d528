import { assert } from "@std/assert";
import fc from "fast-check";
import { readQiscus } from "../../src/providers/qiscus/parse.ts";
import { stateOf } from "../../src/providers/universal/session_state.ts";
import { readUniversal, UNIVERSAL_EVENTS } from "../../src/providers/universal/parse.ts";
import { readEnvelope, readSessionEnvelope } from "../../src/providers/universal/envelope.ts";
import { qiscusBody, universalBody } from "../support/inbound_bodies.ts";

const SEEN = { scope: "device_1", me: null, receivedAt: 1_762_000_000_000 };

Deno.test("qiscus reads any body without a fault", () => {
  fc.assert(fc.property(qiscusBody(), (body) => {
    const { statuses, drafts } = readQiscus(body, SEEN.receivedAt);

    for (const { statusAt } of statuses) assert(statusAt === null || Number.isSafeInteger(statusAt));
    for (const draft of drafts) assert(JSON.parse(JSON.stringify(draft)) !== null);
  }));
});

Deno.test("universal reads any body without a fault", () => {
  fc.assert(fc.property(universalBody(), (body) => {
    for (const result of [readEnvelope(body), readSessionEnvelope(body, "s-9")]) {
      if (!result.ok) continue;
      const draft = readUniversal(result.envelope, SEEN);
      const state = stateOf(result.envelope);

      assert(draft === undefined || JSON.parse(JSON.stringify(draft)) !== null);
      assert(state === undefined || state.status !== "");
    }
  }));
});

Deno.test("universal reads any data of an event that it knows", () => {
  fc.assert(fc.property(fc.constantFrom(...UNIVERSAL_EVENTS), fc.object(), (event, data) => {
    const reading = readUniversal({ sessionId: "s-9", event, data }, SEEN);

    assert(reading.kind === "event" ? reading.draft.type.includes(".") : reading.why !== "");
  }));
});
