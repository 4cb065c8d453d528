// Encrypting recorded messages anew, as their writers would for one linked device.
import { Buffer } from "node:buffer";
import type { RecordedNode } from "../../recording/fixture.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import { parseJid } from "../wire/jids.ts";
import { type BinaryNode, node } from "../wire/nodes.ts";
import { pad, SignalPeer } from "../wire/signal_peer.ts";
import type { Cast } from "./cast.ts";

/** Gives the encrypted nodes that stand for a part of a recorded message. */
export function createSealing(cast: Cast, device: LinkedDevice) {
  /** The address under which each writer was met last: the device knows a session by it. */
  const metAs = new Map<SignalPeer, string>();
  const introduced = new Set<string>();
  const strangers = new Map<string, SignalPeer>();

  function signalOf(author: string): SignalPeer {
    const known = cast.find(author)?.signal ?? strangers.get(author) ?? new SignalPeer();
    strangers.set(author, known);
    return known;
  }

  async function sealFor(
    author: string,
    plain: Uint8Array | Parameters<typeof pad>[0],
    attrs: Record<string, string>,
  ) {
    const signal = signalOf(author);
    const { number } = device.phone;
    const isKnown = (metAs.get(signal) ?? author) === author;
    metAs.set(signal, author);
    if (!isKnown) await signal.startSession(number, device.id, device.takeBundle());
    const sealed = await signal.seal(number, device.id, pad(plain), () => device.takeBundle());
    return node("enc", { ...attrs, type: sealed.type }, sealed.ciphertext);
  }

  return async (stanza: RecordedNode, part: RecordedNode): Promise<BinaryNode[]> => {
    const { from, participant } = stanza.attrs;
    const author = participant ?? from;
    const plain = Buffer.from(part.plain ?? "", "base64");
    const { count: _, ...attrs } = part.attrs; // it comes for the first time
    if (part.attrs.type !== "skmsg") return [await sealFor(author, plain, attrs)];
    const shared = await signalOf(author).sealForGroup(from, parseJid(author).user, pad(plain));
    const enc = node("enc", attrs, shared.ciphertext);
    const key = `${from} ${author}`;
    if (introduced.has(key)) return [enc];
    introduced.add(key);
    const introduction = { groupId: from, axolotlSenderKeyDistributionMessage: shared.distribution };
    return [await sealFor(author, { senderKeyDistributionMessage: introduction }, { v: "2" }), enc];
  };
}
