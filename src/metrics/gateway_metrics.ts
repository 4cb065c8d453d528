import process from "node:process";
import type { KabarEvent } from "../events/event.ts";
import type { Blasts } from "../store/blasts.ts";
import type { Deliveries } from "../store/deliveries.ts";
import type { Devices, DeviceStatus } from "../store/devices.ts";
import type { Tenants } from "../store/tenants.ts";
import { VERSION } from "../version.ts";
import type { AttemptReport } from "../webhooks/dispatcher.ts";
import { createRegistry, type Registry, type Sample } from "./registry.ts";

const ATTEMPT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const DELIVERY_SECONDS = [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3_600, 21_600, 86_400];
const DEVICE_STATUSES: readonly DeviceStatus[] = [
  "connected",
  "connecting",
  "disconnected",
  "failed",
  "needs_pairing",
  "pairing",
];
/** Blasts that are not over are few; of more than this, only the oldest are counted through. */
const MOST_BLASTS = 20;

export interface GatewayMetricsDeps {
  readonly deliveries: Pick<Deliveries, "backlog">;
  readonly devices: Pick<Devices, "count">;
  readonly tenants: Pick<Tenants, "count">;
  readonly blasts: Pick<Blasts, "inStatus" | "counts">;
  /** Webhooks that exist. */
  readonly webhooks: () => number;
  /** Tries whether the store takes what is written. */
  readonly healthy: () => Promise<boolean>;
  /** Webhook requests in flight and deliveries in memory. */
  readonly load: () => { readonly inFlight: number; readonly held: number };
  /** How this gateway stands among those that work on one store; left out: it is alone. */
  readonly fleet?: () => { readonly gateways: number; readonly held: number; readonly unheld: number };
  readonly now: () => number;
}

