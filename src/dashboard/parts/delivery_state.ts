import type { Delivery } from "../../store/deliveries.ts";
import type { Words } from "../words/mod.ts";
import type { Standing } from "./state.tsx";

/** How a delivery stands. `planned`: an attempt or a probe of its endpoint is planned, so it is not over. */
export function deliveryStanding(
  { status, attempts, dueAt }: Delivery,
  planned: boolean,
  { tracking: t }: Words,
): Standing {
  switch (status) {
    case "success":
      return attempts > 1
        ? { word: t.delivered, icon: "rotate-cw", tone: "ok" }
        : { word: t.delivered, icon: "check-check", tone: "ok" };
    case "pending":
      return { word: t.waiting, icon: "clock", tone: "info" };
    case "failed":
      return dueAt > 0 || planned
        ? { word: t.failing, icon: "triangle-alert", tone: "warn" }
        : { word: t.givenUp, icon: "octagon-x", tone: "bad" };
    case "cancelled":
      return { word: t.cancelled, icon: "ban", tone: "idle" };
  }
}
