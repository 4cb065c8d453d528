// Queries about encryption keys: uploading prekeys, fetching somebody's.
import { Buffer } from "node:buffer";
import { parseJid } from "../wire/jids.ts";
import type { Network } from "../people/network.ts";
import { bytes, child, children, node } from "../wire/nodes.ts";
import { bundleToNode, type PreKeyBundle, readKeyId, readSignedPreKey } from "../wire/prekeys.ts";
import { answer, type Handlers } from "./query.ts";

export const KEY_QUERIES: Handlers = {
  "encrypt get count": ({ device }) => answer(node("count", { value: device.preKeys.size })),
  "encrypt get digest": () => answer(node("digest", {}, [node("hash", {}, Buffer.alloc(20))])),
  "encrypt set registration": ({ network, device, iq }) => {
    for (const key of children(child(iq, "list"), "key")) {
      device.preKeys.set(readKeyId(key), bytes(child(key, "value")));
    }
    const identity = bytes(child(iq, "identity"));
    if (!identity.equals(device.identity)) {
      network.complain(`${device.jid} uploads prekeys of another identity`);
    }
    return answer();
  },
  "encrypt set rotate": ({ device, ask }) => {
    device.signedPreKey = readSignedPreKey(child(ask, "skey"));
    return answer();
  },
  "encrypt get key": ({ network, ask }) => {
    const users = children(ask, "user").map(({ attrs: { jid } }) => {
      const bundle = bundleFor(network, jid);
      if (bundle) return bundleToNode(jid, bundle);
      return node("user", { jid }, [node("error", { code: 404, text: "item-not-found" })]);
    });
    return answer(node("list", {}, users));
  },
};

function bundleFor(network: Network, jid: string): PreKeyBundle | undefined {
  const { user, device } = parseJid(jid);
  const person = network.find(user);
  if (device === 0) return person?.signal.bundle();
  if (person?.kind === "phone") return person.devices.get(device)?.takeBundle();
  const isLinked = person?.devices.linked.some(({ id }) => id === device);
  return isLinked ? person?.signalOf(device).bundle() : undefined;
}
