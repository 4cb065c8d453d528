import { mediaOf, wordsOf } from "../events/content.ts";
import { addressOf } from "../events/person.ts";
import { InvalidError, messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { DeviceId } from "../ids.ts";
import type { Device, Devices } from "../store/devices.ts";
import type { IndexedText, KnownName, MessageTexts, NumberedMessage } from "../store/message_texts.ts";
import type { ReadInbox, Told } from "../whatsapp/read_inbox.ts";
import { searchWords } from "./search_words.ts";

const log = logOf("search");
/** So many messages go into the index at once: a few milliseconds of work. */
const PIECE = 200;
/** A search waits for the index at most this long; the rest is indexed after the answer. */
const WAIT_MS = 2_000;
const MOST_WORDS = 10;

/** A page of what was found. */
export interface Found {
  /** Newest first, in the order in which they reached the gateway. */
  readonly messages: readonly Told[];
  /** Where the next page begins; null on the last one. */
  readonly next: number | null;
  /** False while older messages are still being indexed: search again for those. */
  readonly complete: boolean;
}

/** Searches in messages and names. The index is made by the first search and brought up to date by each. */
export interface MessageSearch {
  /**
   * A device's messages that have every word of `query`, each at least by its beginning.
   * @throws {InvalidError} If the query has no word, or more than ten.
   */
  messages(
    device: Device,
    query: string,
    page: { readonly limit: number; readonly chat?: string; readonly before?: number },
  ): Promise<Found>;
  /** People who wrote to a device, by a part of the name that their messages carried. */
  people(
    device: Device,
    name: string,
    limit: number,
  ): Promise<{ readonly people: readonly KnownName[]; readonly complete: boolean }>;
  /** Ends the indexing that goes on after an answer. */
  stop(): Promise<void>;
}

export interface MessageSearchDeps {
  readonly texts: MessageTexts;
  readonly devices: Pick<Devices, "get">;
  readonly readInbox: ReadInbox;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function createMessageSearch({ texts, devices, readInbox, wait }: MessageSearchDeps): MessageSearch {
  const stopping = new AbortController();
  let indexing: Promise<void> | undefined;

  /** True when everything is in the index. */
  async function catchUp(): Promise<boolean> {
    indexing ??= indexAll().finally(() => indexing = undefined);
    const enough = new AbortController();
    const done = indexing.then(() => true);
    try {
      return await Promise.race([done, wait(WAIT_MS, enough.signal).then(() => false)]);
    } finally {
      enough.abort();
      done.catch((error) => log.warn("search.not_indexed", { error: messageOf(error) }));
    }
  }

  async function indexAll(): Promise<void> {
    const known = new Map<DeviceId, Device | undefined>();
    while (!stopping.signal.aborted) {
      const rows = await texts.unread(PIECE);
      if (rows.length === 0) return;
      for (const { message: { deviceId } } of rows) {
        if (!known.has(deviceId)) known.set(deviceId, await devices.get(deviceId));
      }
      await texts.put(await Promise.all(rows.map((row) => indexed(row, known.get(row.message.deviceId)))));
    }
  }

  async function indexed(
    { number, message }: NumberedMessage,
    device: Device | undefined,
  ): Promise<IndexedText> {
    const [told] = device === undefined ? [] : await readInbox([message], device);
    const words = wordsIn(told).join(" ");
    const past = message.fetched === true;
    return { number, deviceId: message.deviceId, words, author: authorOf(told), past };
  }

  return {
    async messages(device, query, { limit, ...page }) {
      const words = searchWords(query);
      if (words.length === 0 || words.length > MOST_WORDS) {
        throw new InvalidError(
          "query",
          `Parameter \`query\` must hold 1 to ${MOST_WORDS} words, got ${words.length}`,
          { kind: "words", most: MOST_WORDS },
        );
      }
      const complete = await catchUp();
      const found = await texts.find(device.id, words, { ...page, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const messages = await readInbox(shown.map(({ message }) => message), device);
      return { messages, next: found.length > limit ? shown[shown.length - 1].number : null, complete };
    },
    async people(device, name, limit) {
      const complete = await catchUp();
      return { people: await texts.named(device.id, name.trim().toLowerCase(), limit), complete };
    },
    async stop() {
      stopping.abort();
      await indexing?.catch(() => {}); // said by whoever waited for it
    },
  };
}

function wordsIn(told: Told | undefined): readonly string[] {
  if (told?.type !== "message.received" && told?.type !== "message.edited") return [];
  const { content } = told.data;
  return searchWords(
    [wordsOf(content), mediaOf(content)?.fileName].filter((text) => text !== undefined).join(" "),
  );
}

function authorOf(told: Told | undefined): IndexedText["author"] {
  const name = told?.data.from.pushName;
  if (told === undefined || told.data.fromMe || name === undefined || name === "") return null;
  return { person: addressOf(told.data.from), name };
}
