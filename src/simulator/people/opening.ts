// How a phone opens what clients sent, and asks again for what it cannot open.
import type { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import type { Companion } from "./chat.ts";
import { type BinaryNode, bytes, children } from "../wire/nodes.ts";
import { rememberKey } from "../wire/recent.ts";
import { type SignalPeer, unpad } from "../wire/signal_peer.ts";

/** So often a phone asks for one message; then it shows that it is waiting for it, for ever. */
export const MOST_TRIES = 5;

export interface OpeningDeps {
  readonly signal: SignalPeer;
  /** Asks for a message for the `count`th time. */
  readonly ask: (device: Companion, stanza: BinaryNode, count: number) => void;
  readonly complain: (what: string) => void;
}

export class Opening {
  /** How often each message was asked for that could not be opened, by its id. */
  readonly asked = new Map<string, number>();
  readonly #deps: OpeningDeps;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
  }

  /**
   * Opens what was encrypted for this phone alone, and learns the sender key in it.
   * @returns Undefined when there is nothing in it to read, or not yet.
   */
  async open(device: Companion, stanza: BinaryNode, enc: BinaryNode): Promise<proto.Message | undefined> {
    const { signal } = this.#deps;
    const { number } = device.phone;
    // whether this fails shows in the part for the group that goes with it: one message is asked for once
    const isIntroduction = enc.attrs.type !== "skmsg" && children(stanza, "enc").some(isShared);
    const plain = await this.#attempt(
      signal.open(number, device.id, enc.attrs.type, bytes(enc)),
      isIntroduction ? undefined : { device, stanza },
    );
    if (plain === undefined) return undefined;
    const message = unpad(plain);
    const { groupId, axolotlSenderKeyDistributionMessage } = message.senderKeyDistributionMessage ?? {};
    if (!groupId || !axolotlSenderKeyDistributionMessage) return message;
    await signal.learnSenderKey(groupId, number, device.id, axolotlSenderKeyDistributionMessage);
    return isOnlyIntroduction(message) ? undefined : message;
  }

  /** Opens what was encrypted for a whole group. */
  async openShared(device: Companion, stanza: BinaryNode, enc: BinaryNode) {
    const { number } = device.phone;
    const plain = await this.#attempt(
      this.#deps.signal.openFromGroup(stanza.attrs.to, number, device.id, bytes(enc)),
      { device, stanza },
    );
    return plain && unpad(plain);
  }

  async #attempt(
    opening: Promise<Buffer>,
    otherwise: { readonly device: Companion; readonly stanza: BinaryNode } | undefined,
  ): Promise<Buffer | undefined> {
    try {
      return await opening;
    } catch (error) {
      if (otherwise !== undefined) this.#ask(otherwise.device, otherwise.stanza, error);
    }
  }

  #ask(device: Companion, stanza: BinaryNode, error: unknown): void {
    const { id, to } = stanza.attrs;
    const tries = this.asked.get(id) ?? 0;
    if (tries === MOST_TRIES) {
      this.#deps.complain(`message ${id} to ${to} cannot be opened, ${tries} times sent again: ${error}`);
      return;
    }
    rememberKey(this.asked, id, tries + 1);
    this.#deps.ask(device, stanza, tries + 1);
  }
}

function isShared({ attrs }: BinaryNode): boolean {
  return attrs.type === "skmsg";
}

function isOnlyIntroduction(message: proto.Message): boolean {
  const said = Object.keys(proto.Message.toObject(message)).filter((key) => key !== "messageContextInfo");
  return said.length === 1;
}
