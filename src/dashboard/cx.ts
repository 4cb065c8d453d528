import type { Attention } from "../insight/attention.ts";
import type { Visit } from "../tenants/sessions.ts";
import type { Flash } from "./http/cookies.ts";
import type { Formats } from "./formats.ts";
import type { Lang } from "./words/words.ts";
import type { Words } from "./words/mod.ts";

export type Theme = "system" | "light" | "dark";

/** How somebody wants to see the pages. */
export interface Look {
  readonly lang: Lang;
  readonly theme: Theme;
  /** Whether single keys do something. */
  readonly hotkeys: boolean;
  readonly t: Words;
  readonly f: Formats;
  readonly now: number;
  /** Path and query of the page, under `/ui`. */
  readonly here: string;
}

/** What the frame shows on every page. */
export interface FrameFacts {
  readonly ready: boolean;
  readonly version: string;
  readonly startedAt: number;
  /** Worst first. */
  readonly needs: readonly Attention[];
}

/** Everything that a page is drawn from besides its own facts. */
export interface Cx extends Look {
  readonly visit: Visit;
  /** The token that each of its forms carries. */
  readonly csrf: string;
  readonly frame: FrameFacts;
  /** What has just been done, said once. */
  readonly flash: Flash | undefined;
}
