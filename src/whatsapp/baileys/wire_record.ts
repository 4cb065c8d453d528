import { proto, type SocketConfig, unpadRandomMax16, type WASocket } from "@whiskeysockets/baileys";
import type { Clock } from "../../async/clock.ts";
import { messageOf } from "../../errors.ts";
import type { DeviceId } from "../../ids.ts";
import type { Logger } from "../../log.ts";
import { type Aliases, createAliases } from "../../recording/aliases.ts";
import { type FixtureHeader, lineOf, type RecordedNode } from "../../recording/fixture.ts";
import { createRecordFile } from "../../recording/record_file.ts";
import { redactNode } from "../../recording/redact.ts";
import type { WireRecordSettings } from "../settings.ts";
import { Buffer } from "node:buffer";
import type { InboxMessage } from "../../store/inbox.ts";
import { isGroup, isPn, plainJid } from "../jid.ts";
import { fromInboxMessage } from "./inbox_message.ts";
import { createResealing } from "./resealing.ts";
import { pollCreationOf } from "./normalise/content.ts";
import { unwrap } from "./normalise/unwrap.ts";
import { redactMessage } from "./redact_message.ts";
import { type BinaryNode, childrenOf } from "./stanza.ts";

type MakeSignalRepository = SocketConfig["makeSignalRepository"];
type Me = () => { readonly id: string; readonly lid?: string } | undefined;

const RECORDED = new Set(["message", "receipt", "notification", "call", "presence", "chatstate"]);
/** About keys and devices of this account: of no use to a replay, and not to be passed on. */
const PRIVATE_NOTIFICATIONS = new Set([
  "encrypt",
  "server_sync",
  "account_sync",
  "link_code_companion_reg",
  "companion_reg_refresh",
  "passkey_prologue_request",
  "crsc_continuation",
  "mediaretry",
  "devices",
  "privacy_token",
]);

/** So many characters go into one file. */
const MOST_CHARACTERS = 64_000_000;

export interface WireRecordDeps {
  readonly deviceId: DeviceId;
  readonly settings: WireRecordSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A record of what WhatsApp sends one device. */
export interface WireRecord {
  /** Hears what one connection gets. */
  readonly watch: (socket: WASocket, me: Me) => void;
  /** Takes note of a message that the device sends. */
  readonly sent: (row: InboxMessage, me: Me) => void;
  /** The repository, with an ear at what is decrypted. */
  readonly over: (make: MakeSignalRepository) => MakeSignalRepository;
  /** Resolves when everything is written so far. */
  readonly written: () => Promise<void>;
}

/** A message whose parts are being decrypted. */
interface Pending {
  readonly stanza: BinaryNode;
  readonly me: Me;
  /** What was in each part; undefined for one that could not be decrypted. */
  readonly parts: Map<Uint8Array, Uint8Array | undefined>;
  readonly count: number;
}

/**
 * Writes the stanzas of a device into a file, decrypted and redacted: numbers, lids, groups and names are replaced
 * consistently, texts and bytes by stand-ins. Messages are written when they are decrypted, anything else when it
 * comes. Of what the device sends, polls are there, as if they were typed on the phone: without them nobody could open
 * the votes. A disk that fails ends the record, never the session.
 */
export function createWireRecord({ deviceId, settings, clock, log }: WireRecordDeps): WireRecord {
  const aliases = createAliases({ keepTexts: settings.texts });
  const { reseal } = createResealing(aliases);
  const pending = new WeakMap<Uint8Array, Pending>();
  const startedAt = clock.now();
  const file = createRecordFile({
    folder: settings.folder,
    name: `${deviceId}-${new Date(startedAt).toISOString().replace(/[:.]/g, "-")}`,
    mostCharacters: MOST_CHARACTERS,
    onFailure: (path, error) => log.warn("record.failed", { deviceId, path, error }),
  });

  function add(stanza: RecordedNode, me: Me): void {
    const self = me();
    if (self === undefined) return; // not linked yet: nothing but the linking itself comes
    const line = lineOf({ at: Math.max(0, clock.now() - startedAt), stanza });
    file.add(line, () => lineOf(headerOf(self)));
  }

  function headerOf(self: { readonly id: string; readonly lid?: string }): FixtureHeader {
    return {
      format: "kabar-wire",
      version: 1,
      startedAt,
      me: { number: userOf(self.id, aliases), lid: self.lid && userOf(self.lid, aliases) },
      texts: settings.texts ? "kept" : "dropped",
    };
  }

  function take(stanza: BinaryNode, me: Me): void {
    if (!RECORDED.has(stanza.tag) || isPrivate(stanza)) return;
    const encrypted = childrenOf(stanza, "enc").map(({ content }) => content).filter(isBytes);
    if (encrypted.length === 0) return add(redactNode(stanza, aliases, () => undefined), me);
    const entry = { stanza, me, parts: new Map(), count: encrypted.length };
    for (const content of encrypted) pending.set(content, entry);
  }

  /** A part of a message was decrypted, or cannot be. */
  function hear(ciphertext: Uint8Array, plain: Uint8Array | undefined): void {
    const entry = pending.get(ciphertext);
    if (entry === undefined) return;
    entry.parts.set(ciphertext, plain);
    if (entry.parts.size < entry.count) return;
    const redacted = redactEncrypted(entry, aliases, reseal);
    if (redacted !== undefined) add(redacted, entry.me);
  }

  return {
    watch(socket, me) {
      socket.ws.on("frame", (frame: BinaryNode | Uint8Array) => {
        if (!isBytes(frame)) guarded(() => take(frame, me));
      });
    },
    sent: (row, me) =>
      guarded(() => {
        const typed = pollAsTyped(row, me(), aliases, reseal);
        if (typed !== undefined) add(typed, me);
      }),
    over: (make) => (...given) => {
      const repository = make(...given);
      const heard = async (ciphertext: Uint8Array, decrypting: Promise<Uint8Array>) => {
        try {
          const plain = await decrypting;
          guarded(() => hear(ciphertext, plain));
          return plain;
        } catch (error) {
          guarded(() => hear(ciphertext, undefined));
          throw error;
        }
      };
      return {
        ...repository,
        decryptMessage: (message) => heard(message.ciphertext, repository.decryptMessage(message)),
        decryptGroupMessage: (message) => heard(message.msg, repository.decryptGroupMessage(message)),
      };
    },
    written: () => file.written(),
  };

  /** A stanza that cannot be recorded is left out: the session goes on. */
  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      log.warn("record.skipped", { deviceId, error: messageOf(error) });
    }
  }
}

