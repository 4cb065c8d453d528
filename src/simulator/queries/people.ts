// Queries about other people: who is on WhatsApp, on which devices, with which picture.
import { Buffer } from "node:buffer";
import { jidOf, parseJid, SERVER } from "../wire/jids.ts";
import type { SendingDevice } from "../people/chat.ts";
import type { Network, Somebody } from "../people/network.ts";
import { type BinaryNode, child, children, node, text, unixSeconds } from "../wire/nodes.ts";
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

/**
 * One round trip for many questions about many people: contact, devices, lid, status. Who is asked for by a phone
 * number is answered with their own number, which may be another one; a jid is taken as it is.
 */
function usync(network: Network, request: BinaryNode): BinaryNode {
  const asked = new Set(children(child(request, "query")).map((question) => question.tag));
  const users = children(child(request, "list"), "user").map((user) => {
    const query = text(child(user, "contact"));
    const person = user.attrs.jid ? network.find(user.attrs.jid) : network.lookUp(query.replace("+", ""));
    const jid = user.attrs.jid ?? person?.pnJid ?? jidOf(query.replace("+", ""), SERVER);
    return node("user", { jid }, aboutPerson(person, asked, jid, query));
  });
  return node("usync", { ...request.attrs }, [
    node("result", {}, [...asked].map((tag) => node(tag))),
    node("list", {}, users),
  ]);
}

function aboutPerson(
  person: Somebody | undefined,
  asked: ReadonlySet<string>,
  jid: string,
  query: string,
): BinaryNode[] {
  const parts: BinaryNode[] = [];
  if (asked.has("contact")) {
    parts.push(
      node("contact", { type: person ? "in" : "out" }, query === "" ? undefined : Buffer.from(query)),
    );
  }
  if (asked.has("devices") && person) {
    const devices = devicesOf(person).map(({ id, hosted }) =>
      node("device", { id, "key-index": id === 0 ? undefined : id, is_hosted: hosted ? "true" : undefined })
    );
    parts.push(node("devices", {}, [
      node("device-list", { hash: "2:sim" }, devices),
      node("key-index-list", { ts: unixSeconds() }),
    ]));
  }
  if (asked.has("lid") && person && parseJid(jid).server === SERVER) {
    parts.push(node("lid", { val: person.lidJid }));
  }
  if (asked.has("status")) parts.push(node("status", { t: unixSeconds() }, Buffer.from("simulated")));
  return parts;
}

function devicesOf(person: Somebody): SendingDevice[] {
  if (person.kind === "phone") return [{ id: 0 }, ...[...person.devices.keys()].map((id) => ({ id }))];
  return person.hasDevices ? [{ id: 0 }, ...person.devices.linked] : [];
}
