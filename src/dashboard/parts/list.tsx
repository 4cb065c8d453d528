import type { Cx } from "../cx.ts";
import { Icon } from "./icon.tsx";

/**
 * The path that the stream of a list follows: the same list from its first row on, so that nothing jumps while somebody
 * reads. What is newer is only counted.
 * @param seen The first row's cursor; undefined: the list was empty, and shows whatever comes.
 */
export function followed({ here }: Cx, seen: string | undefined): string {
  const url = new URL(here, "http://localhost");
  if (seen === undefined) url.searchParams.delete("seen");
  else url.searchParams.set("seen", seen);
  return url.pathname + url.search;
}

/** Leads to the rows that came since the list was opened; nothing when there are none. */
export function Newer({ cx, count, most, to }: {
  readonly cx: Cx;
  readonly count: number;
  /** Counted no further. */
  readonly most: number;
  /** The list as it is now. */
  readonly to: string;
}) {
  if (count === 0) return <></>;
  const { t, f } = cx;
  return (
    <p class="newer" role="status">
      <a class="chip on" href={to}>
        <Icon name="arrow-up" />
        {t.shell.newRows(count < most ? f.number(count) : `${f.number(most)}+`)}
      </a>
    </p>
  );
}

/** Says that a search was ended before its page was full, and leads on; nothing when it was not. */
export function Further({ cx: { t }, found, to }: {
  readonly cx: Cx;
  /** Rows that it found. */
  readonly found: number;
  readonly to: string | undefined;
}) {
  if (to === undefined) return <></>;
  return (
    <p class="row apart pad">
      <span class="hush">{found === 0 ? t.shell.noneSoFar : t.shell.notAllSoFar}</span>
      <a class="button small" href={to}>
        <Icon name="search" />
        {t.shell.lookFurther}
      </a>
    </p>
  );
}
