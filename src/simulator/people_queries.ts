// Queries about other people: who is on WhatsApp, on which devices, with which picture.
import { Buffer } from "node:buffer";
import { Contact } from "./contact.ts";
import { jidOf, parseJid, SERVER } from "./jids.ts";
import type { Network } from "./network.ts";
import { type BinaryNode, child, children, node, text, unixSeconds } from "./nodes.ts";
import { answer, type Handlers, refuse } from "./query.ts";

export const PEOPLE_QUERIES: Handlers = {
  "usync get usync": ({ network, ask }) => answer(usync(network, ask)),
  "w:profile:picture get picture": ({ network, iq, ask }) => {
    const url = network.findContact(iq.attrs.target ?? iq.attrs.to)?.pictureUrl;
    return url === undefined
      ? refuse(404, "item-not-found")
      : answer(node("picture", { ...ask.attrs, id: 1, url }));
  },
  "w:profile:picture set picture": () => answer(node("picture", { id: 1 })),
  "w:profile:picture set -": () => answer(),
  "w:biz get business_profile": () => answer(node("business_profile", { v: 244 })),
  "bot get bot": () => answer(node("bot", { v: 2 })),
};

/** One round trip for many questions about many people: contact, devices, lid, status. */
function usync(network: Network, request: BinaryNode): BinaryNode {
  const asked = new Set(children(child(request, "query")).map((question) => question.tag));
  const users = children(child(request, "list"), "user").map((user) => {
    const phone = text(child(user, "contact")).replace("+", "");
    const jid = user.attrs.jid ? user.attrs.jid : jidOf(phone, SERVER);
    return node("user", { jid }, aboutPerson(network, asked, jid));
  });
  return node("usync", { ...request.attrs }, [
    node("result", {}, [...asked].map((tag) => node(tag))),
    node("list", {}, users),
  ]);
}

function aboutPerson(network: Network, asked: ReadonlySet<string>, jid: string): BinaryNode[] {
  const { user, server } = parseJid(jid);
  const person = network.find(user);
  const parts: BinaryNode[] = [];
  if (asked.has("contact")) parts.push(node("contact", { type: person ? "in" : "out" }));
  if (asked.has("devices") && person) {
    const ids = [0, ...(person instanceof Contact ? [] : person.devices.keys())];
    const devices = ids.map((id) => node("device", { id, "key-index": id === 0 ? undefined : id }));
    parts.push(node("devices", {}, [
      node("device-list", { hash: "2:sim" }, devices),
      node("key-index-list", { ts: unixSeconds() }),
    ]));
  }
  if (asked.has("lid") && person && server === SERVER) parts.push(node("lid", { val: person.lidJid }));
  if (asked.has("status")) parts.push(node("status", { t: unixSeconds() }, Buffer.from("simulated")));
  return parts;
}
