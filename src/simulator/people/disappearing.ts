// Messages that disappear: the timer of a chat, and whether a message that comes into it says that it knows.
import { proto } from "@whiskeysockets/baileys";
import { innermost } from "./reading.ts";

const { EPHEMERAL_SETTING } = proto.Message.ProtocolMessage.Type;

/** Turns disappearing messages of a chat with one person on, or off with 0 seconds. */
export function timerContent(seconds: number, nowS: number): proto.IMessage {
  return {
    protocolMessage: {
      type: EPHEMERAL_SETTING,
      ephemeralExpiration: seconds,
      ephemeralSettingTimestamp: nowS,
    },
  };
}

/** The timer that this message sets for its chat, in seconds; undefined when it sets none. */
export function timerSetBy(message: proto.IMessage): number | undefined {
  const { protocolMessage } = innermost(message);
  return protocolMessage?.type === EPHEMERAL_SETTING ? protocolMessage.ephemeralExpiration ?? 0 : undefined;
}

/** After how many seconds a message says that it disappears; undefined when it is of a kind that cannot say. */
export function statedTimer(message: proto.IMessage): number | undefined {
  const parts: readonly unknown[] = Object.values(
    proto.Message.toObject(proto.Message.fromObject(innermost(message))),
  );
  const contexts = parts.filter(hasContext).map(({ contextInfo }) => contextInfo?.expiration ?? 0);
  if (contexts.length > 0) return Math.max(...contexts);
  const { conversation, reactionMessage, protocolMessage, pollUpdateMessage } = innermost(message);
  if (conversation) return 0;
  return reactionMessage || protocolMessage || pollUpdateMessage ? undefined : 0;
}

function hasContext(part: unknown): part is { readonly contextInfo?: { readonly expiration?: number } } {
  return typeof part === "object" && part !== null && "contextInfo" in part;
}
