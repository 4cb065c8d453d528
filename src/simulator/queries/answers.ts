// Answers the queries (iq) that clients send after login.
import { ACCOUNT_QUERIES } from "./account.ts";
import { APP_STATE_QUERIES } from "./app_state.ts";
import type { Connection } from "../wire/connection.ts";
import { GROUP_QUERIES } from "./groups.ts";
import { SERVER } from "../wire/jids.ts";
import { KEY_QUERIES } from "./keys.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import type { Network } from "../people/network.ts";
import { type BinaryNode, children, node } from "../wire/nodes.ts";
import { PEOPLE_QUERIES } from "./people.ts";
import { type Answer, type Handlers, refuse } from "./query.ts";
import { remember } from "../wire/recent.ts";

const HANDLERS: Handlers = {
  ...ACCOUNT_QUERIES,
  ...APP_STATE_QUERIES,
  ...GROUP_QUERIES,
  ...KEY_QUERIES,
  ...PEOPLE_QUERIES,
};

/** The name under which a query is handled and counted: "xmlns type child". */
export function queryName(iq: BinaryNode): string {
  return `${iq.attrs.xmlns} ${iq.attrs.type} ${children(iq)[0]?.tag ?? "-"}`;
}

/** Sends the answer to a query. */
export function sendAnswer(connection: Connection, iq: BinaryNode, answer: Answer): void {
  const { id, to } = iq.attrs;
  const from = to === `@${SERVER}` ? SERVER : to;
  if ("refused" in answer) {
    const error = node("error", { code: answer.refused, text: answer.text });
    return connection.send(node("iq", { from, type: "error", id }, [error]));
  }
  connection.send(
    node("iq", { from, type: "result", id }, answer.content.length > 0 ? answer.content : undefined),
  );
  answer.then?.();
}

/** Answers a query; one that nobody knows is refused and put on `network.unknown`. */
export function answerQuery(
  network: Network,
  connection: Connection,
  device: LinkedDevice,
  iq: BinaryNode,
): void {
  const handler = HANDLERS[queryName(iq)];
  if (!handler) {
    remember(network.unknown, iq);
    return sendAnswer(connection, iq, refuse(501, "feature-not-implemented"));
  }
  const ask = children(iq)[0] ?? node("nothing");
  sendAnswer(connection, iq, handler({ network, device, iq, ask }));
}
