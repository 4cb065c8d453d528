import type { Child } from "@hono/hono/jsx";
import type { IconName } from "../assets/icon_names.ts";
import { Icon } from "./icon.tsx";
import type { Tone } from "./state.tsx";

/** One point of a way: what happened, when, and how it ended. */
export interface RoutePoint {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly title: Child;
  readonly at: Child;
  readonly note?: Child;
}

/** The way of one message or delivery from left to right; on phones from top to bottom. */
export function Route({ points }: { readonly points: readonly RoutePoint[] }) {
  return (
    <section class="panel">
      <ol class="route">
        {points.map(({ icon, tone, title, at, note }) => (
          <li>
            <span class={`dot ${tone}`}>
              <Icon name={icon} tone={tone} />
            </span>
            <b>{title}</b>
            <span class="at tabular">{at}</span>
            {note === undefined ? "" : <small class={tone === "bad" ? "bad" : "faint"}>{note}</small>}
          </li>
        ))}
      </ol>
    </section>
  );
}
