import type { Child } from "@hono/hono/jsx";
import type { IconName } from "../assets/icon_names.ts";
import type { Cx } from "../cx.ts";
import { Icon } from "./icon.tsx";

/** What is wrong with a form: sentences by the field that they are about. */
export type Faults = ReadonlyMap<string, string>;

export const NO_FAULTS: Faults = new Map();

/** Looks a list through for some words. */
export function Search({ action, label, value }: {
  readonly action: string;
  readonly label: string;
  readonly value: string;
}) {
  return (
    <form class="filter" action={action}>
      <div class="find">
        <Icon name="search" />
        <input name="q" type="search" value={value} placeholder={label} aria-label={label} maxlength={100} />
      </div>
    </form>
  );
}

/** A form that changes something: it carries the session's token. */
export function Form({ cx, action, children, id, files = false, class: name }: {
  readonly cx: Pick<Cx, "csrf">;
  readonly action: string;
  readonly children?: Child;
  readonly id?: string;
  readonly files?: boolean;
  readonly class?: string;
}) {
  return (
    <form
      method="post"
      action={action}
      id={id}
      class={name}
      enctype={files ? "multipart/form-data" : undefined}
      novalidate
    >
      <input type="hidden" name="csrf" value={cx.csrf} />
      {children}
    </form>
  );
}

/** A form of one button. */
export function Do({ cx, action, label, icon, look = "", hidden = {}, hotkey }: {
  readonly cx: Pick<Cx, "csrf">;
  readonly action: string;
  readonly label: string;
  readonly icon?: IconName;
  /** `main`, `danger`, `small`, `bare`; `item` in a menu. */
  readonly look?: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly hotkey?: string;
}) {
  const item = /^item\b/.test(look);
  return (
    <Form cx={cx} action={action}>
      {Object.entries(hidden).map(([name, value]) => <input type="hidden" name={name} value={value} />)}
      <button class={item ? look : `button ${look}`} type="submit" data-key={hotkey}>
        {icon === undefined ? "" : <Icon name={icon} />}
        {label}
      </button>
    </Form>
  );
}

/** A labelled control with its hint and what is wrong with it. */
export function Field({ name, label, faults = NO_FAULTS, hint, children }: {
  readonly name: string;
  readonly label: string;
  readonly faults?: Faults;
  readonly hint?: Child;
  readonly children?: Child;
}) {
  const fault = faults.get(name);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {children}
      {fault === undefined ? "" : (
        <p class="fault" id={`${name}-fault`}>
          <Icon name="triangle-alert" />
          <span>{fault}</span>
        </p>
      )}
      {hint === undefined ? "" : <p class="hint" id={`${name}-hint`}>{hint}</p>}
    </div>
  );
}

/** The attributes that tie a control to its label, hint and fault. */
export function tied(name: string, faults: Faults = NO_FAULTS, hint = false) {
  const fault = faults.has(name);
  const described = [fault && `${name}-fault`, hint && `${name}-hint`].filter(Boolean).join(" ");
  return {
    id: name,
    name,
    "aria-invalid": fault ? "true" as const : undefined,
    "aria-describedby": described === "" ? undefined : described,
  };
}

/** What is wrong with a form, above it, each line leading to its field. */
export function FaultSummary({ cx, faults }: { readonly cx: Cx; readonly faults: Faults }) {
  if (faults.size === 0) return <></>;
  return (
    <div class="notice bad" role="alert" tabindex={-1} id="faults" autofocus>
      <Icon name="triangle-alert" />
      <div>
        <b>{cx.t.shell.mend(faults.size)}</b>
        <ul>
          {[...faults].map(([field, sentence]) => (
            <li>
              <a href={`#${field}`}>{sentence}</a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
