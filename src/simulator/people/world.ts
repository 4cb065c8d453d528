// What the people on the network need of it.
import type { proto } from "@whiskeysockets/baileys";
import type { MediaKind } from "../wire/media.ts";
import type { MediaHost } from "../wire/media_host.ts";
import type { Addresses, GroupChat } from "./chat.ts";
import type { MediaDetails } from "./content.ts";

/** The network as the people on it see it: ids, groups, files, and a way to be woken when something happens. */
export interface World {
  readonly media: MediaHost;
  readonly groups: ReadonlyMap<string, GroupChat>;
  /** @returns Whoever has this number, lid, or jid. */
  find(address: string): Addresses | undefined;
  /** A message id as phones make them. */
  messageId(): string;
  nextId(prefix: string): string;
  /** A client did something against the protocol. */
  complain(what: string): void;
  /** Runs work that nobody waits for; its failure becomes a complaint. */
  inBackground(what: string, work: Promise<unknown>): void;
  /** Something happened: wakes those who wait in `until`. */
  touch(): void;
  /** @throws {Error} After `timeoutMs`, naming `what`. */
  until<T>(check: () => T | undefined | false, what: string, timeoutMs?: number): Promise<T>;
  /** Puts a file on the media host, and makes the message that carries it. */
  mediaContent(kind: MediaKind, file: Uint8Array, details?: MediaDetails): proto.IMessage;
}
