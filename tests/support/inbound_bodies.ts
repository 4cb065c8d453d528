import fc from "fast-check";

/** Anything that JSON can say. */
const anything = fc.jsonValue({ maxDepth: 4 });

/** A value that is usually what a field holds, and sometimes anything. */
function mostly<T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: anything });
}

const address = fc.constantFrom(
  "6281234567890",
  "+62 812",
  "6281@c.us",
  "120363041@g.us",
  "8123@lid",
  "__proto__",
);
const moment = fc.constantFrom(
  "2025-11-01T10:00:00Z",
  "1730455200",
  1730455200,
  1e300,
  -1,
  "soon",
  Number.MAX_SAFE_INTEGER,
);
const kind = fc.constantFrom(
  "text",
  "image",
  "location",
  "contacts",
  "button",
  "interactive",
  "reaction",
  "toString",
);
const part = fc.record({ text: anything, body: anything, id: anything, latitude: anything }, {
  requiredKeys: [],
});

const message = fc.record({
  id: mostly(fc.string()),
  from: mostly(address),
  timestamp: mostly(moment),
  type: mostly(kind),
  text: mostly(part),
  image: mostly(part),
  location: mostly(part),
  contacts: mostly(fc.array(part)),
  interactive: mostly(part),
  reaction: mostly(part),
  context: mostly(part),
  message: mostly(part),
}, { requiredKeys: [] });

const status = fc.record({
  id: mostly(fc.string()),
  message_id: mostly(fc.string()),
  status: mostly(fc.constantFrom("sent", "delivered", "read", "failed", "SENT", "constructor")),
  timestamp: mostly(moment),
  recipient_id: mostly(address),
  errors: mostly(fc.array(part)),
  error: mostly(fc.string()),
}, { requiredKeys: [] });

/** A body that Qiscus might send, or one that is broken in any way that JSON allows. */
export function qiscusBody(): fc.Arbitrary<unknown> {
  return fc.oneof(
    anything,
    fc.record({
      type: fc.constantFrom("message_status", "incoming_message", "x"),
      payload: fc.oneof(status, message),
    }),
    fc.record({
      statuses: mostly(fc.array(status)),
      messages: mostly(fc.array(message)),
      contacts: anything,
    }),
    fc.record({
      entry: fc.array(
        fc.record({ changes: fc.array(fc.record({ value: fc.record({ messages: fc.array(message) }) })) }),
      ),
    }),
  );
}

const webMessage = fc.record({
  id: mostly(fc.record({ fromMe: fc.boolean(), remote: address, id: fc.string(), _serialized: fc.string() })),
  from: mostly(address),
  to: mostly(address),
  author: mostly(address),
  type: mostly(
    fc.constantFrom("chat", "image", "ptt", "location", "vcard", "poll_creation", "list_response", "valueOf"),
  ),
  body: mostly(fc.string()),
  timestamp: mostly(moment),
  _data: anything,
  location: anything,
  vCards: mostly(fc.array(fc.string())),
  mentionedIds: mostly(fc.array(address)),
}, { requiredKeys: [] });

/** A body that another WhatsApp server might post, or one that is broken in any way that JSON allows. */
export function universalBody(): fc.Arbitrary<unknown> {
  const event = fc.constantFrom(
    "qr",
    "ready",
    "message",
    "message_ack",
    "call",
    "group_join",
    "media",
    "hasOwnProperty",
  );
  const data = fc.oneof(
    anything,
    fc.record({
      message: mostly(webMessage),
      ack: anything,
      call: anything,
      notification: anything,
      qr: anything,
    }),
  );
  return fc.oneof(
    anything,
    fc.record({ sessionId: mostly(fc.string()), event: mostly(event), data }, { requiredKeys: [] }),
    fc.record({ sessionId: fc.constant("s-9"), dataType: event, data }),
    data,
  );
}
