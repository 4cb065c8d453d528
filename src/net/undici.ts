// The parts of undici that the gateway's requests need. All of it takes three times as long to load: its `fetch`,
// caches, WebSockets and mocks are of no use here.
import Agent from "undici/lib/dispatcher/agent.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import ProxyAgent from "undici/lib/dispatcher/proxy-agent.js";
import connectBy from "undici/lib/api/api-connect.js";
import requestBy from "undici/lib/api/api-request.js";
import buildConnector from "undici/lib/core/connect.js";
import errors from "undici/lib/core/errors.js";

// as undici's own index.js does; a proxy is asked by `connect`
Dispatcher.prototype.request = requestBy;
Dispatcher.prototype.connect = connectBy;

export { Agent, buildConnector, errors, ProxyAgent };

type RequestOptions = Omit<Dispatcher.RequestOptions, "origin" | "path">;

/** Makes a request through a dispatcher. @see undici index.js `makeDispatcher` */
export function request(
  url: string | URL,
  { dispatcher, ...options }: RequestOptions & { readonly dispatcher: Dispatcher },
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(url);
  return dispatcher.request({ ...options, origin, path: pathname + search });
}
