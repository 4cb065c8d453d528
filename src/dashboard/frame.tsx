import type { Child } from "@hono/hono/jsx";
import { assetUrl } from "./assets/assets.ts";
import type { IconName } from "./assets/icon_names.ts";
import { failingIn } from "../insight/attention.ts";
import type { Cx, FrameFacts, Look } from "./cx.ts";
import { Foreign } from "./parts/foreign.tsx";
import { Do, Form } from "./parts/form.tsx";
import { Icon, Mark } from "./parts/icon.tsx";
import { Menu } from "./parts/layout.tsx";

/** The pages that the side lists. */
export type Place =
  | "home"
  | "devices"
  | "chats"
  | "webhooks"
  | "deliveries"
  | "events"
  | "messages"
  | "blasts"
  | "templates"
  | "opt-outs"
  | "keys"
  | "logs"
  | "settings"
  | "tenants"
  | "fleet"
  | "catalogue"
  | "guide"
  | "api";

interface Entry {
  readonly place: Place;
  readonly icon: IconName;
  readonly to: string;
  /** Operators only. */
  readonly operator?: boolean;
}

const GROUPS: readonly {
  readonly name: "whatsapp" | "delivery" | "sending" | "system" | "docs" | undefined;
  readonly entries: readonly Entry[];
}[] = [
  { name: undefined, entries: [{ place: "home", icon: "house", to: "/ui" }] },
  {
    name: "whatsapp",
    entries: [
      { place: "devices", icon: "smartphone", to: "/ui/devices" },
      { place: "chats", icon: "messages-square", to: "/ui/chats" },
    ],
  },
  {
    name: "delivery",
    entries: [
      { place: "webhooks", icon: "webhook", to: "/ui/webhooks" },
      { place: "deliveries", icon: "route", to: "/ui/deliveries" },
      { place: "events", icon: "activity", to: "/ui/events" },
    ],
  },
  {
    name: "sending",
    entries: [
      { place: "messages", icon: "send", to: "/ui/messages" },
      { place: "blasts", icon: "megaphone", to: "/ui/blasts" },
      { place: "templates", icon: "file-text", to: "/ui/templates" },
      { place: "opt-outs", icon: "ban", to: "/ui/opt-outs" },
    ],
  },
  {
    name: "system",
    entries: [
      { place: "tenants", icon: "building-2", to: "/ui/tenants", operator: true },
      { place: "fleet", icon: "radar", to: "/ui/fleet", operator: true },
      { place: "keys", icon: "key-round", to: "/ui/keys" },
      { place: "logs", icon: "scroll-text", to: "/ui/logs" },
      { place: "settings", icon: "settings-2", to: "/ui/settings" },
    ],
  },
  {
    name: "docs",
    entries: [
      { place: "guide", icon: "book-open", to: "/docs/guide/first-webhook" },
      { place: "catalogue", icon: "library", to: "/ui/catalogue" },
      { place: "api", icon: "braces", to: "/docs" },
    ],
  },
];

/** What a place is called. */
function nameOf(place: Place, { t }: Cx): string {
  return t.shell[place === "opt-outs" ? "optOuts" : place];
}

/** What the bar at the foot of a phone holds; the rest is under "More". */
const BELOW: readonly Place[] = ["home", "chats", "deliveries", "blasts"];

const HTMX = JSON.stringify({
  morphIgnore: ["data-htmx-powered", "open", "data-sent", "aria-pressed"],
  defaultTimeout: 15_000,
  extensions: "sse",
});

