import { type Jid } from "../../events/person.ts";
import { type FormatName } from "../../formats/mod.ts";
import type { Unread } from "../../store/chat_reads.ts";
import type { Delivery } from "../../store/deliveries.ts";
import type { Device } from "../../store/devices.ts";
import type { Told } from "../../whatsapp/read_inbox.ts";
import type { Cx } from "../cx.ts";
import type { EventTrace } from "../../insight/trace.ts";
import type { OutgoingMessage } from "../../store/messages.ts";
import type { Webhook } from "../../store/webhooks.ts";

/** One conversation in the list. */
export interface ChatRow {
  readonly chat: Jid;
  readonly lastAt: number;
  readonly last: Told | undefined;
  /** The latest of the other side, which holds their name. */
  readonly theirs: Told | undefined;
  readonly unread: Unread;
}

/** What the page of conversations shows. */
export interface ChatsFacts {
  readonly cx: Cx;
  readonly devices: readonly Device[];
  readonly device: Device | undefined;
  readonly rows: readonly ChatRow[];
  /** Where this page of conversations begins; undefined: with the newest. */
  readonly from: string | undefined;
  /** Where the next one begins; undefined: there is none. */
  readonly next: string | undefined;
  readonly chat: Jid | undefined;
  /** Oldest first. */
  readonly told: readonly Told[];
  /** The message whose event is shown: the chosen one, else the latest of the other side. */
  readonly picked: Told | undefined;
  /** The event of that message and what each webhook got of it; undefined when none is kept. */
  readonly trace: EventTrace | undefined;
  /** What webhooks were sent of the messages that came in. */
  readonly became: ReadonlyMap<Told, readonly Delivery[]>;
  /** Webhooks whose failed deliveries are all tried again. */
  readonly probed: ReadonlySet<string>;
  /** What became of our own messages, by WhatsApp's ids. */
  readonly sent: ReadonlyMap<string, OutgoingMessage>;
  readonly webhooks: ReadonlyMap<string, Webhook>;
  readonly format: FormatName;
  /** What is searched for, and the messages that were found; undefined: nothing is searched for. */
  readonly query: string;
  readonly found: readonly Told[] | undefined;
  /** Where the page of older messages begins. */
  readonly older: string | undefined;
  /** Where this page of messages begins; undefined: with the newest. */
  readonly before: string | undefined;
  /** The id of the message that is being answered. */
  readonly reply: string | undefined;
  /** Whether the picked message shall be deleted. */
  readonly asks: boolean;
  readonly fault: { readonly field: string; readonly sentence: string; readonly text: string } | undefined;
}
