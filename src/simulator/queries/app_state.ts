// Queries about app state: fetching patches that others made, and uploading one's own.
import { type BinaryNode, bytes, child, children, node } from "../wire/nodes.ts";
import { answer, type Handlers, type Query } from "./query.ts";

export const APP_STATE_QUERIES: Handlers = {
  "w:sync:app:state set sync": (query) => {
    const collections = children(query.ask, "collection").map((collection) =>
      syncCollection(query, collection)
    );
    return answer(node("sync", {}, collections));
  },
};

function syncCollection(query: Query, collection: BinaryNode): BinaryNode {
  const { network, device: { phone } } = query;
  const { name, version } = collection.attrs;
  const own = child(collection, "patch");
  if (own) {
    if (!phone.appState.push(name, Number(version), bytes(own))) {
      return node("collection", { name, type: "error" }, [node("error", { code: 409, text: "conflict" })]);
    }
    network.inBackground(`patch of ${name}`, phone.appState.read(bytes(own)).then(() => network.touch()));
    phone.tellSettings(name, query.device);
    return node("collection", { name, version: phone.appState.version(name) });
  }
  const missing = phone.appState.since(name, Number(version)).map((patch) => node("patch", {}, patch));
  const patches = missing.length > 0 ? [node("patches", {}, missing)] : undefined;
  return node("collection", { name, version: phone.appState.version(name) }, patches);
}
