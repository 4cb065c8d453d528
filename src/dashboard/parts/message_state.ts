import type { OutgoingMessage } from "../../store/messages.ts";
import type { Words } from "../words/mod.ts";
import type { Standing } from "./state.tsx";

const RECEIPT_ICONS = { delivered: "check-check", read: "eye", played: "mic" } as const;

/** How a message on its way out stands. */
export function messageStanding(
  { status, receipt }: Pick<OutgoingMessage, "status" | "receipt">,
  { events: t }: Pick<Words, "events">,
): Standing {
  if (status === "failed") return { word: t.failed, icon: "octagon-x", tone: "bad" };
  if (status === "scheduled") return { word: t.scheduled, icon: "clock", tone: "info" };
  if (status === "cancelled") return { word: t.cancelled, icon: "x", tone: "idle" };
  if (status === "queued") return { word: t.queued, icon: "clock", tone: "info" };
  if (status === "processing") return { word: t.processing, icon: "loader", tone: "info" };
  if (receipt === null) return { word: t.sent, icon: "check", tone: "ok" };
  return { word: t[receipt], icon: RECEIPT_ICONS[receipt], tone: "ok" };
}
