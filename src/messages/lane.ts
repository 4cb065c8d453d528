import type { Jid } from "../events/person.ts";
import type { MessageId } from "../ids.ts";
import type { OutgoingMessage } from "../store/messages.ts";

/** How many messages of a device are on their way at once. Its session encrypts one after another anyway. */
const MOST_IN_FLIGHT = 16;
/** How many messages of a device wait in memory; the others wait in the store. */
export const MOST_WAITING = 256;

/** A message that was taken out of its lane. */
export interface Withdrawn {
  /** WhatsApp may have it: should it leave once more, then under the same id, so that it is shown once. */
  readonly tried: boolean;
}

/** Who of a chat is on the way. */
interface Chat {
  inFlight: number;
  /** Nothing may follow before this one is decided. */
  alone: boolean;
  /** The address that it goes to: what goes to a person's other one may overtake it on its way through the session. */
  readonly to: Jid;
}

/**
 * The order in which a device's messages leave. Those of different chats pass each other; those of one chat leave in
 * the order in which they came: texts close behind one another, but nothing beside a file or a message that is tried
 * again. A person has one chat, under whichever of their addresses it is written to.
 */
export class Lane {
  /** The store may hold messages of the device that are not here. */
  more: boolean;
  readonly #waiting: OutgoingMessage[] = [];
  /** Those of them that WhatsApp may have, as a connection was lost before it had answered. */
  readonly #tried = new Set<MessageId>();
  /** The messages here, with their chats. */
  readonly #known = new Map<MessageId, Jid>();
  readonly #chats = new Map<string, Chat>();
  /** Decided while the store was being read, so that what was read does not bring them back. */
  #decided: Set<MessageId> | undefined;
  #inFlight = 0;
  readonly #chatOf: (to: Jid) => Jid;

  /** @param given.chatOf One address for either of a person's. */
  constructor(
    { more, chatOf = (to) => to }: { readonly more: boolean; readonly chatOf?: (to: Jid) => Jid },
  ) {
    this.more = more;
    this.#chatOf = chatOf;
  }

  get size(): number {
    return this.#known.size;
  }

  get waiting(): readonly OutgoingMessage[] {
    return this.#waiting;
  }

  /** Puts a new message behind the others; one that finds no room waits in the store. */
  add(message: OutgoingMessage): void {
    const mustQueue = this.more || this.#decided !== undefined || this.#waiting.length >= MOST_WAITING;
    if (mustQueue && isListed(message)) this.more = true;
    else this.#append(message);
  }

  /** True when it is time to read more from the store. The reader calls `refilled` or `notRefilled` afterwards. */
  beginRefill(): boolean {
    if (!this.more || this.#decided !== undefined || this.#waiting.length > MOST_WAITING / 2) return false;
    this.more = false;
    this.#decided = new Set();
    return true;
  }

  /** Takes what was read, oldest first. `complete`: the store held no more. */
  refilled(messages: readonly OutgoingMessage[], complete: boolean): void {
    for (const message of messages) {
      if (!this.#known.has(message.id) && !this.#decided?.has(message.id)) this.#append(message);
    }
    if (!complete) this.more = true;
    this.#decided = undefined;
  }

  notRefilled(): void {
    this.more = true;
    this.#decided = undefined;
  }

  /** The next message that may leave now; it counts as on the way from here on. */
  take(): OutgoingMessage | undefined {
    if (this.#inFlight >= MOST_IN_FLIGHT) return undefined;
    const passed = new Set<string>();
    for (const [index, message] of this.#waiting.entries()) {
      const to = this.#chatOfKnown(message);
      const chat = this.#chats.get(to) ?? { inFlight: 0, alone: false, to: message.to };
      if (passed.has(to) || !mayJoin(message, chat)) {
        passed.add(to);
        continue;
      }
      this.#waiting.splice(index, 1);
      this.#chats.set(to, {
        to: message.to,
        inFlight: chat.inFlight + 1,
        alone: chat.alone || goesAlone(message),
      });
      this.#inFlight++;
      return message;
    }
    return undefined;
  }

  /** A message on the way has to be tried again: until then its chat waits, but other chats get its place. */
  hold(message: OutgoingMessage): void {
    this.#inFlight--;
    const chat = this.#chats.get(this.#chatOfKnown(message));
    if (chat !== undefined) chat.alone = true;
  }

  /** Its time has come: it is on the way again. */
  resume(): void {
    this.#inFlight++;
  }

  /** A message on the way is decided. */
  decided(message: OutgoingMessage): void {
    this.#decided?.add(message.id);
    this.#tried.delete(message.id);
    this.#leave(message);
  }

  /**
   * A message on the way waits again, before the others.
   * @param tried Whether it was given to WhatsApp, which may have it.
   */
  putBack(message: OutgoingMessage, tried: boolean): void {
    const chat = this.#chatOfKnown(message);
    this.#leave(message);
    this.#waiting.unshift(message);
    this.#known.set(message.id, chat);
    if (tried) this.#tried.add(message.id);
  }

  /** Takes a waiting message out; undefined when it does not wait here. */
  withdraw(id: MessageId): Withdrawn | undefined {
    const index = this.#waiting.findIndex((message) => message.id === id);
    if (index < 0) return undefined;
    this.#waiting.splice(index, 1);
    this.#known.delete(id);
    return { tried: this.#tried.delete(id) };
  }

  /** Forgets all that can be found in the store again. */
  park(): void {
    for (const message of this.#waiting.splice(0)) {
      this.#known.delete(message.id);
      if (!isListed(message)) this.#append(message);
      else {
        this.#tried.delete(message.id);
        this.more = true;
      }
    }
  }

  #append(message: OutgoingMessage): void {
    this.#waiting.push(message);
    this.#known.set(message.id, this.#chatOf(message.to));
  }

  #chatOfKnown({ id, to }: OutgoingMessage): Jid {
    return this.#known.get(id) ?? this.#chatOf(to);
  }

  #leave(message: OutgoingMessage): void {
    const to = this.#chatOfKnown(message);
    if (!this.#known.delete(message.id)) return;
    this.#inFlight--;
    const chat = this.#chats.get(to);
    if (chat === undefined) return;
    chat.inFlight--;
    if (chat.inFlight === 0) this.#chats.delete(to);
  }
}

function mayJoin(message: OutgoingMessage, { inFlight, alone, to }: Chat): boolean {
  return inFlight === 0 || (!alone && !goesAlone(message) && message.to === to);
}

/** The store does not list those of a blast as waiting: whoever added one is waiting for it. */
function isListed(message: OutgoingMessage): boolean {
  return message.blastId === null;
}

/** Files take their time to upload, and what was tried before may take any time. */
function goesAlone(message: OutgoingMessage): boolean {
  return "media" in message.content || message.attempts > 0;
}
