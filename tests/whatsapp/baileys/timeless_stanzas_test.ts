import { assertEquals } from "@std/assert";
import { draftsOfCall } from "../../../src/whatsapp/baileys/normalise/calls.ts";
import { receiptsOf } from "../../../src/whatsapp/baileys/normalise/receipts.ts";
import { since } from "../../support/since.ts";

const ANNA = "628000000001@s.whatsapp.net";
const GROUP = "120363000000000001@g.us";
const altOf = () => undefined;
const me = { pn: "628000000009@s.whatsapp.net", lid: null };

Deno.test("receipt that names no time has the one at which it came", () => {
  const isSince = since();

  const own = receiptsOf({ tag: "receipt", attrs: { id: "3EB0AA", from: ANNA } }, { me, altOf });
  const collected = receiptsOf({
    tag: "receipt",
    attrs: { id: "3EB0AB", from: GROUP },
    content: [{
      tag: "participants",
      attrs: { key: "3EB0AB" },
      content: [{ tag: "user", attrs: { jid: ANNA } }],
    }],
  }, { me, altOf });

  const told = [...own, ...collected].map(({ waMessageId, at }) => [waMessageId, isSince(at)]);
  assertEquals(told, [["3EB0AA", true], ["3EB0AB", true]]);
});

Deno.test("call that names no time has the one at which it came", () => {
  const isSince = since();

  const told = ["offer", "terminate"].flatMap((tag) =>
    draftsOfCall({
      tag: "call",
      attrs: { from: ANNA, id: "1" },
      content: [{ tag, attrs: { "call-id": "C1", "call-creator": ANNA } }],
    }, { deviceId: "device_1", altOf })
  );

  const times = told.map(({ data }) =>
    "calledAt" in data ? data.calledAt : "endedAt" in data ? data.endedAt : 0
  );
  assertEquals(times.map(isSince), [true, true]);
});
