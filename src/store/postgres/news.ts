import { systemClock, type Timer } from "../../async/clock.ts";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";
import { Listeners } from "../local_news.ts";
import { ANYTHING, type News } from "../news.ts";
import { Connection, type ConnectionSettings } from "./connection.ts";

const CHANNEL = "kabar";
/**
 * What is told within this time goes out in one notification: each one costs every commit of the server a
 * little.
 */
const GATHER_MS = 10;
/** A notification holds less than 8,000 bytes. */
const LONGEST_BYTES = 7_500;
const AGAIN_MS = 500;
/** Who only listens never hears that the other end is gone. */
const ASK_EVERY_MS = 3_000;
const LIMITS = { statementMs: 5_000, lockMs: 2_000, idleInTransactionMs: 2_000 };

const log = logOf("store");

type Item = readonly [topic: string, id: string];

/**
 * News by NOTIFY, never from a transaction that stores something: gathered, and sent on a connection of their
 * own.
 */
export class PostgresNews implements News {
  readonly hearsOthers: boolean;
  readonly #settings: ConnectionSettings;
  readonly #listeners = new Listeners();
  #connection: Connection | undefined;
  #gathered = new Map<string, Item>();
  #timer: Timer | undefined;
  #again: Timer | undefined;
  #asking: Timer | undefined;
  #closed = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.hearsOthers = settings.pooled !== true;
  }

  /** Begins to listen. @throws {StoreUnavailableError} If the server cannot be reached. */
  async open(): Promise<void> {
    const connection = await Connection.open(this.#settings, LIMITS);
    try {
      connection.onNotification((payload) => this.#take(payload));
      if (this.hearsOthers) await connection.send(`LISTEN ${CHANNEL}`);
    } catch (error) {
      void connection.close();
      throw error;
    }
    if (this.#closed) return await connection.close();
    this.#connection = connection;
    connection.onEnd(() => this.#lost(connection));
    this.#asking ??= systemClock.every(ASK_EVERY_MS, () => void this.#ask());
    if (this.#gathered.size > 0) this.#send(); // what could not be told meanwhile
    if (connection.isLost) this.#lost(connection);
  }

  tell(topic: string, id: string): void {
    if (this.#closed) return;
    this.#gathered.set(`${topic} ${id}`, [topic, id]);
    this.#timer ??= systemClock.after(GATHER_MS, () => this.#send());
  }

  hear(topic: string, listener: Parameters<News["hear"]>[1]): () => void {
    return this.#listeners.hear(topic, listener);
  }

  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#send();
    this.#closed = true;
    this.#again?.cancel();
    this.#asking?.cancel();
    const connection = this.#connection;
    await connection?.send("SELECT 1").catch(() => {}); // what was sent before has arrived then
    await connection?.close();
  }

  #send(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const connection = this.#connection;
    if (connection === undefined) return; // told as soon as there is one again
    const items = [...this.#gathered.values()];
    this.#gathered = new Map();
    for (const payload of payloadsOf(items)) {
      connection.send("SELECT pg_notify($1, $2)", [CHANNEL, payload]).catch((error) => {
        log.warn("news.not_told", { error: messageOf(error) });
        if (!connection.isLost || this.#closed) return;
        for (const [topic, id] of JSON.parse(payload) as readonly Item[]) this.tell(topic, id); // once more
      });
    }
    if (this.hearsOthers) return;
    for (const [topic, id] of items) this.#listeners.call(topic, id); // nobody else will tell us
  }

  #take(payload: string): void {
    for (const [topic, id] of itemsIn(payload)) this.#listeners.call(topic, id);
  }

  /** A connection that is not answered any more ends, and another one is made. */
  #ask(): Promise<unknown> | undefined {
    return this.#connection?.send("SELECT 1").catch((error) =>
      log.warn("news.not_heard", { error: messageOf(error) })
    );
  }

  #lost(connection: Connection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#openAgain();
  }

  #openAgain(): void {
    if (this.#closed) return;
    this.#again = systemClock.after(AGAIN_MS, async () => {
      try {
        await this.open();
        for (const topic of this.#listeners.topics) this.#listeners.call(topic, ANYTHING);
      } catch (error) {
        log.warn("news.not_heard", { error: messageOf(error) });
        this.#openAgain();
      }
    });
  }
}

/** Whoever has the database's password may notify, also by hand: what is none of ours says nothing. */
function itemsIn(payload: string): readonly Item[] {
  try {
    const items: unknown = JSON.parse(payload);
    return Array.isArray(items) ? items.filter(isItem) : [];
  } catch (error) {
    log.warn("news.not_understood", { error: messageOf(error) });
    return [];
  }
}

function isItem(item: unknown): item is Item {
  return Array.isArray(item) && item.length === 2 && item.every((part) => typeof part === "string");
}

/** JSON lists of news, each short enough for a notification. */
function payloadsOf(items: readonly Item[]): readonly string[] {
  const encoder = new TextEncoder();
  const payloads: string[] = [];
  let current: string[] = [];
  let size = 2;
  for (const item of items) {
    const text = JSON.stringify(item);
    const bytes = encoder.encode(text).length + 1;
    if (size + bytes > LONGEST_BYTES && current.length > 0) {
      payloads.push(`[${current}]`);
      current = [];
      size = 2;
    }
    current.push(text);
    size += bytes;
  }
  if (current.length > 0) payloads.push(`[${current}]`);
  return payloads;
}
