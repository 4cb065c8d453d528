import type { IconName } from "../assets/icon_names.ts";
import { Icon } from "./icon.tsx";

export type Tone = "ok" | "info" | "warn" | "bad" | "idle";

/** How something stands: a shape, a word and a colour, always all three. */
export interface Standing {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: Tone;
}

export function State({ standing, pill = false }: { readonly standing: Standing; readonly pill?: boolean }) {
  return (
    <span class={`state ${standing.tone}${pill ? " pill" : ""}`}>
      <Icon name={standing.icon} />
      {standing.word}
    </span>
  );
}

/** An HTTP status as a tag: 2xx good, 3xx and 4xx doubtful, 5xx bad. */
export function StatusCode({ code }: { readonly code: number | null }) {
  if (code === null) return <span class="faint">–</span>;
  const tone = code < 300 ? "ok" : code < 500 ? "warn" : "bad";
  return <span class={`tag ${tone}`}>{code}</span>;
}
