import type { Webhook } from "../../store/webhooks.ts";
import type { EndpointHealth } from "../../webhooks/endpoint_state.ts";
import type { Words } from "../words/mod.ts";
import type { Standing } from "./state.tsx";

/** How a webhook stands. */
export function webhookStanding(health: EndpointHealth, { webhooks: t }: Words): Standing {
  switch (health) {
    case "ok":
      return { word: t.active, icon: "circle-check", tone: "ok" };
    case "failing":
    case "given_up":
      return { word: t.failing, icon: "triangle-alert", tone: "warn" };
    case "probing":
      return { word: t.probing, icon: "radar", tone: "info" };
    case "draining":
      return { word: t.draining, icon: "rotate-cw", tone: "info" };
    case "paused":
      return { word: t.paused, icon: "pause", tone: "idle" };
    case "disabled":
      return { word: t.disabled, icon: "octagon-x", tone: "bad" };
  }
}

/** Host and path of a webhook's URL, by which people know it; never its query, which may hold a key. */
export function placeOf({ url }: Pick<Webhook, "url">): string {
  const parsed = URL.parse(url);
  return parsed === null ? url : parsed.host + (parsed.pathname === "/" ? "" : parsed.pathname);
}

/** Host and port of a URL; undefined without one. */
export function hostOf(url: string): string;
export function hostOf(url: string | undefined): string | undefined;
export function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : URL.parse(url)?.host ?? url;
}
