import type { OpenAPIHono } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { MediaCache } from "../../media/cache.ts";
import type { Uploads } from "../../media/uploads.ts";
import type { Events } from "../../store/events.ts";
import type { Store } from "../../store/store.ts";
import type { HttpEnv } from "../context.ts";
import { GRAPH_PATHS, type RouteGroup } from "../server.ts";
import { type CloudAccountDeps, createCloudAccountRoutes } from "./account.ts";
import { createCloudFiles } from "./files.ts";
import { createIdentity } from "./identity.ts";
import { createLinks } from "./links.ts";
import { createCloudDownloadRoutes, createCloudMediaRoutes } from "./media.ts";
import { type CloudMessageDeps, createCloudMessageRoutes } from "./messages.ts";

export interface CloudDeps
  extends
    Omit<CloudMessageDeps, "identity" | "cloudFiles">,
    Omit<CloudAccountDeps, "identity" | "cloudFiles" | "links" | "templates"> {
  readonly devices: Pick<DeviceService, "get" | "list">;
  readonly media: Pick<MediaCache, "get">;
  readonly uploads: Uploads;
  readonly events: Pick<Events, "bySeq">;
  readonly settings: Store["settings"];
  readonly alone: Store["alone"];
  readonly now: () => number;
}

/** Meta's Graph endpoints over linked numbers, so that programs written for the Cloud API send through them. */
export interface Cloud {
  /** With a key, wherever Graph's paths hang. */
  readonly keyed: readonly RouteGroup[];
  /** Without one: downloads by signed links. */
  readonly open: readonly RouteGroup[];
}

/** Wires the Graph endpoints. */
export function createCloud(deps: CloudDeps): Cloud {
  const identity = createIdentity(deps);
  const links = createLinks(deps);
  const cloudFiles = createCloudFiles(deps);
  const parts: readonly OpenAPIHono<HttpEnv>[] = [
    createCloudMessageRoutes({ ...deps, identity, cloudFiles }),
    createCloudMediaRoutes({ ...deps, identity, cloudFiles }),
    createCloudAccountRoutes({ ...deps, identity, cloudFiles, links }),
  ];
  const [prefix, version] = GRAPH_PATHS;
  const places = [prefix, `${prefix}${version}`, version];
  return {
    keyed: places.flatMap((at) => parts.map((routes) => ({ at, routes }))),
    open: [{ at: prefix, routes: createCloudDownloadRoutes({ links, cloudFiles }) }],
  };
}
