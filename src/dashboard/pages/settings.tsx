import { Hono } from "@hono/hono";
import type { Settings } from "../../config.ts";
import { NotFoundError } from "../../errors.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { SignIn } from "../../store/sign_ins.ts";
import type { Sessions } from "../../tenants/sessions.ts";
import type { Tenancy } from "../../tenants/tenancy.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiEnv } from "../http/env.ts";
import { Ask } from "../parts/ask.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Do } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Facts, Head, Notice, Panel } from "../parts/layout.tsx";
import { Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { SettingValues } from "./settings_values.tsx";
import { KeyOnce } from "./key_once.tsx";

const THEMES = ["system", "light", "dark"] as const;

export interface SettingsPageDeps {
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly tenancy: Tenancy;
}

/** Who is signed in, the key, and, for the operator, how the gateway is set. */
export function createSettingsPages({ sessions, settings, tenancy }: SettingsPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const keyIsSetting = (cx: Cx) => cx.visit.tenant.id === DEFAULT_TENANT && settings.API_KEY !== undefined;

  routes.get("/settings", async (c) => {
    const cx = c.get("cx");
    const { t, visit } = cx;
    const isOwner = visit.tenant.id === DEFAULT_TENANT;
    const mine = visit.session === null ? [] : await sessions.list(visit);
    const themes = { system: t.shell.themeSystem, light: t.shell.themeLight, dark: t.shell.themeDark };
    const main = (
      <>
        <Head cx={cx} title={t.shell.settings} sub={t.system.settingsSub} />
        {c.req.query("ask") === "rotate" && !keyIsSetting(cx)
          ? (
            <Ask
              cx={cx}
              title={t.system.askRotate}
              action="/ui/settings/rotate-key"
              label={t.system.rotate}
              back="/ui/settings"
            >
              {t.system.askRotateWhy}
            </Ask>
          )
          : ""}
        {isOwner && settings.ENCRYPTION_KEY === undefined
          ? <Notice tone="warn">{t.system.unencrypted}</Notice>
          : ""}
        {isOwner && settings.RECEIVERS_OPEN ? <Notice tone="warn">{t.system.receiversOpen}</Notice> : ""}
        {isOwner && settings.MASTER_KEY === undefined ? <Notice>{t.system.noMaster}</Notice> : ""}
        <SessionsPanel cx={cx} sessions={mine} />
        <div class="two">
          <Panel title={t.system.key}>
            <p class="hush">{t.system.keySub}</p>
            {keyIsSetting(cx) ? <Notice>{t.system.keyIsSetting}</Notice> : (
              <p>
                <a class="button" href="/ui/settings?ask=rotate">
                  <Icon name="key-round" />
                  {t.system.rotate}
                </a>
              </p>
            )}
          </Panel>
          <Panel title={t.system.look}>
            <Facts
              rows={[
                [
                  t.shell.hotkeys,
                  <div class="row">
                    {cx.hotkeys ? t.system.keysOn : t.system.keysOff}
                    <Do
                      cx={cx}
                      action="/ui/look"
                      hidden={{ keys: cx.hotkeys ? "off" : "on", back: "/ui/settings" }}
                      label={cx.hotkeys ? t.system.switchOff : t.system.switchOn}
                      look="small"
                    />
                  </div>,
                ],
                [
                  t.shell.language,
                  <div class="row">
                    {cx.lang === "id" ? "Bahasa Indonesia" : "English"}
                    <Do
                      cx={cx}
                      action="/ui/look"
                      hidden={{ lang: cx.lang === "en" ? "id" : "en", back: "/ui/settings" }}
                      label={t.shell.languageName}
                      look="small"
                    />
                  </div>,
                ],
                [
                  t.shell.theme,
                  <div class="row">
                    {themes[cx.theme]}
                    {THEMES.filter((theme) => theme !== cx.theme).map((theme) => (
                      <Do
                        cx={cx}
                        action="/ui/look"
                        hidden={{ theme, back: "/ui/settings" }}
                        label={themes[theme]}
                        look="small"
                      />
                    ))}
                  </div>,
                ],
                [t.system.zone, `${cx.f.zone} (${t.system.zoneWhy})`],
              ]}
            />
          </Panel>
        </div>
        {isOwner ? <SettingValues cx={cx} settings={settings} /> : ""}
      </>
    );
    return await draw(c, { title: t.shell.settings, at: "settings", main });
  });

  routes.post("/settings/rotate-key", async (c) => {
    const cx = c.get("cx");
    const key = await tenancy.rotateKey(cx.visit.tenant.id);
    const main = (
      <KeyOnce cx={cx} title={cx.t.system.newKey} keyText={key} signInAgain={!cx.visit.isOperator} />
    );
    return await draw(c, { title: cx.t.system.newKey, at: "settings", main });
  });

  routes.post("/settings/sessions/end-others", async (c) => {
    const cx = c.get("cx");
    const ended = await sessions.endOthers(cx.visit);
    return goTo(c, "/ui/settings#sessions", cx.t.system.didEndOthers(cx.f.number(ended)));
  });

  routes.post("/settings/sessions/:id/end", async (c) => {
    const { t, visit } = c.get("cx");
    const id = c.req.param("id");
    if (visit.session === null) throw new NotFoundError("session", id);
    await sessions.end(visit, id);
    return goTo(c, "/ui/settings#sessions", t.system.didEnd);
  });

  return routes;
}

function SessionsPanel({ cx, sessions }: { readonly cx: Cx; readonly sessions: readonly SignIn[] }) {
  const { t, visit } = cx;
  if (visit.session === null) {
    return (
      <Panel title={t.system.sessions} id="sessions">
        <p class="hush">{t.system.noSessions}</p>
      </Panel>
    );
  }
  return (
    <Panel
      title={t.system.sessions}
      note={t.system.sessionsNote}
      id="sessions"
      actions={sessions.length < 2
        ? undefined
        : <Do cx={cx} action="/ui/settings/sessions/end-others" label={t.system.endOthers} look="small" />}
      bare
    >
      <Table
        columns={[
          t.system.browser,
          { name: t.system.address, look: "unlisted" },
          { name: t.system.since, look: "unlisted" },
          t.system.seen,
          { name: t.shell.actions, hidden: true },
        ]}
      >
        {sessions.map(({ id, userAgent, address, createdAt, seenAt, parentId }) => (
          <tr>
            <td>
              <Foreign text={browserOf(userAgent)} max={60} />
              {id === visit.session?.id ? <span class="sub">{t.system.thisOne}</span> : ""}
              {parentId === null ? "" : <span class="sub">{t.system.standIn}</span>}
            </td>
            <td class="unlisted">
              <Foreign text={address ?? "–"} max={60} />
            </td>
            <td class="unlisted">
              <Ago cx={cx} at={createdAt} />
            </td>
            <td>
              <Ago cx={cx} at={seenAt} />
            </td>
            <td class="num">
              <Do cx={cx} action={`/ui/settings/sessions/${id}/end`} label={t.system.end} look="small" />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

/** The browser and the system that a User-Agent names, else its beginning. */
function browserOf(userAgent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\/(\d+)/.exec(userAgent);
  const system = /\((?:X11; )?(Linux|Windows|Macintosh|iPhone|iPad|Android)/.exec(userAgent)?.[1];
  if (browser === null) return userAgent === "" ? "?" : userAgent.slice(0, 60);
  return `${browser[1]} ${browser[2]}${system === undefined ? "" : `, ${system}`}`;
}
