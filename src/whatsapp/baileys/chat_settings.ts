import type { proto } from "@whiskeysockets/baileys";
import type { Jid } from "../../events/person.ts";
import { numberOf, sensibleTime } from "./normalise/time.ts";

/** Whether a chat is read, as another device of the owner has set it. */
export interface ChatSetting {
  readonly chat: Jid;
  /** Everything that was sent until then is read, epoch ms; null: the chat is marked as unread. */
  readonly readUntil: number | null;
}

/** A change of the settings that an account's devices share, as Baileys decodes it. */
interface SyncAction {
  readonly syncAction?: {
    readonly syncAction?: { readonly value?: proto.ISyncActionValue | null };
    readonly index?: readonly unknown[];
  };
  /** It is not new: the device is getting to know all settings. */
  readonly initialSync?: boolean;
}

/**
 * The setting whether a chat is read in what Baileys logs of a change; undefined for all others. Phones set it when the
 * owner chooses *Mark as read* or *Mark as unread*; of a chat that is opened, receipts tell.
 * @see Baileys lib/Utils/chat-utils.js `processSyncAction`, whatsmeow appstate.go `dispatchAppState`
 */
export function chatSettingIn(about: unknown): ChatSetting | undefined {
  if (typeof about !== "object" || about === null) return undefined;
  const { syncAction, initialSync = false } = about as SyncAction; // every part may be missing
  const action = syncAction?.syncAction?.value?.markChatAsReadAction;
  const chat = syncAction?.index?.[1];
  if (!action || typeof chat !== "string" || initialSync) return undefined;
  if (!action.read) return { chat, readUntil: null };
  const lastAt = numberOf(action.messageRange?.lastMessageTimestamp) * 1_000;
  const at = lastAt || numberOf(syncAction?.syncAction?.value?.timestamp);
  return { chat, readUntil: sensibleTime(at) };
}
