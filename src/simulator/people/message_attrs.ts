// The attributes of a message stanza: who wrote it, under which address, and what is said beside that.
import { jidOf } from "../wire/jids.ts";
import type { Attrs, Chat, ContactParty, SendOptions } from "./chat.ts";
import { stanzaType } from "./reading.ts";
import type { proto } from "@whiskeysockets/baileys";

interface Drafted extends SendOptions {
  readonly message: proto.IMessage;
}

/** How a message names its writer, and the chat that it is in. */
export function messageAttrs(writer: ContactParty, to: Chat, draft: Drafted): Attrs {
  const common = { notify: writer.name, type: stanzaType(draft.message) };
  if (to.kind === "group") {
    return { ...common, from: to.jid, ...participantAttrs(writer, draft.addressing ?? to.addressing, draft) };
  }
  const addressing = draft.addressing ?? writer.addressing;
  if (draft.broadcast !== undefined) {
    return {
      ...common,
      from: `${draft.broadcast}@broadcast`,
      ...participantAttrs(writer, addressing, draft),
    };
  }
  const from = addressedFrom(writer, draft);
  const { number, lid } = otherAddress(writer, draft);
  return addressing === "lid"
    ? { ...common, from, addressing_mode: "lid", sender_pn: number }
    : { ...common, from, addressing_mode: "pn", sender_lid: lid };
}

/** How a status post names its writer. */
export function statusAttrs(writer: ContactParty, from: string, draft: Drafted): Attrs {
  const common = { notify: writer.name, type: stanzaType(draft.message) };
  return { ...common, from, ...participantAttrs(writer, draft.addressing ?? "lid", draft) };
}

/** The address that a message of this person comes from. */
export function addressedFrom(
  writer: ContactParty,
  { addressing = writer.addressing, device }: SendOptions,
): string {
  const hosted = device?.hosted === true;
  return addressing === "lid"
    ? jidOf(writer.lid, hosted ? "hosted.lid" : "lid", device?.id)
    : jidOf(writer.number, hosted ? "hosted" : "s.whatsapp.net", device?.id);
}

/** The user part under which readers of a group know this writer's sender key. */
export function userOf(writer: ContactParty, to: Chat, { addressing }: SendOptions): string {
  const { addressing: usual } = to.kind === "group" ? to : writer;
  return (addressing ?? usual) === "lid" ? writer.lid : writer.number;
}

function participantAttrs(writer: ContactParty, addressing: "lid" | "pn", draft: SendOptions): Attrs {
  const { number, lid } = otherAddress(writer, draft);
  const participant = addressedFrom(writer, { ...draft, addressing });
  return addressing === "lid"
    ? { participant, participant_pn: number, addressing_mode: "lid" }
    : { participant, participant_lid: lid, addressing_mode: "pn" };
}

function otherAddress(
  { pnJid, lidJid, isNumberHidden }: ContactParty,
  { bothAddresses = true }: SendOptions,
) {
  return bothAddresses ? { number: isNumberHidden ? undefined : pnJid, lid: lidJid } : {};
}
