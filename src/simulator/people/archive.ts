// The messages that a phone itself has: what its linked devices can ask it for.
import { proto } from "@whiskeysockets/baileys";
import type { KeptMessage } from "./chat.ts";
import { remember, rememberKey } from "../wire/recent.ts";

/** So many messages of one chat are kept. */
const KEPT_PER_CHAT = 5_000;

/** A message as it stands by now, with the reactions to it, the newest of each person. */
export interface Standing {
  readonly kept: KeptMessage;
  /** What it says by now; undefined: it was deleted for everybody. */
  readonly message: proto.IMessage | undefined;
  readonly reactions: readonly proto.IReaction[];
}

/** What a phone keeps of its chats, oldest first. */
export class Archive {
  readonly #byId = new Map<string, KeptMessage>();
  readonly #chats = new Map<string, KeptMessage[]>();
  /** The newest message of each chat when the owner last read in it. */
  readonly #read = new Map<string, KeptMessage>();

  keep(chat: string, message: KeptMessage): void {
    rememberKey(this.#byId, message.key.id, message);
    const messages = this.#chats.get(chat) ?? [];
    this.#chats.set(chat, messages);
    remember(messages, message, KEPT_PER_CHAT);
  }

  /** Puts the past of a chat before what is known of it; ids that are known stay as they are. */
  prepend(chat: string, newestFirst: readonly KeptMessage[]): void {
    const unknown = newestFirst.filter(({ key }) => !this.#byId.has(key.id));
    for (const message of unknown) rememberKey(this.#byId, message.key.id, message);
    this.#chats.set(chat, [...unknown.toReversed(), ...this.#chats.get(chat) ?? []]);
  }

  find(id: string): KeptMessage | undefined {
    return this.#byId.get(id);
  }

  /** The newest message of a chat; undefined: there is none. */
  newest(chat: string): KeptMessage | undefined {
    return this.#chats.get(chat)?.at(-1);
  }

  /** What others wrote in a chat since the owner last read in it; from now on it is read. */
  read(chat: string): readonly KeptMessage[] {
    const all = this.#chats.get(chat) ?? [];
    const before = all.findLastIndex((message) => message === this.#read.get(chat));
    const newest = all.at(-1);
    if (newest !== undefined) this.#read.set(chat, newest);
    return all.slice(before + 1).filter(({ key }) => !key.fromMe);
  }

  /**
   * Messages of a chat that are older than this one, newest first; the newest of all when it is not known. What changed
   * them later is in them.
   */
  before(chat: string, id: string, count: number): Standing[] {
    const all = this.#chats.get(chat) ?? [];
    const known = all.findLastIndex(({ key }) => key.id === id);
    const end = known === -1 ? all.length : known;
    const older = all.slice(0, end).filter(({ message }) => changedId(message) === undefined);
    const changes = Map.groupBy(all, ({ message }) => changedId(message));
    return older.slice(Math.max(0, older.length - count)).reverse()
      .map((kept) => standing(kept, changes.get(kept.key.id) ?? []));
  }
}

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type;

/** The message that this one is about and does not stand beside; undefined when it stands for itself. */
function changedId({ reactionMessage, protocolMessage }: proto.IMessage): string | undefined {
  return (reactionMessage?.key ?? protocolMessage?.key)?.id ?? undefined;
}

function standing(kept: KeptMessage, changes: readonly KeptMessage[]): Standing {
  let message: proto.IMessage | undefined = kept.message;
  const reactions = new Map<string, proto.IReaction>();
  for (const { key, message: { reactionMessage: reaction, protocolMessage: protocol } } of changes) {
    if (reaction) {
      const { text, senderTimestampMs } = reaction;
      reactions.set(key.fromMe ? "me" : key.participant ?? "", { key, text, senderTimestampMs });
    } else if (protocol?.type === MESSAGE_EDIT) message = protocol.editedMessage ?? message;
    else if ((protocol?.type ?? REVOKE) === REVOKE) message = undefined;
  }
  return { kept, message, reactions: [...reactions.values()].filter(({ text }) => text) };
}
