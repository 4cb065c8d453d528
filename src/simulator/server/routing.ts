// Where the messages of a client go: to contacts, to phones, to their other linked devices, to groups.
import type { Connection } from "../wire/connection.ts";
import type { Companion } from "../people/chat.ts";
import { parseJid } from "../wire/jids.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import type { Network } from "../people/network.ts";
import { type BinaryNode, bytes, child, children, node, unixSeconds } from "../wire/nodes.ts";
import { deviceIdentityProblem } from "../wire/pairing.ts";
import { remember } from "../wire/recent.ts";

interface Addressed {
  readonly jid: string;
  readonly enc: BinaryNode;
}

/** Acknowledges a message of a client, unless a fault says otherwise, and hands it to everybody it is for. */
export async function routeMessage(
  network: Network,
  connection: Connection,
  sender: LinkedDevice,
  stanza: BinaryNode,
): Promise<void> {
  const { id, to } = stanza.attrs;
  remember(sender.sent, { id, to, node: stanza, at: Date.now() });
  if (!acknowledge(network, connection, sender, stanza)) return;
  const addressed = addressedIn(stanza);
  const shared = children(stanza, "enc").find((enc) => enc.attrs.type === "skmsg");
  if (addressed.length === 0 && !shared) network.complain(`message ${id} to ${to} is encrypted for nobody`);
  if (addressed.some(({ enc }) => enc.attrs.type === "pkmsg")) checkIdentity(network, sender, stanza);

  const forDevices = new Map<Companion, BinaryNode>();
  for (const { jid, enc } of addressed) {
    await handOver(network, sender, stanza, jid, enc, forDevices);
  }
  const group = network.groups.get(to);
  if (shared && group) {
    for (const contact of group.contacts) await contact.receiveShared(sender, stanza, shared);
  }
  const targets = shared && group ? group.devices.filter((device) => device !== sender) : forDevices.keys();
  for (const device of targets) {
    const own = forDevices.get(device);
    device.deliver(
      forwarded(network, sender, stanza, device, [...(own ? [own] : []), ...(shared ? [shared] : [])]),
    );
  }
  network.touch();
}

/** @returns Whether the message goes on. */
function acknowledge(
  network: Network,
  connection: Connection,
  sender: LinkedDevice,
  stanza: BinaryNode,
): boolean {
  const { faults } = network;
  const error = faults.refuse?.(stanza) ?? groupRefusal(network, sender, stanza);
  const { id, to } = stanza.attrs;
  const send = () =>
    connection.send(node("ack", { class: "message", id, from: to, t: unixSeconds(), error }));
  if (!faults.dropAck?.(stanza)) {
    if (faults.ackDelayMs) setTimeout(send, faults.ackDelayMs);
    else send();
  }
  return error === undefined;
}

/** Nobody writes into a group that does not exist, or where they may not. */
function groupRefusal(network: Network, sender: LinkedDevice, stanza: BinaryNode) {
  const { to, type } = stanza.attrs;
  if (!to.endsWith("@g.us")) return;
  const isVote = child(stanza, "meta")?.attrs.polltype === "vote";
  const what = type === "reaction" ? "reaction" : isVote ? "vote" : "message";
  const group = network.groups.get(to);
  return group === undefined ? 404 : group.refusalFor(sender.phone, what);
}

function addressedIn(stanza: BinaryNode): Addressed[] {
  const addressed: Addressed[] = [];
  for (const to of children(child(stanza, "participants"), "to")) {
    const enc = child(to, "enc");
    if (enc) addressed.push({ jid: to.attrs.jid, enc });
  }
  for (const enc of children(stanza, "enc")) {
    if (enc.attrs.type !== "skmsg") addressed.push({ jid: stanza.attrs.participant ?? stanza.attrs.to, enc });
  }
  return addressed;
}

function checkIdentity(network: Network, sender: LinkedDevice, stanza: BinaryNode): void {
  const raw = bytes(child(stanza, "device-identity"));
  const seen = raw.toString("base64");
  if (seen === sender.checkedIdentity) return;
  const problem = deviceIdentityProblem(raw, sender.identity, sender.phone.signal.identity.pub);
  if (problem) network.complain(`message ${stanza.attrs.id}: ${problem}`);
  else sender.checkedIdentity = seen;
}

async function handOver(
  network: Network,
  sender: LinkedDevice,
  stanza: BinaryNode,
  jid: string,
  enc: BinaryNode,
  forDevices: Map<Companion, BinaryNode>,
): Promise<void> {
  const { user, device: deviceId } = parseJid(jid);
  const person = network.find(user);
  if (!person) {
    network.complain(`message ${stanza.attrs.id} is encrypted for ${jid}, who is nobody`);
  } else if (person.kind === "contact") {
    await person.receive(sender, stanza, enc, deviceId);
  } else if (deviceId === 0) {
    await person.receive(sender, stanza, enc);
  } else {
    const device = person.devices.get(deviceId);
    // in lid groups Baileys encrypts its sender key for its own device too
    if (device && device !== sender) forDevices.set(device, node("enc", enc.attrs, bytes(enc)));
  }
}

/** The message as another linked device gets it: of the same phone, or of another one. */
function forwarded(
  network: Network,
  sender: LinkedDevice,
  stanza: BinaryNode,
  device: Companion,
  encs: BinaryNode[],
): BinaryNode {
  const { id, to, type, edit } = stanza.attrs;
  const { phone } = sender;
  const common = { id, type, edit, t: unixSeconds(), notify: phone.name };
  const group = network.groups.get(to);
  if (group) {
    const lid = group.addressing === "lid";
    const participant = lid ? sender.lidJid : sender.jid;
    return node("message", { ...common, ...group.participantAttrs(phone), from: to, participant }, encs);
  }
  if (device.phone === phone) return node("message", { ...common, from: sender.jid, recipient: to }, encs);
  const addressing = { addressing_mode: "lid", sender_pn: phone.pnJid };
  return node("message", { ...common, from: sender.lidJid, ...addressing }, encs);
}
