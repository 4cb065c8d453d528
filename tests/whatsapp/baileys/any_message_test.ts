// Whatever a stranger can put on the wire becomes an event or nothing, in every format, and stops nobody.
import { assert, assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import { Buffer } from "node:buffer";
import type { WASocket } from "@whiskeysockets/baileys";
import fc from "fast-check";
import type { KabarEvent } from "../../../src/events/event.ts";
import { FORMATS } from "../../../src/formats/mod.ts";
import { logOf } from "../../../src/log.ts";
import { fromInboxMessage, rawOf, toInboxMessage } from "../../../src/whatsapp/baileys/inbox_message.ts";
import { addressesIn, draftsOfMessage } from "../../../src/whatsapp/baileys/normalise/message.ts";
import { announcedIn } from "../../../src/whatsapp/baileys/normalise/placeholder.ts";
import { announced, type Arrival, handedOver, readMessage } from "../../../src/whatsapp/baileys/reading.ts";
import { createReports } from "../../../src/whatsapp/baileys/reports.ts";
import { sealedAbout } from "../../../src/whatsapp/baileys/sealed.ts";
import type { BinaryNode } from "../../../src/whatsapp/baileys/stanza.ts";
import { wireField } from "../../../src/whatsapp/baileys/wire_fields.ts";
import type { SessionDraft } from "../../../src/whatsapp/session.ts";
import { anEvent } from "../../support/events.ts";
import { until } from "../../support/until.ts";

const SELF = { id: "6281199999999:3@s.whatsapp.net", lid: "99999999:3@lid" };
const ME = { pn: "6281199999999@s.whatsapp.net", lid: "99999999@lid" };
const AROUND = { deviceId: "device_1", me: ME, altOf: () => undefined, offline: false };
const RUNS = { numRuns: 400 };

const jid = fc.constantFrom(
  "6281100000001@s.whatsapp.net",
  "81100000001:7@lid",
  "120363000000000001@g.us",
  "1762000000@broadcast",
  "status@broadcast",
  "13135550002@bot",
  "6281199999999@s.whatsapp.net",
  "628:99@hosted",
  "@s.whatsapp.net",
  "x",
  "",
);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "\ud83d", "\0", "\r\nX: 1", "9".repeat(30)),
);

/** Any well-formed protobuf message: numbers, texts, bytes and messages under any numbers, some deep. */
const { message: wire } = fc.letrec<{ message: Uint8Array; field: Uint8Array }>((tie) => ({
  field: fc.oneof(
    { depthSize: "small" },
    fc.tuple(fc.integer({ min: 1, max: 130 }), text).map(([number, value]) =>
      wireField(number, new TextEncoder().encode(value))
    ),
    fc.tuple(fc.integer({ min: 1, max: 130 }), fc.uint8Array({ maxLength: 40 })).map(([number, bytes]) =>
      wireField(number, bytes)
    ),
    fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 0, max: 127 })).map(([number, value]) =>
      Uint8Array.of(number * 8, value)
    ),
    fc.tuple(fc.integer({ min: 1, max: 130 }), tie("message")).map(([number, bytes]) =>
      wireField(number, bytes)
    ),
  ),
  message: fc.array(tie("field"), { maxLength: 6 }).map((fields) => new Uint8Array(Buffer.concat(fields))),
}));

const attrs = fc.record({
  id: fc.oneof(fc.constant("3AF00D"), text),
  from: jid,
  participant: jid,
  recipient: jid,
  sender_pn: jid,
  sender_lid: jid,
  t: fc.constantFrom("1762000000", "", "-1", "x", "99999999999999999999"),
  offline: fc.constant("1"),
  category: fc.constantFrom("peer", "x"),
  type: fc.constantFrom("text", "read", "retry", "w:gp2", "contacts", "picture", "", "x"),
  notify: text,
}, { requiredKeys: ["id", "from"] });
const childAttrs = fc.dictionary(
  fc.constantFrom(
    "jid",
    "phone_number",
    "lid",
    "type",
    "reason",
    "call-id",
    "call-creator",
    "old",
    "new",
    "key",
    "id",
    "t",
  ),
  fc.oneof(jid, text),
);
const tag = fc.constantFrom(
  ...[
    "enc",
    "unavailable",
    "plaintext",
    "offer",
    "terminate",
    "reject",
    "create",
    "add",
    "remove",
    "modify",
    "delete",
  ],
  ...[
    "participant",
    "participants",
    "user",
    "list",
    "item",
    "retry",
    "link",
    "group",
    "subject",
    "description",
    "body",
  ],
  ...[
    "created_membership_requests",
    "requested_user",
    "revoked_membership_requests",
    "ephemeral",
    "suspended",
    "x",
  ],
);
const { node: child } = fc.letrec<{ node: BinaryNode }>((tie) => ({
  node: fc.record({
    tag,
    attrs: childAttrs,
    content: fc.oneof(
      { depthSize: "small" },
      fc.constant(undefined),
      fc.uint8Array({ maxLength: 30 }),
      fc.array(tie("node"), { maxLength: 3 }),
    ),
  }) as fc.Arbitrary<BinaryNode>,
}));
const stanzaOf = (name: string): fc.Arbitrary<BinaryNode> =>
  fc.record({ tag: fc.constant(name), attrs, content: fc.array(child, { maxLength: 3 }) }) as fc.Arbitrary<
    BinaryNode
  >;

