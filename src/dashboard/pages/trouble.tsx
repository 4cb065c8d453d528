import type { Child } from "@hono/hono/jsx";
import type { IconName } from "../assets/icon_names.ts";
import { Brand, Document } from "../frame.tsx";
import type { Look } from "../cx.ts";
import { Icon } from "../parts/icon.tsx";
import type { Tone } from "../parts/state.tsx";

/** What a page of trouble tells: what happened, why, what to do. */
export interface TroubleFacts {
  readonly title: string;
  readonly why: Child;
  readonly what?: Child;
  readonly icon: IconName;
  readonly tone: Tone;
  readonly requestId: string;
}

/** Trouble, within the frame or alone. */
export function Trouble({ look, facts }: { readonly look: Look; readonly facts: TroubleFacts }) {
  const { t } = look;
  return (
    <div class="trouble">
      <span class={`dot square ${facts.tone}`}>
        <Icon name={facts.icon} />
      </span>
      <h1>{facts.title}</h1>
      <div class="stack hush">
        <p>{facts.why}</p>
        {facts.what === undefined ? "" : <p>{facts.what}</p>}
      </div>
      <a class="button main" href="/ui">{t.door.toHome}</a>
      <p class="row small faint">
        {t.door.request} <code id="request-id">{facts.requestId}</code>
        <button
          class="button small bare icon"
          type="button"
          data-copy="#request-id"
          aria-label={t.shell.copy}
          title={t.shell.copy}
        >
          <Icon name="copy" />
        </button>
      </p>
    </div>
  );
}

/** The same for somebody who is not signed in, or when nothing of the frame can be had. */
export function TroubleAlone({ look, facts }: { readonly look: Look; readonly facts: TroubleFacts }) {
  return (
    <Document look={look} title={facts.title}>
      <header class="bar">
        <span class="grow">
          <Brand />
        </span>
      </header>
      <main id="main">
        <Trouble look={look} facts={facts} />
      </main>
    </Document>
  );
}
