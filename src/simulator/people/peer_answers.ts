// What a phone answers when one of its linked devices asks it for messages.
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import type { Archive } from "./archive.ts";
import type { Companion } from "./chat.ts";
import { onDemandNotification } from "./history.ts";
import { rawField } from "./unknown_fields.ts";

const { Type } = proto.Message.ProtocolMessage;
const MESSAGE_FIELD = 2; // WebMessageInfo.message
const { HISTORY_SYNC_ON_DEMAND, PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType;

/**
 * How a phone answers the request for a message that a linked device got as a placeholder.
 * @see whatsmeow message.go `handlePlaceholderResendResponse`, Baileys lib/Utils/process-message.js
 */
export interface PlaceholderAnswers {
  /** How often each request is answered: 0 is a phone that is off. Default 1. */
  readonly times?: number;
  readonly delayMs?: number;
  /** Answers in one message all that was asked for during `delayMs`. */
  readonly together?: boolean;
  /** False leaves the participant out of the keys of group messages. */
  readonly participant?: boolean;
  /**
   * "empty" is a phone that cannot read the message either: its answer has the key alone. "nothing" is an answer
   * without a message, as phones give for what they do not share. Default "content", and "nothing" for unknown ids.
   */
  readonly content?: "content" | "empty" | "nothing";
}

/** How a phone answers requests for older messages of a chat. */
export interface HistoryAnswers {
  /** How often each request is answered: 0 is a phone that is off. Default 1. */
  readonly times?: number;
  readonly delayMs?: number;
}

/** What a phone needs to answer its linked devices. */
export interface PeerAnswersDeps {
  readonly archive: Archive;
  /** Under which name the archive has a chat. */
  readonly chatOf: (jid: string) => string;
  readonly send: (device: Companion, message: proto.IMessage) => void;
}

/** A request: the id of its stanza, and the messages that it names. */
interface Asked {
  readonly stanzaId: string;
  readonly keys: readonly proto.IMessageKey[];
}

/** Answers the requests of linked devices for messages. */
export class PeerAnswers {
  placeholders: PlaceholderAnswers = {};
  history: HistoryAnswers = {};
  readonly #deps: PeerAnswersDeps;
  readonly #gathered = new Map<Companion, Asked[]>();

  constructor(deps: PeerAnswersDeps) {
    this.#deps = deps;
  }

  /** Takes a request; ones that nothing here answers are left alone, as a phone does that knows them not. */
  take(device: Companion, stanzaId: string, request: proto.Message.IPeerDataOperationRequestMessage): void {
    const older = request.historySyncOnDemandRequest;
    if (request.peerDataOperationRequestType === HISTORY_SYNC_ON_DEMAND && older) {
      return later(this.history.delayMs ?? 0, () => this.#sendOlder(device, stanzaId, older));
    }
    if (request.peerDataOperationRequestType !== PLACEHOLDER_MESSAGE_RESEND) return;
    const keys = (request.placeholderMessageResendRequest ?? []).map(({ messageKey }) => messageKey ?? {});
    const { delayMs = 0, together } = this.placeholders;
    if (!together) return later(delayMs, () => this.#answer(device, [{ stanzaId, keys }]));
    const gathered = this.#gathered.get(device);
    if (gathered !== undefined) return void gathered.push({ stanzaId, keys });
    const first = [{ stanzaId, keys }];
    this.#gathered.set(device, first);
    later(delayMs, () => {
      this.#gathered.delete(device);
      this.#answer(device, first);
    });
  }

  /** @see whatsmeow events.go `HistorySync`: a page of kind ON_DEMAND that names the request. */
  #sendOlder(
    device: Companion,
    requestId: string,
    { chatJid, oldestMsgId, onDemandMsgCount }:
      proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
  ): void {
    const jid = chatJid ?? "";
    const kept = this.#deps.archive.before(this.#deps.chatOf(jid), oldestMsgId ?? "", onDemandMsgCount ?? 50);
    const notification = onDemandNotification(jid, kept, requestId);
    for (let time = 0; time < (this.history.times ?? 1); time++) this.#deps.send(device, notification);
  }

  #answer(device: Companion, asked: readonly Asked[]): void {
    const { times = 1 } = this.placeholders;
    const peerDataOperationResult = asked.flatMap(({ keys }) => keys).map((key) => ({
      placeholderMessageResendResponse: { webMessageInfoBytes: this.#bytesOf(key) },
    }));
    const response = {
      peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
      stanzaId: asked[0].stanzaId,
      peerDataOperationResult,
    };
    for (let time = 0; time < times; time++) {
      this.#deps.send(device, {
        protocolMessage: {
          type: Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
          peerDataOperationRequestResponseMessage: response,
        },
      });
    }
  }

  #bytesOf(key: proto.IMessageKey): Uint8Array | undefined {
    const { content = "content", participant = true } = this.placeholders;
    const kept = this.#deps.archive.find(key.id ?? "");
    if (kept === undefined || content === "nothing") return undefined;
    const { key: { participant: by, ...nobody }, message, plaintext, t, pushName } = kept;
    const shown = participant && by ? { ...nobody, participant: by } : nobody;
    const about = proto.WebMessageInfo.encode({ key: shown, messageTimestamp: t, pushName }).finish();
    if (content === "empty") return about;
    const encoded = plaintext ?? proto.Message.encode(message).finish();
    return Buffer.concat([about, rawField({ field: MESSAGE_FIELD, bytes: encoded })]);
  }
}

function later(delayMs: number, work: () => void): void {
  if (delayMs === 0) work();
  else setTimeout(work, delayMs);
}
