import { assetUrl } from "../assets/assets.ts";
import type { IconName } from "../assets/icon_names.ts";

/** An icon of the sprite. It says nothing by itself: a word stands beside it, or names the button that it is on. */
export function Icon({ name, tone = "" }: { readonly name: IconName; readonly tone?: string }) {
  return (
    <svg class={tone === "" ? "i" : `i ${tone}`} aria-hidden="true" focusable="false">
      <use href={`${assetUrl("icons.svg")}#${name}`} />
    </svg>
  );
}

/** A K whose arms fan out: one message in, many deliveries. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7.5" />
      <g fill="none" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">
        <path d="M9.5 7.5v17M9.5 16.5h4.5l8-7.5M14 16.5l8 7.5" fill="none" />
        <circle cx="22.3" cy="8.7" r="1.3" />
        <circle cx="22.3" cy="24.3" r="1.3" />
      </g>
    </svg>
  );
}
