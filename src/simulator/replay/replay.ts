// Plays a record of the wire to a linked device: the same stanzas in the same order, encrypted anew.
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import type { Fixture, RecordedNode, RecordedStanza } from "../../recording/fixture.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import type { WhatsAppSimulator } from "../server/server.ts";
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import type { Cast } from "./cast.ts";
import { createSealing } from "./sealing.ts";

const SETTLE_MS = 10_000;
/** Lost when the client is away, in a record as on the line. */
const LIVE = new Set(["presence", "chatstate"]);

export interface ReplayDeps {
  readonly simulator: WhatsAppSimulator;
  readonly cast: Cast;
  readonly fixture: Fixture;
  readonly device: LinkedDevice;
  readonly signal?: AbortSignal;
}

/** What became of the stanzas of a record. */
export interface Replayed {
  readonly played: number;
  /** Messages that could not be read when they were recorded. */
  readonly unreadable: number;
  /** What the device did not acknowledge in time. */
  readonly unsettled: readonly string[];
}

/**
 * Plays a record. Times are moved, so that it begins now; each stanza waits until the device has taken the one before.
 * What the phone handed over for placeholders is put on the phone, which hands it over when it is asked.
 */
export async function replay({ simulator, cast, fixture, device, signal }: ReplayDeps): Promise<Replayed> {
  const seal = createSealing(cast, device);
  const shiftS = unixSeconds() - Math.floor(fixture.header.startedAt / 1_000);
  const unsettled: string[] = [];
  let [played, unreadable] = [0, 0];
  for (const { stanza } of fixture.stanzas) keepAnswers(stanza, cast, shiftS);
  for (const { stanza } of fixture.stanzas.filter(isPlayed)) {
    if (signal?.aborted) break;
    if (stanza.children?.some((child) => child.unreadable)) {
      unreadable++;
      continue;
    }
    const ready = await toNode(stanza, seal, shiftS);
    if (LIVE.has(stanza.tag)) device.sendLive(ready);
    else device.deliver(ready);
    played++;
    if (!await simulator.network.waitFor(() => device.pending.size === 0, SETTLE_MS)) {
      unsettled.push(`${stanza.tag} ${stanza.attrs.id}`);
    }
  }
  return { played, unreadable, unsettled };
}

function isPlayed({ stanza }: RecordedStanza): boolean {
  return stanza.attrs.category !== "peer";
}

async function toNode(
  stanza: RecordedNode,
  seal: (stanza: RecordedNode, part: RecordedNode) => Promise<BinaryNode[]>,
  shiftS: number,
): Promise<BinaryNode> {
  const parts = await Promise.all(
    (stanza.children ?? []).map(async (child) =>
      child.plain === undefined ? [plainNode(child, shiftS)] : await seal(stanza, child)
    ),
  );
  const { offline: _, ...attrs } = stanza.attrs; // the simulator marks what waited by itself
  return {
    ...plainNode({ ...stanza, attrs, children: undefined }, shiftS),
    ...(parts.length > 0 ? { content: parts.flat() } : {}),
  };
}

function plainNode({ tag, attrs, children, text, base64 }: RecordedNode, shiftS: number): BinaryNode {
  const moved = attrs.t ? { ...attrs, t: String(Number(attrs.t) + shiftS) } : attrs;
  if (base64 !== undefined) return node(tag, moved, Buffer.from(base64, "base64"));
  if (text !== undefined) return node(tag, moved, Buffer.from(text));
  return node(tag, moved, children?.map((child) => plainNode(child, shiftS)));
}

/** The phone has what it handed over when this was recorded. */
function keepAnswers(stanza: RecordedNode, { phone }: Cast, shiftS: number): void {
  if (stanza.attrs.category !== "peer") return;
  for (const { plain } of stanza.children ?? []) {
    if (plain === undefined) continue;
    const { protocolMessage } = proto.Message.decode(Buffer.from(plain, "base64"));
    const results = protocolMessage?.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? [];
    for (const { placeholderMessageResendResponse } of results) {
      const bytes = placeholderMessageResendResponse?.webMessageInfoBytes;
      if (!bytes) continue;
      const { key, message, messageTimestamp, pushName } = proto.WebMessageInfo.decode(bytes);
      if (!key) continue;
      const [id, chat] = [key.id ?? "", key.remoteJid ?? ""];
      const t = Number(messageTimestamp ?? 0) + shiftS;
      phone.keep(chat, { key: { ...key, id }, message: message ?? {}, t, pushName: pushName ?? "" });
    }
  }
}
