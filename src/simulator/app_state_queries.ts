// Queries about app state: the chat settings (archived, muted, names) that the devices of a phone share.
import { children, node } from "./nodes.ts";
import { answer, type Handlers } from "./query.ts";

export const APP_STATE_QUERIES: Handlers = {
  "w:sync:app:state set sync": ({ ask }) => {
    const collections = children(ask, "collection").map(({ attrs: { name, version } }) =>
      node("collection", { name, version })
    );
    return answer(node("sync", {}, collections));
  },
};
