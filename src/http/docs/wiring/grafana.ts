/** One panel: what it shows and where it stands. */
interface Panel {
  readonly title: string;
  readonly about: string;
  readonly kind: "stat" | "timeseries";
  readonly unit: "short" | "s" | "bytes" | "reqps" | "percentunit";
  /** Of the 24 columns. */
  readonly width: number;
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
  /** Values from which on a number turns orange and red. */
  readonly warnings?: readonly [warn: number, bad: number];
}

const DATASOURCE = { type: "prometheus", uid: "${DS_PROMETHEUS}" };
const RATE = "$__rate_interval";
const ONE = '{instance=~"$instance"}';

function rateBy(metric: string, label: string): string {
  return `sum by (${label}) (rate(${metric}${ONE}[${RATE}]))`;
}

function quantile(share: number, metric: string): string {
  return `histogram_quantile(${share}, sum by (le) (rate(${metric}_bucket${ONE}[${RATE}])))`;
}

const PANELS: readonly Panel[] = [
  {
    title: "Devices connected",
    about: "Numbers that are linked and online.",
    kind: "stat",
    unit: "short",
    width: 6,
    queries: [{ expr: `sum(kabar_devices{instance=~"$instance",status="connected"})`, legend: "connected" }],
  },
  {
    title: "Waiting deliveries",
    about: "Events that have not reached a webhook yet.",
    kind: "stat",
    unit: "short",
    width: 6,
    queries: [{ expr: `sum(kabar_deliveries_pending${ONE})`, legend: "waiting" }],
    warnings: [1_000, 10_000],
  },
  {
    title: "Oldest waiting",
    about: "How long the oldest of them has waited.",
    kind: "stat",
    unit: "s",
    width: 6,
    queries: [{ expr: `max(kabar_deliveries_pending_oldest_age_seconds${ONE})`, legend: "oldest" }],
    warnings: [300, 3_600],
  },
  {
    title: "Failed deliveries",
    about: "Their retries are used up. They can be replayed.",
    kind: "stat",
    unit: "short",
    width: 6,
    queries: [{ expr: `sum(kabar_deliveries_failed${ONE})`, legend: "failed" }],
    warnings: [1, 100],
  },
  {
    title: "Webhook requests",
    about: "By outcome: success, or why they failed.",
    kind: "timeseries",
    unit: "reqps",
    width: 12,
    queries: [{ expr: rateBy("kabar_delivery_attempts_total", "outcome"), legend: "{{outcome}}" }],
  },
  {
    title: "Response time of webhooks",
    about: "How long receivers take to answer.",
    kind: "timeseries",
    unit: "s",
    width: 12,
    queries: [
      { expr: quantile(0.5, "kabar_delivery_attempt_duration_seconds"), legend: "median" },
      { expr: quantile(0.95, "kabar_delivery_attempt_duration_seconds"), legend: "95 %" },
    ],
  },
  {
    title: "From event to delivery",
    about: "Retries included.",
    kind: "timeseries",
    unit: "s",
    width: 12,
    queries: [
      { expr: quantile(0.5, "kabar_delivery_latency_seconds"), legend: "median" },
      { expr: quantile(0.99, "kabar_delivery_latency_seconds"), legend: "99 %" },
    ],
  },
  {
    title: "Messages",
    about: "Sent through the gateway, and received.",
    kind: "timeseries",
    unit: "reqps",
    width: 12,
    queries: [{ expr: rateBy("kabar_messages_total", "direction"), legend: "{{direction}}" }],
  },
  {
    title: "Devices by status",
    about: "A device that needs pairing again brings nothing in.",
    kind: "timeseries",
    unit: "short",
    width: 12,
    queries: [{ expr: `sum by (status) (kabar_devices${ONE})`, legend: "{{status}}" }],
  },
  {
    title: "Blasts",
    about: "Messages of blasts that are under way, by status.",
    kind: "timeseries",
    unit: "short",
    width: 12,
    queries: [{ expr: `sum by (status) (kabar_blast_messages${ONE})`, legend: "{{status}}" }],
  },
  {
    title: "API requests",
    about: "By class of status.",
    kind: "timeseries",
    unit: "reqps",
    width: 8,
    queries: [{ expr: rateBy("kabar_http_requests_total", "status"), legend: "{{status}}" }],
  },
  {
    title: "Processor",
    about: "Cores in use.",
    kind: "timeseries",
    unit: "short",
    width: 8,
    queries: [{ expr: `rate(process_cpu_seconds_total${ONE}[${RATE}])`, legend: "{{instance}}" }],
  },
  {
    title: "Memory",
    about: "Resident memory of the process.",
    kind: "timeseries",
    unit: "bytes",
    width: 8,
    queries: [{ expr: `process_resident_memory_bytes${ONE}`, legend: "{{instance}}" }],
  },
];

const COLUMNS = 24;
const HEIGHTS = { stat: 4, timeseries: 8 };

/**
 * A dashboard of the gateway's metrics, to be imported into Grafana: it asks for the Prometheus that it should read.
 * @see Grafana, "JSON model of dashboards", schema version 39
 */
export function grafanaDashboard() {
  return {
    __inputs: [{
      name: "DS_PROMETHEUS",
      label: "Prometheus",
      type: "datasource",
      pluginId: "prometheus",
      pluginName: "Prometheus",
    }],
    title: "Kabar",
    uid: "kabar-gateway",
    description: "WhatsApp numbers, webhooks and their deliveries.",
    tags: ["kabar", "whatsapp"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [{
        name: "instance",
        label: "Gateway",
        type: "query",
        datasource: DATASOURCE,
        query: "label_values(kabar_build_info, instance)",
        refresh: 2,
        multi: true,
        includeAll: true,
      }],
    },
    panels: placed(PANELS),
  };
}

/** Gives each panel its place: from left to right, row by row. */
function placed(panels: readonly Panel[]) {
  let x = 0;
  let y = 0;
  let height = 0;
  return panels.map(({ title, about, kind, unit, width, queries, warnings }, index) => {
    if (x + width > COLUMNS) {
      x = 0;
      y += height;
    }
    height = HEIGHTS[kind];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    const steps = [
      { color: "green", value: null },
      ...(warnings === undefined
        ? []
        : [{ color: "orange", value: warnings[0] }, { color: "red", value: warnings[1] }]),
    ];
    return {
      ...{ id: index + 1, title, description: about, type: kind, datasource: DATASOURCE, gridPos },
      fieldConfig: { defaults: { unit, min: 0, thresholds: { mode: "absolute", steps } }, overrides: [] },
      targets: queries.map(({ expr, legend }, at) => ({
        ...{ refId: String.fromCharCode("A".charCodeAt(0) + at), datasource: DATASOURCE, expr },
        legendFormat: legend,
      })),
    };
  });
}
