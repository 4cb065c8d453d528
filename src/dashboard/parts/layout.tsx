import type { Child } from "@hono/hono/jsx";
import type { IconName } from "../assets/icon_names.ts";
import type { Cx } from "../cx.ts";
import { Icon } from "./icon.tsx";

/** Where a page stands, from the list down. The last one is the page itself. */
export type Crumbs = readonly { readonly to?: string; readonly label: Child }[];

/** The head of a page: crumbs below lists, the one H1, a line, and what can be done, the main thing last. */
export function Head({ cx, title, beside, sub, crumbs = [], actions }: {
  readonly cx: Cx;
  readonly title: Child;
  /** Stands behind the title: a state. */
  readonly beside?: Child;
  readonly sub?: Child;
  readonly crumbs?: Crumbs;
  readonly actions?: Child;
}) {
  return (
    <div class="head">
      <div>
        {crumbs.length === 0 ? "" : (
          <nav class="crumbs" aria-label={cx.t.shell.trail}>
            {crumbs.map(({ to, label }, index) => (
              <>
                {index === 0 ? "" : <Icon name="chevron-right" />}
                {to === undefined ? <span>{label}</span> : <a href={to}>{label}</a>}
              </>
            ))}
          </nav>
        )}
        <div class="title">
          <h1>{title}</h1>
          {beside}
        </div>
        {sub === undefined ? "" : <p class="sub">{sub}</p>}
      </div>
      {actions === undefined ? "" : <div class="row actions">{actions}</div>}
    </div>
  );
}

/** A box with a heading. `bare` leaves its content to fill it. */
export function Panel({ title, note, actions, children, foot, bare = false, id, label }: {
  readonly title?: Child;
  readonly note?: Child;
  readonly actions?: Child;
  readonly children?: Child;
  readonly foot?: Child;
  readonly bare?: boolean;
  readonly id?: string;
  readonly label?: string;
}) {
  return (
    <section class="panel" id={id} aria-label={label}>
      {title === undefined ? "" : (
        <header>
          <h2>{title}</h2>
          {note === undefined ? "" : <span class="note">{note}</span>}
          {actions === undefined ? "" : <div class="row">{actions}</div>}
        </header>
      )}
      {bare ? children : <div class="body">{children}</div>}
      {foot === undefined ? "" : <footer>{foot}</footer>}
    </section>
  );
}

/** Nothing here yet: what will stand here, and how the first comes. */
export function Empty({ icon, title, children, action }: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: Child;
  readonly action?: Child;
}) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** A list that has no rows yet, as a page of its own. */
export function EmptyPage({ cx, page, children, ...empty }: Parameters<typeof Empty>[0] & {
  readonly cx: Cx;
  /** The page's title. */
  readonly page: string;
}) {
  return (
    <>
      <Head cx={cx} title={page} />
      <Panel bare>
        <Empty {...empty}>{children}</Empty>
      </Panel>
    </>
  );
}

/** Leads to the form by which a list gets another row. */
export function Add({ to, children }: { readonly to: string; readonly children?: Child }) {
  return (
    <a class="button main" href={to}>
      <Icon name="plus" />
      {children}
    </a>
  );
}

/** Something to know, with its shape: `info`, `ok`, `warn` or `bad`. */
export function Notice({ tone = "info", icon, children, action }: {
  readonly tone?: "info" | "ok" | "warn" | "bad";
  readonly icon?: IconName;
  readonly children?: Child;
  readonly action?: Child;
}) {
  const shapes = { info: "info", ok: "circle-check", warn: "triangle-alert", bad: "octagon-x" } as const;
  return (
    <div class={`notice ${tone}`}>
      <Icon name={icon ?? shapes[tone]} />
      <div>{children}</div>
      {action}
    </div>
  );
}

/** A list that unfolds below a button. */
export function Menu({ label, icon, children, look = "icon", start = false, text }: {
  readonly label: string;
  readonly icon: IconName;
  readonly children?: Child;
  readonly look?: string;
  readonly start?: boolean;
  /** Said on the button itself; else `label` only names it. */
  readonly text?: string;
}) {
  return (
    <details class={start ? "menu start" : "menu"}>
      <summary class={`button ${look}`} aria-label={text === undefined ? label : undefined} title={label}>
        <Icon name={icon} />
        {text}
      </summary>
      <div>{children}</div>
    </details>
  );
}

/** One of a few, each a link. */
export function Segments({ label, options }: {
  readonly label: string;
  readonly options: readonly { readonly to: string; readonly label: Child; readonly on: boolean }[];
}) {
  return (
    <nav class="seg" aria-label={label}>
      {options.map(({ to, label, on }) => <a href={to} aria-current={on ? "true" : undefined}>{label}</a>)}
    </nav>
  );
}

/** Names and values. */
export function Facts({ rows, loose = false }: {
  readonly rows: readonly (readonly [name: Child, value: Child] | undefined)[];
  readonly loose?: boolean;
}) {
  return (
    <dl class={loose ? "facts loose" : "facts"}>
      {rows.map((row) =>
        row === undefined ? "" : (
          <>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </>
        )
      )}
    </dl>
  );
}

/** Leads to the next page of a list; nothing when there is none. `note`: how much of it is shown. */
export function Older({ cx, to, note, keys = false }: {
  readonly cx: Cx;
  readonly to: string | undefined;
  readonly note?: string;
  /** Says by which keys one walks through the rows, also where there is no next page. */
  readonly keys?: boolean;
}) {
  if (to === undefined && !keys) return <></>;
  return (
    <footer class="row apart pad">
      <span class="small hush">{note}</span>
      {keys ? <RowKeys cx={cx} /> : ""}
      {to === undefined ? "" : (
        <a class="button small" href={to}>
          {cx.t.shell.older}
          <Icon name="chevron-right" />
        </a>
      )}
    </footer>
  );
}

/** The keys of a list: seen where a script listens to them, and where there may be a keyboard. */
function RowKeys({ cx: { t } }: { readonly cx: Cx }) {
  return (
    <span class="row small faint unlisted" data-script hidden>
      <kbd>j</kbd>
      <kbd>k</kbd> {t.shell.keyMove}
      <kbd>↵</kbd> {t.shell.keyOpens}
      <kbd>c</kbd> {t.shell.keyCopies}
    </span>
  );
}
