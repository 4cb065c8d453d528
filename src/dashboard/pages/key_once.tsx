import type { Child } from "@hono/hono/jsx";
import type { Cx } from "../cx.ts";
import { Icon } from "../parts/icon.tsx";
import { type Crumbs, Head, Panel } from "../parts/layout.tsx";

/** A key that was just made: shown this once. */
export function KeyOnce({ cx, title, keyText, crumbs, signInAgain = false, actions }: {
  readonly cx: Cx;
  readonly title: string;
  readonly keyText: string;
  readonly crumbs?: Crumbs;
  /** The session ended with the old key. */
  readonly signInAgain?: boolean;
  readonly actions?: Child;
}) {
  const { t } = cx;
  return (
    <>
      <Head cx={cx} title={title} crumbs={crumbs} actions={actions} />
      <div class="narrow stack">
        <Panel title={t.system.key}>
          <p class="hush">{t.system.keyOnce}</p>
          <div class="inline">
            <input id="new-key" class="mono" readonly value={keyText} aria-label={t.system.key} />
            <button class="button" type="button" data-copy="#new-key">
              <Icon name="copy" />
              {t.shell.copy}
            </button>
          </div>
          {signInAgain
            ? (
              <p>
                <a class="button main" href="/ui/sign-in">{t.system.signInAgain}</a>
              </p>
            )
            : ""}
        </Panel>
      </div>
    </>
  );
}
