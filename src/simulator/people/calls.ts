// Calls of a contact: every step of the protocol, and what clients do with them.
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import { remember } from "../wire/recent.ts";
import type { Companion, ContactParty, PhoneParty } from "./chat.ts";
import type { World } from "./world.ts";

/** What happens to a call; "timeout" is one that nobody answered. */
export type CallStep =
  | "offer"
  | "offer_notice"
  | "preaccept"
  | "accept"
  | "reject"
  | "transport"
  | "relaylatency"
  | "terminate"
  | "timeout";

export interface CallDetails {
  readonly video?: boolean;
  /** A call to a whole group. */
  readonly groupJid?: string;
  /** Why it ends, such as "accepted_elsewhere"; for "terminate". */
  readonly reason?: string;
}

/** What a client did with a call of a contact. */
export interface CallAnswer {
  readonly callId: string;
  /** "reject" or "accept", or another node of the protocol. */
  readonly step: string;
  readonly by: PhoneParty;
  readonly at: number;
}

export class Calls {
  readonly answers: CallAnswer[] = [];
  readonly #caller: ContactParty;
  readonly #world: Pick<World, "nextId" | "touch">;

  constructor(caller: ContactParty, world: Pick<World, "nextId" | "touch">) {
    this.#caller = caller;
    this.#world = world;
  }

  tell(devices: Iterable<Companion>, callId: string, step: CallStep, details: CallDetails): void {
    const id = this.#world.nextId("call");
    for (const device of devices) device.deliver(callStanza(this.#caller, id, callId, step, details));
  }

  /** A client answered; the other devices of its phone stop ringing. */
  hear(device: Companion, callId: string, step: string): void {
    remember(this.answers, { callId, step, by: device.phone, at: Date.now() });
    this.#world.touch();
    if (step !== "reject" && step !== "accept") return;
    const others = [...device.phone.devices.values()].filter((other) => other !== device);
    this.tell(others, callId, "terminate", {
      reason: step === "reject" ? "rejected_elsewhere" : "accepted_elsewhere",
    });
  }
}

function callStanza(
  by: ContactParty,
  stanzaId: string,
  callId: string,
  step: CallStep,
  { video = false, groupJid, reason }: CallDetails,
): BinaryNode {
  const attrs = { "call-id": callId, "call-creator": by.lidJid };
  const offered = { ...attrs, caller_pn: by.isNumberHidden ? undefined : by.pnJid, "group-jid": groupJid };
  return node("call", { from: by.lidJid, id: stanzaId, t: unixSeconds() }, [inside()]);

  function inside(): BinaryNode {
    switch (step) {
      case "offer":
        return node("offer", offered, [
          node("audio", { enc: "opus", rate: 16000 }),
          ...(video ? [node("video", { enc: "vp8" })] : []),
        ]);
      case "offer_notice":
        return node("offer_notice", {
          ...offered,
          media: video ? "video" : "audio",
          type: groupJid === undefined ? undefined : "group",
        });
      case "timeout":
        return node("terminate", { ...attrs, reason: "timeout" });
      case "terminate":
        return node("terminate", { ...attrs, reason });
      default:
        return node(step, attrs);
    }
  }
}
