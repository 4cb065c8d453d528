import { proto, type WAMessage } from "@whiskeysockets/baileys";
import type { Content, UnknownReason } from "../../../events/content.ts";
import { type BinaryNode, childOf, childrenOf } from "../stanza.ts";

const { CIPHERTEXT } = proto.WebMessageInfo.StubType;
/** The first parameter of a stub that this gateway has made. */
const MARK = "placeholder";
/** Phones do not hand over what is older. */
const HANDED_OVER_S = 14 * 24 * 3_600;

type Unknown = Extract<Content, { readonly kind: "unknown" }>;

/** Why the content of a message is not there, and what is known of it. */
export interface Placeholder {
  readonly reason: UnknownReason;
  readonly rawType: string;
}

/** Content that never comes is told of at once; for the other reasons the phone or the sender is asked. */
const FINAL: ReadonlySet<UnknownReason> = new Set(["view_once", "hosted", "bot", "too_old"]);

/**
 * Reasons by what the server says of a message without content. `view_once` is the word on the wire; the longer ones
 * are WhatsApp Web's own names, which other programs report as well.
 * @see whatsmeow types/events `UnavailableType`; Baileys lib/Socket/messages-recv.js `handleMessage`
 */
const REASONS: Readonly<Record<string, UnknownReason>> = {
  view_once: "view_once",
  view_once_unavailable_fanout: "view_once",
  hosted: "hosted",
  hosted_unavailable_fanout: "hosted",
  bot: "bot",
  bot_unavailable_fanout: "bot",
};

const VIEW_ONCE_KIND = "viewOnceMessage";

/** The kind of encryption of a bot's answers, which needs a secret that no client of this kind has. */
const OF_BOTS = "msmsg";

/**
 * What a stanza announces without its content; undefined when it brings any.
 * @param now Unix seconds.
 */
export function announcedIn(stanza: BinaryNode, now: number): Placeholder | undefined {
  const parts = childrenOf(stanza);
  const encrypted = parts.filter(({ tag }) => tag === "enc");
  if (encrypted.length > 0 && encrypted.every(({ attrs }) => attrs.type === OF_BOTS)) {
    return { reason: "bot", rawType: OF_BOTS };
  }
  if (encrypted.length > 0 || parts.some(({ tag }) => tag === "plaintext")) return undefined;
  const { type = "", hosted } = childOf(stanza, "unavailable")?.attrs ?? {};
  const told = REASONS[type] ?? (hosted === "true" ? "hosted" : undefined);
  const isOld = now - Number(stanza.attrs.t) > HANDED_OVER_S;
  const reason = told ?? (isOld ? "too_old" : "phone_silent");
  return { reason, rawType: reason === "view_once" ? VIEW_ONCE_KIND : "unavailable" };
}

/** Whether nothing more is to be expected. */
export function isFinal({ reason }: Placeholder): boolean {
  return FINAL.has(reason);
}

/** The same message as a placeholder: its place, author and time, and why there is no content. */
export function asPlaceholder(info: WAMessage, { reason, rawType }: Placeholder): WAMessage {
  const { message: _content, ...frame } = info;
  return { ...frame, messageStubType: CIPHERTEXT, messageStubParameters: [MARK, reason, rawType] };
}

export function placeholderIn(info: WAMessage): Placeholder | undefined {
  const [mark, reason, rawType = "unavailable"] = info.messageStubParameters ?? [];
  if (info.messageStubType !== CIPHERTEXT || mark !== MARK) return undefined;
  return { reason: reason as UnknownReason, rawType }; // written above
}

/** What is published of a message without content. */
export function placeholderContent({ reason, rawType }: Placeholder): Unknown {
  return { kind: "unknown", rawType, reason };
}
