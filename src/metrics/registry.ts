export type Labels = Readonly<Record<string, string>>;

/** One line of the exposition: `name{labels} value`. */
export interface Sample {
  /** Added to the metric's name, such as `_bucket`. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

export interface Counter {
  add(labels?: Labels, by?: number): void;
}

export interface Histogram {
  /** In the metric's base unit: seconds. */
  observe(value: number, labels?: Labels): void;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: () => readonly Sample[] | Promise<readonly Sample[]>;
}

/** What is measured, and how it is told. */
export interface Registry {
  counter(name: string, help: string): Counter;
  /** @param buckets Upper bounds, ascending; the unbounded one goes without saying. */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
  /** A value that is looked up when it is asked for. `type`: `counter` for one that never falls. */
  observed(name: string, help: string, read: Metric["samples"], type?: "gauge" | "counter"): void;
  /** All of it as text. @see Prometheus, "Exposition formats", text format 0.0.4 */
  text(): Promise<string>;
}

export function createRegistry(): Registry {
  const metrics: Metric[] = [];

  return {
    counter(name, help) {
      const series = new Map<string, { readonly labels: Labels; value: number }>();
      metrics.push({ name, help, type: "counter", samples: () => [...series.values()] });
      return {
        add(labels = {}, by = 1) {
          const key = keyOf(labels);
          const known = series.get(key);
          if (known === undefined) series.set(key, { labels, value: by });
          else known.value += by;
        },
      };
    },

    histogram(name, help, buckets) {
      const series = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();
      const samples = () =>
        [...series.values()].flatMap(({ labels, counts, sum }) =>
          bucketSamples(buckets, labels, counts, sum)
        );
      metrics.push({ name, help, type: "histogram", samples });
      return {
        observe(value, labels = {}) {
          const key = keyOf(labels);
          let known = series.get(key);
          if (known === undefined) {
            known = { labels, counts: new Array(buckets.length + 1).fill(0), sum: 0 };
            series.set(key, known);
          }
          const at = buckets.findIndex((bound) => value <= bound);
          known.counts[at === -1 ? buckets.length : at]++;
          known.sum += value;
        },
      };
    },

    observed(name, help, read, type = "gauge") {
      metrics.push({ name, help, type, samples: read });
    },

    async text() {
      const lines: string[] = [];
      for (const { name, help, type, samples } of metrics) {
        const found = await samples();
        if (found.length === 0) continue;
        lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`);
        for (const { suffix = "", labels = {}, value } of found) {
          lines.push(`${name}${suffix}${shown(labels)} ${numberOf(value)}`);
        }
      }
      return lines.join("\n") + "\n";
    },
  };
}

/** Each bucket holds what the ones below it hold, too. */
function bucketSamples(
  buckets: readonly number[],
  labels: Labels,
  counts: readonly number[],
  sum: number,
): readonly Sample[] {
  let total = 0;
  const samples = [...buckets, Infinity].map((bound, at): Sample => {
    total += counts[at];
    return { suffix: "_bucket", labels: { ...labels, le: numberOf(bound) }, value: total };
  });
  return [...samples, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join("\0");
}

function shown(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapeHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numberOf(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}
