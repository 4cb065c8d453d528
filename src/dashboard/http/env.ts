import type { Context } from "@hono/hono";
import type { HttpEnv } from "../../http/context.ts";
import type { Visit } from "../../tenants/sessions.ts";
import type { Cx, Look } from "../cx.ts";

/** What a request for a page carries through its handlers. */
export interface UiEnv {
  Variables: HttpEnv["Variables"] & {
    look: Look;
    visit: Visit;
    cx: Cx;
  };
  Bindings: HttpEnv["Bindings"] & {
    /** Drawn for the stream of live parts: nothing is said or spent. */
    readonly forStream?: boolean;
  };
}

export type UiContext = Context<UiEnv>;
