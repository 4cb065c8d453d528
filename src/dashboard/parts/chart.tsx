import type { Cx } from "../cx.ts";

/** One bar: what went at once, after a retry, and not yet. */
export interface Bar {
  readonly at: number;
  readonly first: number;
  readonly retried: number;
  readonly failed: number;
  /** The list behind it. */
  readonly to: string;
  /** A whole sentence. */
  readonly says: string;
}

/** How bars are drawn: on a wide page all of them, on a phone the latest. */
interface Drawing {
  readonly name: "wide" | "phone";
  readonly width: number;
  readonly bars: readonly Bar[];
}

const LEFT = 36;
/** A few bars stay bars. */
const WIDEST = 48;
const FOOT = 20;
const TOP = 8;
/** A finger finds so many on a phone. */
const ON_PHONE = 12;

/** Bars of three kinds, each a link to the list behind it. They print, follow the theme and need no script. */
export function Bars({ cx, bars, height = 150, width = 960, label }: {
  readonly cx: Cx;
  readonly bars: readonly Bar[];
  readonly height?: number;
  /** Of its place on a wide page, in px: the letters are then as large as others. */
  readonly width?: number;
  readonly label: string;
}) {
  return (
    <figure class="chart">
      <Plot cx={cx} height={height} label={label} drawing={{ name: "wide", width, bars }} />
      <Plot
        cx={cx}
        height={Math.max(height, 130)}
        label={label}
        drawing={{ name: "phone", width: 340, bars: bars.slice(-ON_PHONE) }}
      />
    </figure>
  );
}

function Plot({ cx, height, label, drawing: { name, width: all, bars } }: {
  readonly cx: Cx;
  readonly height: number;
  readonly label: string;
  readonly drawing: Drawing;
}) {
  const most = Math.max(1, ...bars.map(({ first, retried, failed }) => first + retried + failed));
  const top = roundUp(most);
  const plot = height - FOOT - TOP;
  const step = Math.min(WIDEST, (all - LEFT) / Math.max(1, bars.length));
  const y = (value: number) => TOP + plot - (value / top) * plot;
  const every = Math.ceil(bars.length / (name === "wide" ? 8 : 4));
  return (
    <svg class={name} viewBox={`0 0 ${all} ${height}`} role="group" aria-label={label}>
      <defs>
        <pattern
          id={`hatch-${name}`}
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="c-failed" width="6" height="6" />
          <path class="hatch" d="M0 0v6" />
        </pattern>
      </defs>
      {[0, top / 2, top].filter(Number.isInteger).map((value) => (
        <g aria-hidden="true">
          <line class="grid" x1={LEFT} x2={all} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">{cx.f.number(value)}</text>
        </g>
      ))}
      {bars.map(({ at, first, retried, failed, to, says }, index) => {
        const x = LEFT + index * step + 1;
        const width = Math.max(1, step - 2);
        return (
          <>
            <a href={to} aria-label={says}>
              <title>{says}</title>
              <rect class="hit" x={x} y={TOP} width={width} height={plot} />
              {part("c-ok", x, width, y(first), y(0))}
              {part("c-retried", x, width, y(first + retried), y(first))}
              {part("c-not", x, width, y(first + retried + failed), y(first + retried))}
            </a>
            {index % every === 0
              ? (
                <text x={x + width / 2} y={height - 4} text-anchor="middle" aria-hidden="true">
                  {cx.f.when(at).split(", ").at(isByDay(bars) ? 0 : -1)}
                </text>
              )
              : ""}
          </>
        );
      })}
    </svg>
  );
}

/** Whether each bar stands for a day or more, so that its label is the day. */
function isByDay([first, second]: readonly Bar[]): boolean {
  return first !== undefined && second !== undefined && second.at - first.at >= 20 * 3_600_000;
}

function part(name: string, x: number, width: number, from: number, to: number) {
  const height = to - from;
  return height <= 0
    ? ""
    : <rect class={name} x={x} y={from} width={width} height={Math.max(1, height - .75)} rx="1.5" />;
}

/** The next number that reads well and halves well. */
function roundUp(value: number): number {
  const size = 10 ** Math.floor(Math.log10(value));
  const nice = [1, 2, 4, 6, 8, 10].find((factor) => factor * size >= value) ?? 10;
  return Math.max(2, nice * size);
}

/** What the kinds of bars are: of deliveries, or as they are named. */
export function Legend({ cx: { t }, names }: {
  readonly cx: Cx;
  readonly names?: { readonly first: string; readonly retried?: string; readonly failed?: string };
}) {
  const kinds = names === undefined
    ? [["c-ok", t.deliveries.atOnce], ["c-retried", t.deliveries.afterRetry], [
      "c-not",
      t.deliveries.failedRequests,
    ]]
    : [["c-ok", names.first], ["c-retried", names.retried], ["c-not", names.failed]];
  return (
    <p class="legend">
      {kinds.map(([name, word]) =>
        word === undefined ? "" : (
          <span>
            <Swatch name={name ?? ""} />
            {word}
          </span>
        )
      )}
    </p>
  );
}

function Swatch({ name }: { readonly name: string }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <defs>
        <pattern
          id="hatch-s"
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="c-failed" width="4" height="4" />
          <path class="hatch" d="M0 0v4" />
        </pattern>
      </defs>
      <rect class={name} width="12" height="12" rx="2" />
    </svg>
  );
}

/** A line that shows the way of a number, beside it. */
export function Spark({ values }: { readonly values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const step = values.length < 2 ? 0 : 88 / (values.length - 1);
  const points = values.map((value, index) =>
    `${(index * step).toFixed(1)} ${(26 - (value / most) * 22).toFixed(1)}`
  );
  return (
    <svg class="spark" viewBox="0 0 88 28" preserveAspectRatio="none" aria-hidden="true">
      <path class="area" d={`M0 28L${points.join("L")}L88 28Z`} />
      <path class="line" d={`M${points.join("L")}`} />
    </svg>
  );
}
