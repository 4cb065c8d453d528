import type { Cx } from "../cx.ts";
import { Icon } from "./icon.tsx";

/** A value that is read off once, with a button that copies it. */
export function ToCopy({ cx: { t }, id, value, label }: {
  readonly cx: Cx;
  readonly id: string;
  readonly value: string;
  readonly label: string;
}) {
  return (
    <>
      <input id={id} class="mono" readonly value={value} aria-label={label} />
      <button class="button" type="button" data-copy={`#${id}`}>
        <Icon name="copy" />
        {t.shell.copy}
      </button>
    </>
  );
}