/** The whole document around a body. */
export function Document({ look, title, children, refresh, always = false, stream = false }: {
  readonly look: Look;
  readonly title: string;
  readonly children?: Child;
  /** Without scripts the page is loaded again after so many seconds. */
  readonly refresh?: number;
  /** With scripts, too. */
  readonly always?: boolean;
  readonly stream?: boolean;
}) {
  const { lang, theme, t } = look;
  const again = refresh === undefined ? "" : <meta http-equiv="refresh" content={String(refresh)} />;
  return (
    <html lang={lang} data-theme={theme === "system" ? undefined : theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Kabar`}</title>
        <link rel="icon" href={assetUrl("mark.svg")} type="image/svg+xml" />
        <link rel="preload" href={assetUrl("inter.woff2")} as="font" type="font/woff2" crossorigin="" />
        <link rel="stylesheet" href={assetUrl("ui.css")} />
        {refresh === undefined || always ? again : <noscript>{again}</noscript>}
        {stream ? <meta name="htmx-config" content={HTMX} /> : ""}
        {stream ? <script src={assetUrl("htmx.js")} defer></script> : ""}
        <script src={assetUrl("ui.js")} defer></script>
      </head>
      <body
        data-copied={t.shell.copied}
        data-live={t.shell.live}
        data-lost={t.shell.lost}
        data-lost-at={t.shell.lostAt}
        data-held={t.shell.held}
        data-over={t.shell.over}
        data-keys={look.hotkeys ? undefined : "off"}
      >
        {children}
      </body>
    </html>
  );
}

/** A page with everything around it. */
export function Frame({ cx, title, at, children, stream, refresh }: {
  readonly cx: Cx;
  readonly title: string;
  readonly at?: Place;
  readonly children?: Child;
  /** The path that the stream of live parts follows. */
  readonly stream?: string;
  readonly refresh?: number;
}) {
  const { t, visit } = cx;
  return (
    <Document look={cx} title={title} refresh={refresh} stream={stream !== undefined}>
      <a class="skip" href="#main">{t.shell.skip}</a>
      <div class="frame">
        <aside class="side" aria-label="Kabar">
          <Brand />
          <Whose cx={cx} />
          <nav class="nav" aria-label={t.shell.pages}>
            <Places cx={cx} at={at} />
          </nav>
          <GatewayState cx={cx} />
        </aside>
        <div class="column">
          <Bar cx={cx} live={stream !== undefined} />
          {visit.isStandIn
            ? (
              <div class="banner">
                <Icon name="users" />
                <span class="grow">{t.shell.standIn(visit.tenant.name)}</span>
                <Form cx={cx} action="/ui/sign-out">
                  <button class="button small" type="submit">{t.shell.leave}</button>
                </Form>
              </div>
            )
            : ""}
          {stream === undefined ? "" : (
            <div class="over-page">
              <section class="banner" id="stream-lost" aria-label={t.shell.lost} hidden>
                <Icon name="unplug" />
                <span class="grow" role="status"></span>
                <a
                  class="button small"
                  href={`/ui/sign-in?next=${encodeURIComponent(cx.here)}`}
                  target="_blank"
                  rel="noopener"
                >
                  {t.shell.signInAgain}
                </a>
              </section>
            </div>
          )}
          <main id="main" tabindex={-1}>{children}</main>
        </div>
        <TabsBelow cx={cx} at={at} />
      </div>
      {cx.flash === undefined ? "" : (
        <div class="toast" role="status">
          <Foreign text={cx.flash.says} />
          {cx.flash.undo === undefined ? "" : (
            <Do
              cx={cx}
              action={cx.flash.undo.action}
              hidden={cx.flash.undo.fields}
              label={t.shell.undo}
              look="small"
            />
          )}
        </div>
      )}
      <dialog id="keys" aria-labelledby="keys-title">
        <h2 id="keys-title">{t.shell.hotkeys}</h2>
        <dl class="facts loose">
          {([
            ["/", t.shell.keyFind],
            ["g h d c w l e b", t.shell.keyGo],
            ["j k", t.shell.keyRows],
            ["Enter", t.shell.keyOpen],
            ["c", t.shell.keyCopy],
            ["r", t.shell.keyRetry],
            [".", t.shell.keyHold],
            ["?", t.shell.keyList],
          ] as const).map(([keys, does]) => (
            <>
              <dt>{keys.split(" ").map((key) => <kbd>{key}</kbd>)}</dt>
              <dd>{does}</dd>
            </>
          ))}
        </dl>
        <button class="button" type="button" data-close>{t.shell.close}</button>
      </dialog>
      {stream === undefined
        ? ""
        : <div hx-sse:connect={`/ui/live?page=${encodeURIComponent(stream)}`} hx-swap="none" hidden></div>}
    </Document>
  );
}

export function Brand() {
  return (
    <a class="brand" href="/ui" aria-label="Kabar">
      <Mark />
      <span>Kabar</span>
    </a>
  );
}

function Whose({ cx: { visit, t } }: { readonly cx: Cx }) {
  const { tenant, isOperator } = visit;
  const face = (
    <>
      <span class="face" aria-hidden="true" hx-ignore>{initials(tenant.name)}</span>
      <span class="cut grow" hx-ignore>{tenant.name}</span>
    </>
  );
  if (!isOperator) return <div class="whose">{face}</div>;
  return (
    <a class="whose" href="/ui/tenants" title={t.shell.tenants}>
      {face}
      <Icon name="chevrons-up-down" />
    </a>
  );
}

/** At most two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
  const [first = "?", second] = words;
  const letters = second === undefined ? [...first].slice(0, 2) : [[...first][0], [...second][0]];
  return letters.join("").toUpperCase();
}

function Places({ cx, at, omit = [] }: {
  readonly cx: Cx;
  readonly at: Place | undefined;
  readonly omit?: readonly Place[];
}) {
  const { t, frame, visit } = cx;
  const badges = badgesOf(frame);
  return (
    <>
      {GROUPS.map(({ name, entries }) => {
        const shown = entries.filter(({ place, operator }) =>
          !omit.includes(place) && (!operator || visit.isOperator && !visit.isStandIn)
        );
        if (shown.length === 0) return "";
        return (
          <>
            {name === undefined || omit.length > 0 ? "" : <h2>{t.shell[name]}</h2>}
            {shown.map(({ place, icon, to }) => (
              <a href={to} aria-current={place === at ? "page" : undefined}>
                <Icon name={icon} />
                {nameOf(place, cx)}
                <Badge count={badges[place] ?? 0} cx={cx} />
              </a>
            ))}
          </>
        );
      })}
    </>
  );
}

/** What is counted beside the names of places: things that need somebody, and failing deliveries. */
function badgesOf({ needs }: FrameFacts): Partial<Record<Place, number>> {
  return { home: needs.length, deliveries: failingIn(needs) };
}

function Badge({ count, cx }: { readonly count: number; readonly cx: Cx }) {
  return count === 0 ? <></> : <span class="badge">{count > 999 ? "999+" : cx.f.number(count)}</span>;
}

function GatewayState({ cx: { t, f, frame, now } }: { readonly cx: Cx }) {
  return (
    <div class="gateway small">
      <span class={frame.ready ? "state ok" : "state bad"}>
        <Icon name={frame.ready ? "circle-check" : "triangle-alert"} />
        {frame.ready ? t.shell.gatewayReady : t.shell.gatewayNotReady}
      </span>
      <span class="faint">{frame.version} · {t.shell.up(f.span(now - frame.startedAt))}</span>
    </div>
  );
}

function Bar({ cx, live }: { readonly cx: Cx; readonly live: boolean }) {
  const { t, visit } = cx;
  return (
    <header class="bar">
      <Brand />
      <form class="find" action="/ui/find" role="search">
        <Icon name="search" />
        <input
          name="q"
          type="search"
          placeholder={t.shell.findWhat}
          aria-label={t.shell.findWhat}
          autocomplete="off"
          maxlength={300}
        />
        <kbd aria-hidden="true">/</kbd>
      </form>
      {live ? <span class="live">{t.shell.live}</span> : ""}
      <Form cx={cx} action="/ui/look" class="wide">
        <input type="hidden" name="back" value={cx.here} />
        <button
          type="submit"
          class="button bare icon"
          name="lang"
          value={cx.lang === "en" ? "id" : "en"}
          title={t.shell.languageName}
          aria-label={t.shell.languageName}
          lang={cx.lang === "en" ? "id" : "en"}
        >
          <Icon name="languages" />
        </button>
      </Form>
      <div class="wide">
        <Menu label={t.shell.theme} icon="sun-moon" look="bare icon">
          <ThemeChoice cx={cx} />
        </Menu>
      </div>
      <Menu label={t.shell.account} icon="circle-user-round" look="bare icon">
        <div class="item">
          <span class="face" aria-hidden="true" hx-ignore>{initials(visit.tenant.name)}</span>
          <b class="cut" hx-ignore>{visit.tenant.name}</b>
        </div>
        <hr />
        <a class="item" href="/ui/settings#sessions">
          <Icon name="key-round" />
          {t.shell.sessions}
        </a>
        <div class="listed">
          <Form cx={cx} action="/ui/look">
            <input type="hidden" name="back" value={cx.here} />
            <button type="submit" class="item" name="lang" value={cx.lang === "en" ? "id" : "en"}>
              <Icon name="languages" />
              {t.shell.languageName}
            </button>
          </Form>
          <hr />
          <ThemeChoice cx={cx} />
          <hr />
        </div>
        {visit.session === null ? "" : (
          <Form cx={cx} action="/ui/sign-out">
            <button class="item" type="submit">
              <Icon name="log-out" />
              {visit.isStandIn ? t.shell.leave : t.shell.signOut}
            </button>
          </Form>
        )}
      </Menu>
    </header>
  );
}

function ThemeChoice({ cx }: { readonly cx: Cx }) {
  const { t, theme } = cx;
  const themes = { system: t.shell.themeSystem, light: t.shell.themeLight, dark: t.shell.themeDark };
  return (
    <Form cx={cx} action="/ui/look">
      <input type="hidden" name="back" value={cx.here} />
      {Object.entries(themes).map(([name, word]) => (
        <button
          type="submit"
          class="item"
          name="theme"
          value={name}
          aria-pressed={name === theme ? "true" : "false"}
        >
          <Icon name={name === theme ? "check" : "sun-moon"} />
          {word}
        </button>
      ))}
    </Form>
  );
}

function TabsBelow({ cx, at }: { readonly cx: Cx; readonly at: Place | undefined }) {
  const { t, frame } = cx;
  const entries = GROUPS.flatMap(({ entries }) => entries).filter(({ place }) => BELOW.includes(place));
  const isElsewhere = at !== undefined && !BELOW.includes(at);
  const badges = badgesOf(frame);
  return (
    <nav class="tabs-below" aria-label={t.shell.pages}>
      {entries.map(({ place, icon, to }) => (
        <a href={to} aria-current={place === at ? "page" : undefined}>
          <Icon name={icon} />
          {nameOf(place, cx)}
          <Badge count={badges[place] ?? 0} cx={cx} />
        </a>
      ))}
      <details class="menu">
        <summary aria-current={isElsewhere ? "true" : undefined}>
          <Icon name="menu" />
          {t.shell.more}
        </summary>
        <div>
          <Places cx={cx} at={at} omit={BELOW} />
        </div>
      </details>
    </nav>
  );
}
