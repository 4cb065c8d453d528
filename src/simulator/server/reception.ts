// What happens to each stanza of a client that is logged in.
import type { Connection } from "../wire/connection.ts";
import { appStateKeyShare } from "../people/history.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import { answerMediaRetry } from "./media_retry.ts";
import type { Network } from "../people/network.ts";
import { type BinaryNode, child, children, node } from "../wire/nodes.ts";
import { answerQuery, queryName, sendAnswer } from "../queries/answers.ts";
import { refuse } from "../queries/query.ts";
import { remember } from "../wire/recent.ts";
import { routeMessage } from "./routing.ts";

export interface ReceptionOptions {
  /** What phones do after linking; "silent" leaves Baileys waiting 20 s before it lets events out. */
  afterPairing?: "history" | "silent";
}

export function receiveStanza(
  network: Network,
  options: ReceptionOptions,
  connection: Connection,
  device: LinkedDevice,
  stanza: BinaryNode,
): void {
  const { id, type } = stanza.attrs;
  switch (stanza.tag) {
    case "iq":
      if (type !== "result" && type !== "error") receiveQuery(network, connection, device, stanza);
      return;
    case "message":
      return network.inBackground(`message ${id}`, routeMessage(network, connection, device, stanza));
    case "receipt":
      return receiveReceipt(network, connection, device, stanza);
    case "ack":
      remember(device.acks, stanza);
      return device.settle(stanza);
    case "presence":
    case "chatstate":
      return remember(device.presence, stanza);
    case "ib":
      if (child(stanza, "offline_batch")) catchUp(network, options, device);
      return;
    case "call":
      return receiveCall(network, connection, device, stanza);
    default:
      remember(network.unknown, stanza);
  }
}

function receiveQuery(network: Network, connection: Connection, device: LinkedDevice, iq: BinaryNode): void {
  const name = queryName(iq);
  network.queries.set(name, (network.queries.get(name) ?? 0) + 1);
  const { ignoreQueries, queryErrors } = network.faults;
  if (ignoreQueries?.has(iq.attrs.xmlns)) return;
  const code = queryErrors?.get(iq.attrs.xmlns);
  if (code === undefined) answerQuery(network, connection, device, iq);
  else sendAnswer(connection, iq, refuse(code, code === 429 ? "rate-overlimit" : "simulated-error"));
}

function receiveCall(network: Network, connection: Connection, device: LinkedDevice, call: BinaryNode): void {
  const { id, to } = call.attrs;
  connection.send(node("ack", { class: "call", id, from: to }));
  remember(device.sent, { id, to, node: call, at: Date.now() });
  const [step] = children(call);
  if (step !== undefined) network.findContact(to)?.hearCall(device, step.attrs["call-id"], step.tag);
}

function receiveReceipt(
  network: Network,
  connection: Connection,
  device: LinkedDevice,
  receipt: BinaryNode,
): void {
  const { id, to, type, participant } = receipt.attrs;
  remember(device.receipts, receipt);
  const ids = [id, ...children(child(receipt, "list"), "item").map((item) => item.attrs.id)];
  for (const settled of ids) device.settleMessage(settled, to, participant);
  connection.send(node("ack", { class: "receipt", id, from: to, type }));
  if (type === "server-error") return answerMediaRetry(network, device, receipt);
  const sender = participant ?? to; // missing in what a client says about its own phone's messages
  const contact = sender === undefined ? undefined : network.findContact(sender);
  if (!contact) return;
  if (type === "retry") network.inBackground(`retry of ${id}`, contact.resend(device, receipt));
  else remember(contact.receipts, { ids, by: device.phone, type: type ?? "delivered", at: Date.now() });
}

function catchUp(network: Network, options: ReceptionOptions, device: LinkedDevice): void {
  device.sendBacklog();
  if (device.historySent || options.afterPairing === "silent") return;
  device.historySent = true;
  network.inBackground("history", greet(network, device));
}

/** What a phone sends a freshly linked device: the key for chat settings, then its chats. */
async function greet(network: Network, device: LinkedDevice): Promise<void> {
  const phone = network.findPhone(device.phone.number);
  if (phone === undefined) return;
  await phone.sendPeer(device, appStateKeyShare(phone.appState, device.id));
  await phone.sendHistory(device, { chats: phone.history, mappings: network.contacts });
  device.greeted = true;
  network.touch();
}