/** What the gateway tells of itself to those who watch it. */
export interface GatewayMetrics {
  event(event: KabarEvent): void;
  attempt(report: AttemptReport): void;
  /** A webhook of another system was accepted. */
  inbound(source: string, outcome: string): void;
  /** A request came in. Call what it returns with the status of the answer. */
  request(): (status: number) => void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

export function createGatewayMetrics(deps: GatewayMetricsDeps): GatewayMetrics {
  const registry = createRegistry();
  const events = registry.counter("kabar_events_total", "Events published, by type.");
  const messages = registry.counter(
    "kabar_messages_total",
    "WhatsApp messages, by direction: sent through the gateway, or received.",
  );
  const attempts = registry.counter(
    "kabar_delivery_attempts_total",
    "Webhook requests, by payload format and outcome: success, or why they failed.",
  );
  const decided = registry.counter(
    "kabar_deliveries_total",
    "Deliveries that ended, by payload format and outcome.",
  );
  const attemptSeconds = registry.histogram(
    "kabar_delivery_attempt_duration_seconds",
    "How long webhook requests took.",
    ATTEMPT_SECONDS,
  );
  const deliverySeconds = registry.histogram(
    "kabar_delivery_latency_seconds",
    "From an event to its successful delivery.",
    DELIVERY_SECONDS,
  );
  const inbound = registry.counter(
    "kabar_inbound_webhooks_total",
    "Webhooks of other systems that were accepted, by source and outcome: event, nothing (they say nothing), or unread " +
      "(kept in the system log).",
  );
  const requests = registry.counter("kabar_http_requests_total", "HTTP requests answered, by status class.");
  let inFlight = 0;
  const counted = { sent: 0, received: 0 };

  observeQueue(registry, deps);
  observeDevices(registry, deps);
  observeFleet(registry, deps);
  observeBlasts(registry, deps);
  registry.observed("kabar_http_requests_in_flight", "HTTP requests being answered.", () => [
    { value: inFlight },
  ]);
  observeProcess(registry, deps.now());
  observeFormerNames(registry, deps, counted);

  return {
    event({ type, data }) {
      events.add({ type });
      if (type === "message.sent") {
        messages.add({ direction: "sent" });
        counted.sent++;
      } else if (type === "message.received" && "fromMe" in data && !data.fromMe) {
        messages.add({ direction: "received" });
        counted.received++;
      }
    },
    attempt({ webhook, event, outcome, state }) {
      const { format } = webhook;
      attempts.add({ format, outcome: outcome.ok ? "success" : outcome.reason });
      attemptSeconds.observe(outcome.durationMs / 1000, { format });
      if (state.status === "pending") return;
      decided.add({ format, outcome: state.status });
      const latencyMs = outcome.startedAt + outcome.durationMs - event.at;
      if (outcome.ok) deliverySeconds.observe(Math.max(0, latencyMs) / 1000, { format });
    },
    inbound(source, outcome) {
      inbound.add({ source, outcome });
    },
    request() {
      inFlight++;
      return (status) => {
        inFlight--;
        requests.add({ status: `${Math.floor(status / 100)}xx` });
      };
    },
    text: registry.text,
  };
}

function observeQueue(registry: Registry, { deliveries, load, now }: GatewayMetricsDeps): void {
  let backlog: ReturnType<typeof deliveries.backlog>;
  registry.observed("kabar_deliveries_pending", "Deliveries that are still to be made.", async () => {
    backlog = deliveries.backlog(); // the ones below tell of the same moment
    return [{ value: (await backlog).pending }];
  });
  registry.observed(
    "kabar_deliveries_pending_oldest_age_seconds",
    "Age of the oldest delivery that is still to be made; in a long queue to the hour.",
    async () => {
      const { oldestPendingAt } = await backlog;
      return [{ value: oldestPendingAt === null ? 0 : Math.max(0, now() - oldestPendingAt) / 1000 }];
    },
  );
  registry.observed(
    "kabar_deliveries_failed",
    "Deliveries that are listed as failed, and can be retried.",
    async () => [{ value: (await backlog).failed }],
  );
  registry.observed("kabar_webhook_requests_in_flight", "Webhook requests being made.", () => [
    { value: load().inFlight },
  ]);
  registry.observed("kabar_deliveries_held", "Deliveries that are in memory, about to be made.", () => [
    { value: load().held },
  ]);
}

function observeDevices(
  registry: Registry,
  { devices, tenants, webhooks, healthy }: GatewayMetricsDeps,
): void {
  registry.observed("kabar_devices", "WhatsApp devices of this gateway, by status.", () =>
    Promise.all(
      DEVICE_STATUSES.map(async (status) => ({
        labels: { status },
        value: await devices.count({ kind: "whatsapp", status }),
      })),
    ));
  registry.observed(
    "kabar_store_writable",
    "Whether the store takes what is written (1), or refuses (0).",
    async () => [{ value: await healthy() ? 1 : 0 }],
  );
  registry.observed("kabar_webhooks", "Webhooks that exist.", () => [{ value: webhooks() }]);
  registry.observed("kabar_tenants", "Tenants that exist.", async () => [{ value: await tenants.count() }]);
}

function observeFleet(registry: Registry, { fleet }: GatewayMetricsDeps): void {
  if (fleet === undefined) return;
  registry.observed("kabar_fleet_gateways", "Gateways that work on the same database.", () => [
    { value: fleet().gateways },
  ]);
  registry.observed("kabar_fleet_devices_held", "Devices that this gateway keeps connected.", () => [
    { value: fleet().held },
  ]);
  registry.observed(
    "kabar_fleet_devices_unheld",
    "Devices that are to be connected and that no gateway holds.",
    () => [
      { value: fleet().unheld },
    ],
  );
}

function observeBlasts(registry: Registry, { blasts }: GatewayMetricsDeps): void {
  registry.observed("kabar_blasts", "Blasts that are not over, by status.", async () => {
    const found = await blasts.inStatus(["accepting", "scheduled", "running", "paused"]);
    const statuses = [...new Set(found.map(({ status }) => status))];
    return statuses.map((status) => ({
      labels: { status },
      value: found.filter((blast) => blast.status === status).length,
    }));
  });
  registry.observed(
    "kabar_blast_messages",
    "Messages of blasts that have begun and are not over, by status.",
    async () => {
      const found = (await blasts.inStatus(["accepting", "running", "paused"])).slice(0, MOST_BLASTS);
      const samples = await Promise.all(found.map(async ({ id }): Promise<readonly Sample[]> => {
        const { queued, processing, sent, failed } = await blasts.counts(id);
        return Object.entries({ queued, processing, sent, failed })
          .map(([status, value]) => ({ labels: { blast: id, status }, value }));
      }));
      return samples.flat();
    },
  );
}

function observeProcess(registry: Registry, now: number): void {
  const startedAt = now - process.uptime() * 1000;
  registry.observed("kabar_build_info", "The version that runs.", () => [
    { labels: { version: VERSION, deno: Deno.version.deno }, value: 1 },
  ]);
  registry.observed("process_cpu_seconds_total", "CPU time used.", () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1_000_000 }];
  }, "counter");
  registry.observed("process_resident_memory_bytes", "Memory in use.", () => [
    { value: Deno.memoryUsage().rss },
  ]);
  registry.observed("process_heap_bytes", "Memory in use by JavaScript.", () => [
    { value: Deno.memoryUsage().heapUsed },
  ]);
  registry.observed("process_start_time_seconds", "When the process started, in Unix seconds.", () => [
    { value: Math.round(startedAt) / 1000 },
  ]);
  registry.observed("process_uptime_seconds", "How long the process has been running.", () => [
    { value: process.uptime() },
  ]);
}

/** The names of a gateway whose dashboards may be pointed here. */
function observeFormerNames(
  registry: Registry,
  { devices, tenants, webhooks, deliveries }: GatewayMetricsDeps,
  counted: { readonly sent: number; readonly received: number },
): void {
  const former = (name: string, of: string, read: () => number | Promise<number>) =>
    registry.observed(name, `The same as ${of}.`, async () => [{ value: await read() }]);
  former("rijan_devices_total", "the sum of kabar_devices", () => devices.count({ kind: "whatsapp" }));
  former(
    "rijan_devices_connected",
    'kabar_devices{status="connected"}',
    () => devices.count({ kind: "whatsapp", status: "connected" }),
  );
  former("rijan_messages_sent", 'kabar_messages_total{direction="sent"}', () => counted.sent);
  former("rijan_messages_received", 'kabar_messages_total{direction="received"}', () => counted.received);
  former("rijan_webhooks_registered", "kabar_webhooks", webhooks);
  former("rijan_webhooks_failed", "kabar_deliveries_failed", async () => (await deliveries.backlog()).failed);
  former("rijan_tenants_active", "kabar_tenants", () => tenants.count());
  registry.observed(
    "nodejs_memory_usage_bytes",
    "Memory, by kind.",
    () => Object.entries(Deno.memoryUsage()).map(([type, value]) => ({ labels: { type }, value })),
  );
}
