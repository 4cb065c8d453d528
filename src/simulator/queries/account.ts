// Queries about the client's own account and its settings.
import { Buffer } from "node:buffer";
import { node } from "../wire/nodes.ts";
import { answer, type Handlers } from "./query.ts";

const PRIVACY = ["readreceipts", "last", "online", "profile", "status", "groupadd", "calladd"] as const;

export const ACCOUNT_QUERIES: Handlers = {
  "w:p get ping": () => answer(),
  "passive set active": ({ device }) => ({ content: [], then: () => device.goActive() }),
  "passive set passive": () => answer(),
  "abt get props": () => {
    const prop = node("prop", { config_code: 10518, config_value: 1 });
    return answer(node("props", { protocol: 1, hash: "sim1", refresh: 86400 }, [prop]));
  },
  "blocklist get -": () => answer(node("list", { matched: "false", dhash: "0" })),
  "blocklist set item": () => answer(node("list", { dhash: "1" })),
  "privacy get privacy": () => {
    return answer(node("privacy", {}, PRIVACY.map((name) => node("category", { name, value: "all" }))));
  },
  "privacy set privacy": () => answer(),
  "privacy set tokens": () => answer(node("tokens")),
  "w:m set media_conn": ({ network }) => {
    const host = node("host", { hostname: network.media.host, maxContentLengthBytes: 100_000_000 });
    const attrs = { auth: "simauth", ttl: 3600, auth_ttl: 21600, max_buckets: 12 };
    return answer(node("media_conn", attrs, [host]));
  },
  "w:mex get query": () => {
    const data = {
      xwa2_fetch_account_reachout_timelock: { is_active: false },
      xwa2_message_capping_info: {},
    };
    return answer(node("result", {}, Buffer.from(JSON.stringify({ data }))));
  },
  "w:stats undefined add": () => answer(),
  "w:stats set add": () => answer(),
  "urn:xmpp:whatsapp:dirty set clean": () => answer(),
  "status set status": () => answer(),
  "disappearing_mode set disappearing_mode": () => answer(),
  "md set remove-companion-device": ({ device }) => {
    device.phone.unlink(device);
    return answer();
  },
};
