import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import type { Deliveries, Delivery, DeliveryFilter } from "../../store/deliveries.ts";
import { csvCell } from "../csv_cell.ts";

const PAGE = 500;
/** A file of more rows is not opened by anybody; the API has cursors. */
const MOST_ROWS = 100_000;

const COLUMNS = [
  "delivery_id",
  "created_at",
  "event",
  "event_id",
  "webhook_id",
  "device_id",
  "status",
  "status_code",
  "attempts",
  "last_attempt_at",
  "error",
];

/** The deliveries that a filter finds, newest first, as CSV; read page by page while it is downloaded. */
export function csvOf(
  deliveries: Pick<Deliveries, "list">,
  filter: DeliveryFilter,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let before: number | undefined;
  let written = 0;
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(`\ufeff${COLUMNS.join(",")}\r\n`)),
    async pull(controller) {
      const page = await deliveries.list(filter, { limit: PAGE, before });
      before = page.at(-1)?.number;
      written += page.length;
      if (page.length > 0) controller.enqueue(encoder.encode(page.map(lineOf).join("")));
      if (page.length < PAGE || written >= MOST_ROWS) controller.close();
    },
  });
}

function lineOf(delivery: Delivery): string {
  const time = (at: number | null) => at === null ? "" : new Date(at).toISOString();
  const cells = [
    deliveryIdOf(delivery.number),
    time(delivery.createdAt),
    delivery.name,
    delivery.eventId,
    delivery.webhookId,
    delivery.deviceId ?? "",
    delivery.status,
    delivery.statusCode ?? "",
    delivery.attempts,
    time(delivery.lastAttemptAt),
    delivery.error ?? "",
  ];
  return `${cells.map((cell) => csvCell(String(cell))).join(",")}\r\n`;
}
