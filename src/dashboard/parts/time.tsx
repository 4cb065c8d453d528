import type { Look } from "../cx.ts";

/** A time: how long ago (the script keeps it true), with the exact one for whoever points at it. Epoch ms. */
export function Ago({ cx, at }: { readonly cx: Look; readonly at: number }) {
  return (
    <time datetime={iso(at)} title={cx.f.exact(at)} data-ago>
      {cx.f.relative(at, cx.now)}
    </time>
  );
}

/** The clock of that time, with seconds if asked for. */
export function Clock({ cx, at, seconds = false }: {
  readonly cx: Look;
  readonly at: number;
  readonly seconds?: boolean;
}) {
  return (
    <time datetime={iso(at)} title={cx.f.exact(at)}>
      {seconds ? cx.f.second(at) : cx.f.when(at)}
    </time>
  );
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
