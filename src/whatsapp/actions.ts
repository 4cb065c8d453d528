import type { MediaKind } from "../events/content.ts";
import type { Jid, Person } from "../events/person.ts";

/** WhatsApp did not do what it was asked: it refused (`code` is its reason), or did not answer (null). */
export class WhatsAppRefusal extends Error {
  override readonly name = "WhatsAppRefusal";
  constructor(message: string, readonly code: number | null) {
    super(message);
  }
}

/** A group as WhatsApp describes it. Times are epoch ms. */
export interface GroupInfo {
  readonly jid: Jid;
  readonly subject: string;
  readonly description: string | null;
  readonly owner: Person | null;
  readonly createdAt: number | null;
  readonly participants: readonly GroupMember[];
  /** Only admins write. */
  readonly announce: boolean;
  /** Only admins change what the group is called and the like. */
  readonly locked: boolean;
  readonly joinApproval: boolean;
  /** Seconds after which messages disappear; 0: never. */
  readonly disappearingSeconds: number;
}

export interface GroupMember {
  readonly person: Person;
  readonly role: "member" | "admin" | "superadmin";
}

/** What became of one member of a change. */
export interface MemberOutcome {
  readonly jid: Jid;
  readonly ok: boolean;
  /** WhatsApp's code, such as 403 (lets nobody add them) or 409 (is a member already). */
  readonly code: number;
}

export type MemberChange = "add" | "remove" | "promote" | "demote";

/** A file of a message, decrypted and written to disk. */
export interface Downloaded {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly fileName: string | null;
}

/**
 * What a connected session can do besides sending. Each throws a `WhatsAppRefusal` when WhatsApp does not do it, or the
 * session is not connected. Plain data in and out.
 */
export interface Actions {
  /** Which of these phone numbers (digits) are on WhatsApp: their jids, null for those that are not. */
  onWhatsApp(phones: readonly string[]): Promise<ReadonlyMap<string, Jid | null>>;
  /**
   * Tells the authors that these messages were read.
   * @param chat Where they are, by either address of a person; left out, the oldest message of each id is meant.
   * @returns Which were marked: not unknown ones, and not our own.
   */
  markRead(messageIds: readonly string[], chat?: Jid): Promise<readonly string[]>;
  /** Shows the owner as online or not; presence of others comes only while online. */
  setOnline(online: boolean): Promise<void>;
  /** Shows in a chat that somebody types or records. */
  setTyping(chat: Jid, typing: "composing" | "recording" | "paused"): Promise<void>;
  /** Asks for `presence.updated` events of a person. */
  subscribePresence(jid: Jid): Promise<void>;
  /**
   * Fetches and decrypts the file of a message, by the name that its event told, streamed to `path`. A file that
   * WhatsApp has deleted is asked for again from the phone.
   * @throws {WhatsAppRefusal} With code 404 when the message or its file is not known or gone, 413 when it is larger
   * than `maxBytes`.
   */
  download(mediaId: string, to: { readonly path: string; readonly maxBytes: number }): Promise<Downloaded>;
  /**
   * Rejects a call that rings, as the owner does on the phone.
   * @throws {WhatsAppRefusal} With code 404 when no such call rings.
   */
  rejectCall(callId: string): Promise<void>;
  groups(): Promise<readonly GroupInfo[]>;
  group(jid: Jid): Promise<GroupInfo>;
  createGroup(subject: string, participants: readonly Jid[]): Promise<GroupInfo>;
  changeMembers(group: Jid, change: MemberChange, members: readonly Jid[]): Promise<readonly MemberOutcome[]>;
  setSubject(group: Jid, subject: string): Promise<void>;
  inviteCode(group: Jid): Promise<string>;
  leaveGroup(group: Jid): Promise<void>;
  /**
   * Asks the phone for at most `count` messages of a conversation before one that is known. What the phone hands over
   * is told by `SessionEvents.pastCame`, under the id that this returns; a phone that is off tells nothing.
   * @param chat Where the inbox has that message.
   * @throws {WhatsAppRefusal} With code 404 when the message is not known.
   */
  askHistory(chat: Jid, messageId: string, count: number): Promise<string>;
  archive(chat: Jid, archived: boolean): Promise<void>;
  /** Mutes until then, epoch ms; null: not muted. */
  mute(chat: Jid, until: number | null): Promise<void>;
  /** Where the profile picture of a person or group is; null when there is none to see. */
  pictureUrl(jid: Jid): Promise<string | null>;
}