/** Says a draft in every format; gives how many payloads there are. */
function said(draft: SessionDraft): number {
  const event = anEvent(draft.type, draft.data as never) as KabarEvent; // a draft has the data of its type
  let count = 0;
  for (const format of Object.values(FORMATS)) {
    for (const name of format.says(event)) {
      const body = format.render(event, name);
      JSON.parse(body);
      assert(body.isWellFormed());
      count++;
    }
  }
  return count;
}

/** What becomes of an arrival on its way through the inbox: the same as at once. */
function told(arrival: Arrival): readonly SessionDraft[] {
  const { info, raw } = arrival;
  const row = toInboxMessage("device_1", info, { ...AROUND, raw });
  const drafts = draftsOfMessage(info, AROUND);
  const again = draftsOfMessage(fromInboxMessage(row), AROUND);
  assertEquals(again.map(({ type }) => type), drafts.map(({ type }) => type));
  if (raw !== undefined) assertEquals(Buffer.from(rawOf(row)?.bytes ?? []), Buffer.from(raw.bytes));
  addressesIn(info);
  if (info.message) sealedAbout(info);
  return drafts;
}

Deno.test("any well-formed message becomes an event in every format, or says nothing to people", () => {
  fc.assert(
    fc.property(attrs, wire, (its, bytes) => {
      const stanza: BinaryNode = { tag: "message", attrs: { ...its, from: "81100000001@lid" }, content: [] };
      delete stanza.attrs.recipient;
      if (stanza.attrs.id === "") return;

      const arrival = readMessage(stanza, bytes, SELF);
      const peer = { ...stanza, attrs: { ...stanza.attrs, category: "peer", from: ME.pn } };
      handedOver(peer, bytes, SELF).forEach(({ info, raw }) => told({ info, raw, offline: false }));

      if (arrival === undefined) return;
      const drafts = told(arrival);
      for (const draft of drafts) assert(said(draft) > 0 || draft.type !== "message.received");
    }),
    RUNS,
  );
});

Deno.test("a message of two kinds is told, in whichever order it carries them", () => {
  const attrs = { id: "3AF00D", from: "6281100000001@s.whatsapp.net", t: "1762000000" };
  const [silent, telling] = [Uint8Array.of(90, 0), Uint8Array.of(242, 2, 0)];

  for (const bytes of [[...telling, ...silent], [...silent, ...telling]]) {
    const arrival = readMessage({ tag: "message", attrs, content: [] }, Uint8Array.from(bytes), SELF);

    assertEquals(arrival && told(arrival).map(({ type }) => type), ["message.received"]);
  }
});

Deno.test("any bytes at all are told as unreadable, or are a message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const attrs = { from: "81100000001@lid", id: "3A", t: "1762000000" };

      const arrival = readMessage({ tag: "message", attrs, content: [] }, bytes, SELF);

      if (arrival !== undefined) told(arrival).forEach(said);
    }),
    RUNS,
  );
});

Deno.test("any stanza is left to Baileys once it is reported or logged, and stops none behind it", async () => {
  const over = new AbortController();
  const drafts: SessionDraft[] = [];
  const ws = Object.assign(new EventEmitter(), { isOpen: true });
  const handled: BinaryNode[] = [];
  let acked = 0;
  for (const name of ["message", "receipt", "call", "notification"]) {
    ws.on(`CB:${name}`, (stanza: BinaryNode) => void handled.push(stanza));
  }
  const trying = {
    signal: over.signal,
    clock: { now: () => Date.now(), wait: () => Promise.resolve() },
    random: () => 0.5,
    log: logOf("test"),
  };
  const reports = createReports({
    deviceId: "device_1",
    socket: { ws, sendMessageAck: () => Promise.resolve(void acked++) } as unknown as WASocket, // all that is used
    events: {
      happened: (some) => Promise.resolve(void drafts.push(...some)),
      receipts: () => Promise.resolve(),
      chatsRead: () => Promise.resolve(),
    },
    journaled: () => undefined,
    directory: () => Promise.resolve(() => undefined),
    learn: () => Promise.resolve(),
    me: () => ME,
    file: () => Promise.resolve(),
    trying,
    see(stanza) {
      const placeholder = announcedIn(stanza, 1_762_000_000);
      const arrival = placeholder && announced(stanza, SELF, placeholder);
      if (arrival !== undefined) drafts.push(...draftsOfMessage(arrival.info, AROUND));
      return Promise.resolve();
    },
    replayed: Promise.resolve(),
    resend: () => Promise.resolve(false),
    onGroupChange: () => {},
    onPasskey: () => {},
    registration: () => Promise.resolve("pass"),
  });
  const stanzas = fc.sample(
    fc.oneof(...["message", "receipt", "call", "notification"].map(stanzaOf)),
    { numRuns: 800, seed: 7 },
  );

  for (const stanza of stanzas) ws.emit(`CB:${stanza.tag}`, stanza);
  await until(() => handled.length + acked >= stanzas.length, "all are handled");
  await reports.idle();

  assertEquals(handled.length + acked, stanzas.length);
  assert(drafts.length > 50, String(drafts.length));
  drafts.forEach(said);
  over.abort();
  reports.close(new Error("over"));
});
