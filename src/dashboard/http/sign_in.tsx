import { Hono } from "@hono/hono";
import type { ClientAddressOf } from "../../http/client_address.ts";
import type { Sessions } from "../../tenants/sessions.ts";
import type { Look } from "../cx.ts";
import { Door } from "../pages/door.tsx";
import { setPreference, setSessionToken } from "./cookies.ts";
import { sendHtml } from "./draw.tsx";
import type { UiContext, UiEnv } from "./env.ts";
import { readForm, refuseOtherSites, safeNext } from "./forms.ts";

export interface SignInDeps {
  readonly sessions: Sessions;
  readonly clientAddress: ClientAddressOf;
  readonly isReady: () => Promise<boolean>;
  readonly publicOrigin: string | undefined;
}

/** The way in. It has no session yet, so the origin alone tells forms of ours from others. */
export function createSignInRoutes(deps: SignInDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const door = async (
    c: UiContext,
    facts: { next: string; over?: boolean; fault?: string; status?: 422 | 429 },
  ) => {
    const { next, over = false, fault, status } = facts;
    const ready = await deps.isReady();
    const look = c.get("look");
    return await sendHtml(
      c,
      <Door look={look} next={next} fault={fault} over={over} ready={ready} />,
      status,
    );
  };

  routes.get("/sign-in", (c) => {
    const next = safeNext(c.req.query("next"));
    return door(c, { next, over: c.req.query("over") !== undefined });
  });

  routes.post("/sign-in", async (c) => {
    refuseOtherSites(c, deps.publicOrigin);
    const form = await readForm(c, undefined);
    const look = c.get("look");
    const next = safeNext(form.text("next"));
    const key = form.text("key");
    if (key === "") return await door(c, { next, fault: look.t.door.empty, status: 422 });
    const address = deps.clientAddress(c);
    const result = await deps.sessions.signIn(key, { address, userAgent: c.req.header("User-Agent") ?? "" });
    if (result.ok) {
      setSessionToken(c, result.token);
      if (form.text("lang") !== "") setPreference(c, "lang", look.lang);
      return c.redirect(result.session.isOperator && next === "/ui" ? "/ui/tenants" : next, 303);
    }
    if (result.reason === "wait") {
      const seconds = Math.ceil(result.waitMs / 1_000);
      c.header("Retry-After", String(seconds));
      return await door(c, { next, fault: look.t.door.wait(seconds), status: 429 });
    }
    const fault = result.reason === "suspended" ? look.t.door.suspended : faultOf(key, look);
    return await door(c, { next, fault, status: 422 });
  });

  return routes;
}

/** Keys that are cut off while copying are the commonest mistake. */
function faultOf(key: string, { t }: Look): string {
  const isCut = key.startsWith("kbr_") && key.length !== 47;
  return isCut ? t.door.unknownCut(key.length) : t.door.unknown;
}
