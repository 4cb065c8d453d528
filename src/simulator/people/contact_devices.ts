// The linked devices of a contact: what they encrypt with, and what they get of what is sent to the contact.
import { type BinaryNode, bytes, node, unixSeconds } from "../wire/nodes.ts";
import { SignalPeer } from "../wire/signal_peer.ts";
import type { Companion, ContactParty, PhoneParty, SendingDevice } from "./chat.ts";
import { addressedFrom } from "./message_attrs.ts";
import type { World } from "./world.ts";

/** Devices beside the phone, which is device 0. */
export class ContactDevices {
  readonly #linked = new Map<number, SendingDevice>();
  readonly #signals = new Map<number, SignalPeer>();
  readonly #owner: ContactParty;
  readonly #world: Pick<World, "complain" | "nextId">;

  constructor(owner: ContactParty, world: Pick<World, "complain" | "nextId">) {
    this.#owner = owner;
    this.#world = world;
  }

  /** Those that clients learn of when they ask. */
  get linked(): readonly SendingDevice[] {
    return [...this.#linked.values()];
  }

  /** Links a device, or the host of a business; the clients of these phones are told. */
  link(device: SendingDevice, phones: readonly PhoneParty[] = []): void {
    this.#linked.set(device.id, device);
    this.#tell("add", device, phones);
  }

  unlink(id: number, phones: readonly PhoneParty[] = []): void {
    const device = this.#linked.get(id);
    if (device === undefined) return;
    this.#linked.delete(id);
    this.#signals.delete(id);
    this.#tell("remove", device, phones);
  }

  signalOf(id: number): SignalPeer {
    const signal = this.#signals.get(id) ?? new SignalPeer();
    this.#signals.set(id, signal);
    return signal;
  }

  /** A copy for one of the devices: it must be readable there; what it says, the phone gets as well. */
  async receive(id: number, from: Companion, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    try {
      await this.signalOf(id).open(from.phone.number, from.id, enc.attrs.type, bytes(enc));
    } catch (error) {
      const who = `device ${id} of ${this.#owner.name}`;
      this.#world.complain(`${who} cannot read the message ${stanza.attrs.id}: ${error}`);
    }
  }

  /** @see whatsmeow notification.go `handleDeviceNotification` */
  #tell(change: "add" | "remove", device: SendingDevice, phones: readonly PhoneParty[]): void {
    const { pnJid, lidJid } = this.#owner;
    const [jid, lid] = (["pn", "lid"] as const).map((addressing) =>
      addressedFrom(this.#owner, { addressing, device })
    );
    const listed = node("device", { jid, lid, "key-index": device.id });
    for (const each of phones.flatMap((phone) => [...phone.devices.values()])) {
      const about = { from: pnJid, lid: lidJid, type: "devices", id: this.#world.nextId("devices") };
      const changed = node(change, { device_hash: "2:sim" }, [listed]);
      each.deliver(node("notification", { ...about, t: unixSeconds() }, [changed]));
    }
  }
}
