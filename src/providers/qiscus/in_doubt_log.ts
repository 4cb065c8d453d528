import type { MessageId } from "../../ids.ts";

/** Boots that are told apart by their times, which a corrected clock moves a little. */
const SAME_BOOT_MS = 5_000;

/**
 * Remembers, beyond the death of the process, which requests had begun to leave: whether a message that was in hand
 * when the process was killed is out.
 */
export interface Departures {
  /** A request is about to be made. @throws What keeps it from being made, such as a `LeaseLostError`. */
  leaving(messageId: MessageId): Promise<void>;
  /** Called right before the first byte of a request leaves. */
  left(messageId: MessageId): void;
  /** The request was refused, or never left: the message is not out after all. */
  returned(messageId: MessageId): Promise<void>;
  /**
   * What the last run's notes say of a message that was in hand: `left` or `stayed`; `unknown` when the machine went
   * down with it, since notes are lost then.
   */
  fateOf(messageId: MessageId): Promise<"left" | "stayed" | "unknown">;
  /** What became of the message is written down. */
  decided(messageId: MessageId): void;
  /** Forgets the last run's notes: what they tell is written down. */
  settle(): void;
  close(): void;
}

/**
 * Keeps the notes in a file, for a gateway that is alone. A note costs no flush of the disk and is written in the same
 * breath as the request's first byte; therefore it tells what a transaction cannot.
 * @param path The file; made when there is none.
 * @param bootedAt When the machine was started, epoch ms.
 */
export function openDepartures(path: string, bootedAt: number): Departures {
  const { out, sameBoot } = readNotes(path, bootedAt);
  const file = Deno.openSync(path, { create: true, write: true, append: true, mode: 0o600 });
  const encoder = new TextEncoder();
  const write = (line: string) => {
    const bytes = encoder.encode(`${line}\n`);
    if (file.writeSync(bytes) !== bytes.length) {
      throw new Error("Cannot note that a message leaves: the disk is full");
    }
  };
  let settled = false;

  return {
    leaving: () => Promise.resolve(),
    left: (messageId) => write(`left ${messageId}`),
    returned(messageId) {
      write(`back ${messageId}`);
      return Promise.resolve();
    },
    fateOf(messageId) {
      if (settled || !sameBoot) return Promise.resolve("unknown");
      return Promise.resolve(out.has(messageId) ? "left" : "stayed");
    },
    decided() {},
    settle() {
      settled = true;
      out.clear();
      file.truncateSync(0);
      write(`boot ${bootedAt}`);
    },
    close: () => file.close(),
  };
}

function readNotes(
  path: string,
  bootedAt: number,
): { readonly out: Set<MessageId>; readonly sameBoot: boolean } {
  const [boot, ...notes] = readText(path).split("\n");
  const before = Number(/^boot (\d+(?:\.\d+)?)$/.exec(boot)?.[1] ?? NaN);
  const out = new Set<MessageId>();
  for (const note of notes) {
    const [what, messageId] = note.split(" ");
    if (what === "left") out.add(messageId);
    else if (what === "back") out.delete(messageId);
  }
  return { out, sameBoot: Math.abs(before - bootedAt) < SAME_BOOT_MS };
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
