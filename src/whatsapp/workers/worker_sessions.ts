import type { DeviceId } from "../../ids.ts";
import type { Sessions } from "../session.ts";
import { type HostDeps, startWorker, type WorkerHost } from "./worker_host.ts";

export interface WorkerSessionsDeps extends Omit<HostDeps, "onDead" | "onEmpty"> {
  /** Most workers at once. */
  readonly most: number;
}

/** Before another worker is started, each has so many sessions: a worker costs as much memory as 50 of these. */
const FEWEST_EACH = 5;
/** A worker without sessions waits so long for the next one. */
const IDLE_MS = 10_000;

/** Sessions that run in workers. Each device stays with its worker while that lives. */
export function createWorkerSessions(deps: WorkerSessionsDeps): Sessions {
  const { most, clock } = deps;
  const workers = new Set<WorkerHost>();
  const places = new Map<DeviceId, WorkerHost>();

  function start(): WorkerHost {
    const worker: WorkerHost = startWorker({
      ...deps,
      onEmpty: () => restIdly(worker),
      onDead: () => workers.delete(worker),
    });
    workers.add(worker);
    return worker;
  }

  function placeFor(deviceId: DeviceId): WorkerHost {
    const place = places.get(deviceId);
    if (place !== undefined && workers.has(place)) return place;
    const [idlest] = [...workers].sort((a, b) => a.size - b.size);
    const chosen = idlest === undefined || (idlest.size >= FEWEST_EACH && workers.size < most)
      ? start()
      : idlest;
    places.set(deviceId, chosen);
    return chosen;
  }

  function restIdly(worker: WorkerHost): void {
    clock.after(IDLE_MS, () => {
      if (worker.size === 0) worker.stop();
    });
  }

  return {
    open: (deviceId, events, options = {}) => placeFor(deviceId).open(deviceId, events, options),
  };
}
