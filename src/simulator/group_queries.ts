// Queries about groups.
import { node } from "./nodes.ts";
import { answer, type Handlers, refuse } from "./query.ts";

export const GROUP_QUERIES: Handlers = {
  "w:g2 get query": ({ network, iq }) => {
    const group = network.groups.get(iq.attrs.to);
    return group ? answer(group.toNode()) : refuse(404, "item-not-found");
  },
  "w:g2 get participating": ({ network, device }) => {
    const groups = [...network.groups.values()].filter((group) => group.members.has(device.phone));
    return answer(node("groups", {}, groups.map((group) => group.toNode())));
  },
};
