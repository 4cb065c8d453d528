import type { Child } from "@hono/hono/jsx";
import type { Cx } from "../cx.ts";
import { Form } from "./form.tsx";
import { Icon } from "./icon.tsx";

/** Asks before something is done that cannot be taken back. It is part of the page, so that it needs no script. */
export function Ask({ cx, title, children, action, label, back, must, mustLabel, fault }: {
  readonly cx: Cx;
  /** Names the thing and the effect. */
  readonly title: string;
  readonly children?: Child;
  readonly action: string;
  readonly label: string;
  /** Where "Cancel" leads. */
  readonly back: string;
  /** What has to be typed first. */
  readonly must?: string;
  readonly mustLabel?: string;
  readonly fault?: string;
}) {
  return (
    <section class="panel ask" role="alertdialog" aria-labelledby="ask-title" aria-describedby="ask-why">
      <Form cx={cx} action={action}>
        <div class="row ask-head">
          <span class="dot bad">
            <Icon name="triangle-alert" />
          </span>
          <h2 id="ask-title" hx-ignore>{title}</h2>
        </div>
        <p id="ask-why" class="hush">{children}</p>
        {must === undefined ? "" : (
          <div class="field">
            <label for="must" hx-ignore>{mustLabel}</label>
            <input
              id="must"
              name="must"
              autocomplete="off"
              data-must={must}
              aria-invalid={fault === undefined ? undefined : "true"}
              aria-describedby={fault === undefined ? undefined : "must-fault"}
            />
            {fault === undefined ? "" : (
              <p class="fault" id="must-fault">
                <Icon name="triangle-alert" />
                <span>{fault}</span>
              </p>
            )}
          </div>
        )}
        <div class="row">
          <button type="submit" class="button main danger" data-needs hx-ignore>{label}</button>
          <a class="button" href={back} autofocus={must === undefined}>{cx.t.shell.cancel}</a>
        </div>
      </Form>
    </section>
  );
}
