import type { DeviceId, TenantId } from "../ids.ts";
import type { Devices } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Jid } from "../events/person.ts";
import { PN_SERVER } from "../whatsapp/jid.ts";
import { phoneIn } from "./find.ts";

/** Conversations that are shown at most. */
const MOST = 20;
const MOST_DEVICES = 1_000;

/** A conversation of a device in which somebody wrote. */
export interface FoundChat {
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly chat: Jid;
  /** WhatsApp's id of the message that was looked for; undefined when a number was. */
  readonly messageId: string | undefined;
  /** Of that message, else of the latest; epoch ms. */
  readonly at: number;
}

/**
 * Finds in which conversations of a tenant's devices a number writes, or a message with this id of WhatsApp is: also
 * what came in, which no message log has. Each device is asked by its index.
 */
export function createFindChats({ devices, inbox, countryCode }: {
  readonly devices: Pick<Devices, "list">;
  readonly inbox: Pick<Inbox, "history" | "named">;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
}) {
  return async (tenantId: TenantId, given: string): Promise<readonly FoundChat[]> => {
    const text = given.trim();
    const phone = phoneIn(text, countryCode);
    const isId = phone === undefined && /^[A-Za-z0-9._=-]{8,100}$/.test(text);
    if (phone === undefined && !isId) return [];
    const own = (await devices.list({ tenantId, limit: MOST_DEVICES })).filter(({ kind, jid }) =>
      kind === "whatsapp" && jid !== null
    );
    const found = await Promise.all(own.map(async ({ id, label }) => {
      const rows = phone === undefined
        ? await inbox.named(id, text)
        : await inbox.history(id, `${phone}@${PN_SERVER}`, { limit: 1 });
      return rows.map(({ chat, messageId, sentAt }): FoundChat => ({
        deviceId: id,
        device: label,
        chat,
        messageId: phone === undefined ? messageId : undefined,
        at: sentAt,
      }));
    }));
    return found.flat().toSorted((a, b) => b.at - a.at).slice(0, MOST);
  };
}