function isPrivate({ tag, attrs }: BinaryNode): boolean {
  if (attrs.from?.endsWith("@newsletter")) return true;
  if (tag === "notification") return PRIVATE_NOTIFICATIONS.has(attrs.type);
  return tag === "receipt" && attrs.type === "retry"; // it has the keys of who asks
}

/** A message for the record; undefined when it is about the account's own keys, or has nothing but keys in it. */
function redactEncrypted(
  { stanza, parts, me }: Pending,
  aliases: Aliases,
  reseal: ReturnType<typeof createResealing>["reseal"],
): RecordedNode | undefined {
  const isPeer = stanza.attrs.category === "peer";
  let isWorth = false;
  const recorded = redactNode(stanza, aliases, ({ content }) => {
    const plain = isBytes(content) ? parts.get(content) : undefined;
    if (plain === undefined) {
      isWorth ||= !isPeer;
      return { unreadable: true };
    }
    const bytes = unpadRandomMax16(plain);
    const redacted = redactMessage(bytes, aliases);
    if (!redacted.saysSomething || (isPeer && !redacted.isPlaceholderAnswer)) return undefined;
    isWorth = true;
    const told = reseal(stanza.attrs.id, bytes, redacted.bytes, addressesOf(stanza, me()));
    return { plain: Buffer.from(told).toString("base64") };
  });
  return isWorth ? recorded : undefined;
}

/** The addresses of whoever sent a message, as far as the stanza tells them; both of ours when that is us. */
function addressesOf({ attrs }: BinaryNode, self: ReturnType<Me>): readonly string[] {
  const { from, participant, sender_pn, sender_lid, participant_pn, participant_lid } = attrs;
  const author = participant ? [participant, participant_pn, participant_lid] : [from, sender_pn, sender_lid];
  const found = author.filter((jid) => jid).map((jid) => plainJid(jid));
  const own = ownAddresses(self);
  return found.some((jid) => own.includes(jid)) ? own : found;
}

function ownAddresses(self: ReturnType<Me>): readonly string[] {
  return [self?.id, self?.lid].filter((jid) => jid !== undefined).map(plainJid);
}

/** A poll that the device sends, as linked devices get those of the phone; undefined when it is something else. */
function pollAsTyped(
  row: InboxMessage,
  self: ReturnType<Me>,
  aliases: Aliases,
  reseal: ReturnType<typeof createResealing>["reseal"],
): RecordedNode | undefined {
  const { key, message, messageTimestamp } = fromInboxMessage(row);
  const id = key.id ?? "";
  const to = plainJid(key.remoteJid ?? "");
  if (self === undefined || !message || !pollCreationOf(unwrap(message).message)) return undefined;
  const original = proto.Message.encode(message).finish();
  const told = reseal(id, original, redactMessage(original, aliases).bytes, ownAddresses(self));
  const destinationJid = aliases.jid(to);
  const copy = proto.Message.encode({
    deviceSentMessage: { destinationJid, message: proto.Message.decode(told) },
  });
  const own = aliases.jid(plainJid(isPn(to) ? self.id : self.lid ?? self.id));
  const where: Readonly<Record<string, string>> = isGroup(to)
    ? { from: destinationJid, participant: own }
    : { from: own, recipient: destinationJid };
  return {
    tag: "message",
    attrs: { id, t: String(messageTimestamp ?? 0), type: "poll", ...where },
    children: [{
      tag: "enc",
      attrs: { v: "2", type: "msg" },
      plain: Buffer.from(copy.finish()).toString("base64"),
    }],
  };
}

function userOf(jid: string, aliases: Aliases): string {
  return aliases.jid(jid).split(/[@:]/)[0];
}

function isBytes(content: unknown): content is Uint8Array {
  return content instanceof Uint8Array;
}
