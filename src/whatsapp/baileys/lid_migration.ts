import { proto } from "@whiskeysockets/baileys";
import type { DeviceId } from "../../ids.ts";
import type { Credentials } from "../../store/credentials.ts";
import type { Ledger } from "./ledger.ts";
import { type BinaryNode, childOf } from "./stanza.ts";

/** Kept among the device's keys, under a type that Baileys does not have. */
const TYPE = "lid-migration";
const ID = "chats";
const DONE = "done";

export interface LidMigrationDeps {
  readonly deviceId: DeviceId;
  readonly credentials: Pick<Credentials, "keys">;
  readonly ledger: Pick<Ledger, "keys">;
}

/**
 * Whether the account's chats with people have moved to LIDs. WhatsApp takes messages to phone numbers from accounts
 * that have not moved, and messages to LIDs from those that have: to a number it refuses the message (463), or takes it
 * and delivers nothing. Baileys sends to whichever address it is given.
 * @see WhatsApp Web's Lid1X1MigrationUtils `isLidMigrated`; whatsmeow send.go `migrateSendTargetToLID`
 */
export function createLidMigration({ deviceId, credentials, ledger }: LidMigrationDeps) {
  let known: boolean | undefined;

  return {
    /** It has moved; on disk before WhatsApp is told anything more. */
    note(): void {
      if (known) return;
      known = true;
      ledger.keys([{ type: TYPE, id: ID, value: DONE, text: () => DONE }]);
    },
    async isDone(): Promise<boolean> {
      known ??= (await credentials.keys(deviceId, TYPE, [ID])).has(ID);
      return known;
    },
  };
}

export type LidMigration = ReturnType<typeof createLidMigration>;

/** Whether WhatsApp says to a device that has just been linked that its account has moved. */
export function isPairedAsMigrated(answer: BinaryNode): boolean {
  const success = childOf(answer, "pair-success");
  const { content } = success && childOf(success, "client-props") || {};
  if (!(content instanceof Uint8Array)) return false;
  try {
    return proto.ClientPairingProps.decode(content).isChatDbLidMigrated === true;
  } catch {
    return false;
  }
}
