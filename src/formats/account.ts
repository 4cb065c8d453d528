import type { EventOf, EventType, KabarEvent } from "../events/event.ts";
import { addressOf } from "../events/person.ts";
import { wellFormedJson } from "../events/well_formed.ts";
import { accountContent } from "./account_content.ts";
import { defineFormat, type ShapedEvent, type ShapedFacts } from "./format.ts";
import { messageTypeOf } from "./naming.ts";
import { contextFields } from "./structured.ts";
import { isoTime, unixMs } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

const NOTHING: readonly string[] = [];

const SAID: { readonly [T in EventType]?: readonly string[] } = {
  "message.sent": ["message.sent"],
  "device.qr": ["connection.status"],
  "device.connecting": ["connection.status"],
  "device.connected": ["connection.status"],
  "device.disconnected": ["connection.status"],
};

/**
 * What a gateway for a single account posts: incoming and sent messages, whether it is connected, and what could not
 * be sent. The envelope's time and most others are ISO, but that of a message that came in is Unix milliseconds. Has
 * no signature header of its own.
 */
export const account = defineFormat({
  name: "account",
  doc: { body: "`{event, timestamp, data}`", signature: "none" },
  names: ["message.received", "message.sent", "connection.status", "error.occurred"],
  userAgent: "WhatsApp-API-Webhook/1.0.0",
  timeoutMs: 10_000,
  retry: { waitsMs: [2_000, 4_000, 8_000], jitter: 0 },
  ownHeaders: [],
  test: { name: "test", data: (message) => ({ message, test: true }) },

  says(event: ShapedFacts) {
    switch (event.type) {
      case "message.received":
        return event.data.fromMe ? NOTHING : ["message.received"];
      case "message.status":
        return event.data.status === "failed" ? ["error.occurred"] : NOTHING;
      default:
        return SAID[event.type] ?? NOTHING;
    }
  },

  data: dataOf,

  envelope(event: KabarEvent, name: string, data: unknown) {
    return wellFormedJson({ event: name, timestamp: isoTime(event.at), data });
  },

  headers: () => ({}),
});

function dataOf(event: ShapedEvent): unknown {
  switch (event.type) {
    case "message.received":
      return received(event);
    case "message.sent":
      return sent(event);
    case "message.status":
      return failed(event);
    case "device.connected":
      return connection(event, true, null);
    case "device.qr":
      return connection(event, false, event.data.code);
    case "device.connecting":
    case "device.disconnected":
      return connection(event, false, null);
    default:
      return {};
  }
}

/** In a group `from` is the person; `chatId` is there only when an answer has to go elsewhere than to `from`. */
function received({ data, device }: EventOf<"message.received">): Data {
  const from = addressOf(data.from);
  return {
    messageId: data.messageId,
    from,
    timestamp: unixMs(data.sentAt),
    messageType: messageTypeOf(data.content),
    content: accountContent(data.content, device),
    sender: { jid: from, pushName: data.from.pushName ?? "Unknown", lid: data.from.lid ?? undefined },
    chatId: data.chat.jid === from ? undefined : data.chat.jid,
    quotedMessageId: data.quoted?.messageId,
    backfilled: data.backfilled,
    ...contextFields(data),
  };
}

/** `messageId` is WhatsApp's, as in answers to it. */
function sent({ data, device }: EventOf<"message.sent">): Data {
  return {
    messageId: data.waMessageId,
    to: data.chat.jid,
    messageType: messageTypeOf(data.content),
    content: accountContent(data.content, device),
    timestamp: isoTime(data.sentAt),
  };
}

function failed({ data }: EventOf<"message.status">): Data {
  return {
    errorType: "message.send.failed",
    errorMessage: data.reason?.message ?? "Message could not be sent",
    context: {
      jid: data.chat.jid,
      attempts: data.attempts ?? 1,
      messageId: data.waMessageId ?? data.messageId ?? undefined,
    },
    timestamp: isoTime(data.statusAt),
  };
}

function connection({ at }: KabarEvent, isConnected: boolean, qrCode: string | null): Data {
  return { isConnected, qrCode, timestamp: isoTime(at) };
}
