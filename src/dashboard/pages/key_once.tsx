import type { Child } from "@hono/hono/jsx";
import type { Cx } from "../cx.ts";
import { type Crumbs, Head, Panel } from "../parts/layout.tsx";
import { ToCopy } from "../parts/to_copy.tsx";

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
            <ToCopy cx={cx} id="new-key" value={keyText} label={t.system.key} />
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
