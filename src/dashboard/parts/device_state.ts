import type { Device } from "../../store/devices.ts";
import type { Words } from "../words/mod.ts";
import type { Standing } from "./state.tsx";

/** How a device stands. */
export function deviceStanding(device: Device, { devices: t }: Words): Standing {
  const { status, lastError, jid, wanted, disconnectedAt } = device;
  switch (status) {
    case "connected":
      return { word: t.connected, icon: "circle-check", tone: "ok" };
    case "connecting":
      return device.connectedAt === null
        ? { word: t.connecting, icon: "loader", tone: "warn" }
        : { word: t.reconnecting, icon: "loader", tone: "warn" };
    case "pairing":
      return { word: t.needsLinking, icon: "qr-code", tone: "info" };
    case "needs_pairing":
      return disconnectedAt !== null || jid !== null
        ? { word: t.loggedOut, icon: "unplug", tone: "bad" }
        : { word: t.needsLinking, icon: "qr-code", tone: "info" };
    case "disconnected":
      return wanted
        ? { word: t.reconnecting, icon: "loader", tone: "warn" }
        : { word: t.stopped, icon: "square", tone: "idle" };
    case "failed":
      return /\b(?:banned|blocked)\b/.test(lastError ?? "")
        ? { word: t.blocked, icon: "ban", tone: "bad" }
        : { word: t.failed, icon: "octagon-x", tone: "bad" };
  }
}

const ORDER = { bad: 0, info: 1, warn: 2, idle: 4, ok: 3 } as const;

/** Trouble first, then by name. */
export function troubleFirst(t: Words): (a: Device, b: Device) => number {
  return (a, b) =>
    ORDER[deviceStanding(a, t).tone] - ORDER[deviceStanding(b, t).tone] || a.label.localeCompare(b.label);
}
