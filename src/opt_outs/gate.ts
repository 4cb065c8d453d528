import type { AddressBook } from "../devices/address_book.ts";
import type { MessageError, OutgoingMessage } from "../store/messages.ts";
import { spellingsOf } from "../events/spellings.ts";
import type { Addresses, OptOuts } from "../store/opt_outs.ts";
import { isLid, PN_SERVER } from "../whatsapp/jid.ts";

/** What is told of a blast's message to somebody who wants no more. */
export const OPTED_OUT: MessageError = {
  code: null,
  message: "This person asked for no more messages of this kind",
  reason: "opted_out",
};

/** Whether a blast's message is for somebody who wants no more. */
export type IsOptedOut = (message: OutgoingMessage) => Promise<boolean>;

export function createIsOptedOut({ optOuts, addresses }: {
  readonly optOuts: Pick<OptOuts, "find">;
  readonly addresses: Pick<AddressBook, "person">;
}): IsOptedOut {
  async function personOf({ deviceId, to }: OutgoingMessage): Promise<Addresses> {
    if (deviceId !== null) {
      // a device knows the hidden identity of the number that the account has, not of the one that was dialled
      for (const spelling of spellingsOf(to)) {
        const person = await addresses.person(deviceId, spelling);
        if (person.lid !== null) return person;
      }
      return await addresses.person(deviceId, to);
    }
    const jid = /^\d+$/.test(to) ? `${to}@${PN_SERVER}` : to; // as Qiscus is told
    return isLid(jid) ? { pn: null, lid: jid } : { pn: jid, lid: null };
  }

  return async (message) => await optOuts.find(message.tenantId, await personOf(message)) !== undefined;
}
