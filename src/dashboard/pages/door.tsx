import type { Child } from "@hono/hono/jsx";
import { Brand, Document } from "../frame.tsx";
import type { Look } from "../cx.ts";
import { Icon } from "../parts/icon.tsx";

/** Why somebody is not let in, as a sentence; undefined: nobody tried yet. */
export interface DoorFacts {
  readonly look: Look;
  readonly next: string;
  readonly fault?: string;
  /** The last session is over. */
  readonly over: boolean;
  readonly ready: boolean;
}

/** The way in. */
export function Door({ look, next, fault, over, ready }: DoorFacts) {
  const { t, lang } = look;
  const other = lang === "en" ? "id" : "en";
  const query = new URLSearchParams({ lang: other, ...(next !== "/ui" && { next }) });
  return (
    <Document look={look} title={t.door.signIn}>
      <div class="door">
        <main>
          <form class="form" method="post" action={`/ui/sign-in?lang=${lang}`}>
            <Brand />
            <div>
              <h1>{t.door.signIn}</h1>
              <p class="hush">{t.door.with}</p>
            </div>
            {over ? <Over look={look} /> : ""}
            <input type="hidden" name="next" value={next} />
            <input type="hidden" name="lang" value={lang} />
            <div class="field">
              <label for="key">{t.door.key}</label>
              <div class="reveal">
                <input
                  id="key"
                  name="key"
                  type="password"
                  class="mono"
                  autocomplete="current-password"
                  autofocus
                  required
                  spellcheck={false}
                  aria-invalid={fault === undefined ? undefined : "true"}
                  aria-describedby={fault === undefined ? undefined : "key-fault"}
                />
                <button type="button" data-reveal="key" aria-pressed="false" aria-label={t.door.showKey}>
                  <Icon name="eye" />
                </button>
              </div>
              {fault === undefined ? "" : (
                <p class="fault" id="key-fault" role="alert">
                  <Icon name="triangle-alert" />
                  <span>{fault}</span>
                </p>
              )}
            </div>
            <button class="button main" type="submit">{t.door.signIn}</button>
            <details class="unfold" open={fault !== undefined}>
              <summary>{t.door.where}</summary>
              <div class="stack small hush">
                <p>{t.door.wherePrinted}</p>
                <pre class="code">kabar key</pre>
                <p>{t.door.whereMakes}</p>
              </div>
            </details>
            <div class="foot">
              <span class={ready ? "state ok" : "state bad"}>
                <Icon name={ready ? "circle-check" : "triangle-alert"} />
                {ready ? t.shell.gatewayReady : t.shell.gatewayNotReady}
              </span>
              <span>
                <a href={`/ui/sign-in?${query}`} lang={other} hreflang={other}>{t.shell.languageName}</a>
                {" · "}
                <a href="/docs">{t.shell.docs}</a>
              </span>
            </div>
          </form>
          <div class="picture">
            <Fan />
            <p>{t.door.promise}</p>
          </div>
        </main>
      </div>
    </Document>
  );
}

function Over({ look }: { readonly look: Look }) {
  return (
    <div class="notice" role="status">
      <Icon name="clock" />
      <div>{look.t.door.over}</div>
    </div>
  );
}

/** Phones on the left, the gateway, applications on the right. */
function Fan() {
  const rows = [-108, 0, 108];
  return (
    <svg class="fan" viewBox="0 0 340 360" aria-hidden="true" focusable="false">
      {rows.map((y) => wire(y, "wire", 58, 146))}
      {rows.map((y) => wire(y, "wire out", 282, 194))}
      {rows.map((y) => (
        <>
          <rect class="phone" x="20" y={156 + y} width="38" height="48" rx="8" />
          <path class="wire" d={`M36 ${195 + y}h7`} />
          <rect class="solid" x="266" y={160 + y} width="40" height="40" rx="9" />
          <path class="glyph" d={`m277 ${181 + y} 6 6 12-13`} />
        </>
      ))}
      <rect class="solid" x="136" y="147" width="68" height="68" rx="16" />
      <path class="glyph" d="M156 163v36M156 182h9l17-15M165 182l17 15" />
      <circle class="glyph-fill" cx="183" cy="166" r="4.5" />
      <circle class="glyph-fill" cx="183" cy="198" r="4.5" />
    </svg>
  );
}

function wire(y: number, name: string, from: number, to: number): Child {
  const middle = from + (to - from) * .45;
  const bend = from + (to - from) * .8;
  return <path class={name} d={`M${from} ${180 + y}H${middle}C${bend} ${180 + y} ${bend} 180 ${to} 180`} />;
}
