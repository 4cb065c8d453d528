/** One condition that somebody should hear of. */
interface Alert {
  readonly name: string;
  readonly expr: string;
  /** How long it has to hold. */
  readonly for: string;
  readonly severity: "warning" | "critical";
  readonly summary: string;
  readonly todo: string;
}

const ALERTS: readonly Alert[] = [
  {
    name: "KabarDown",
    expr: 'up{job="kabar"} == 0',
    for: "2m",
    severity: "critical",
    summary: "The gateway {{ $labels.instance }} does not answer",
    todo: "WhatsApp keeps messages for it; events wait. See whether the process runs, and its log.",
  },
  {
    name: "KabarDeliveriesWait",
    expr: "kabar_deliveries_pending_oldest_age_seconds > 900 and kabar_deliveries_pending > 0",
    for: "5m",
    severity: "warning",
    summary: "An event has waited for {{ $value | humanizeDuration }} to reach a webhook",
    todo: "A receiver is slow or away. GET /v1/deliveries?status=pending shows which.",
  },
  {
    name: "KabarDeliveriesFail",
    expr: 'increase(kabar_deliveries_total{outcome="failed"}[30m]) > 0',
    for: "0m",
    severity: "warning",
    summary: "Deliveries have used up their retries",
    todo: "Mend the receiver; what failed is sent again once it answers, or by POST /v1/deliveries/replay.",
  },
  {
    name: "KabarWebhooksMostlyFail",
    expr: 'sum by (instance) (rate(kabar_delivery_attempts_total{outcome!="success"}[10m])) ' +
      "/ sum by (instance) (rate(kabar_delivery_attempts_total[10m])) > 0.5",
    for: "10m",
    severity: "critical",
    summary: "More than half of all webhook requests fail",
    todo: "GET /v1/webhooks/failed shows which receivers, and what they answer.",
  },
  {
    name: "KabarDeviceNotConnected",
    expr: 'kabar_devices{status=~"disconnected|failed|needs_pairing"} > 0',
    for: "10m",
    severity: "warning",
    summary: "{{ $value }} device(s) are {{ $labels.status }}",
    todo: "GET /v1/devices shows which. A device that needs pairing has to be scanned again.",
  },
  {
    name: "KabarDevicesUnheld",
    expr: "min by (job) (kabar_fleet_devices_unheld) > 0",
    for: "2m",
    severity: "critical",
    summary: "{{ $value }} device(s) are held by none of the gateways",
    todo: "Nothing comes in or goes out there. GET /admin/fleet shows which gateways live and take devices.",
  },
  {
    name: "KabarMemoryHigh",
    expr: 'process_resident_memory_bytes{job="kabar"} > 1.5e9',
    for: "15m",
    severity: "warning",
    summary: "The gateway uses {{ $value | humanize1024 }}B of memory",
    todo: "More devices than this machine has room for, or a defect: say so with the version.",
  },
];

/**
 * Alerting rules for Prometheus, as YAML. They expect the scrape job to be called `kabar`.
 * @see Prometheus, "Alerting rules"
 */
export function alertRules(): string {
  const rules = ALERTS.map((alert) =>
    [
      `      - alert: ${alert.name}`,
      `        expr: ${JSON.stringify(alert.expr)}`,
      `        for: ${alert.for}`,
      `        labels: { severity: ${alert.severity} }`,
      "        annotations:",
      `          summary: ${JSON.stringify(alert.summary)}`,
      `          description: ${JSON.stringify(alert.todo)}`,
    ].join("\n")
  );
  return `# Prometheus reads this with rule_files. The gateway's scrape job is called "kabar":
#   scrape_configs: [{ job_name: kabar, static_configs: [{ targets: ["127.0.0.1:3000"] }] }]
groups:
  - name: kabar
    rules:
${rules.join("\n")}
`;
}
