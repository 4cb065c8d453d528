import type { Clock } from "../async/clock.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Devices } from "../store/devices.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { Outbox } from "./outbox.ts";
import type { Tenants } from "../store/tenants.ts";
import { isOpen, OPEN_STATUSES } from "./status.ts";

const PAGE = 256;

const log = logOf("messages");

/**
 * When a message leaves that waits until somebody resumes it: its tenant was suspended before it left, and what was
 * said then may be wrong by now. It is `scheduled`, for no time.
 */
export const PAUSED_AT = 0;

/** Keeps what a suspended tenant had waiting from leaving by itself once it is let in again. */
export interface PausedMessages {
  /** Pauses whatever of the tenant had not left when it was suspended, or let in: what came after that is meant to. */
  pause(tenantId: TenantId): Promise<void>;
  /**
   * Lets what is paused leave, oldest first.
   * @param deviceIds Of these devices only; left out: of all.
   * @returns How many.
   */
  resume(tenantId: TenantId, deviceIds?: readonly DeviceId[]): Promise<number>;
}

export function createPausedMessages({ messages, devices, tenants, outbox, clock }: {
  readonly messages: Pick<Messages, "change" | "scheduled" | "waiting">;
  readonly devices: Pick<Devices, "list">;
  readonly tenants: Pick<Tenants, "get">;
  readonly outbox: Pick<Outbox, "add" | "withdraw">;
  readonly clock: Pick<Clock, "now">;
}): PausedMessages {
  const { now } = clock;

  async function pauseOne(message: OutgoingMessage): Promise<boolean> {
    outbox.withdraw(message);
    const pausing = (current: OutgoingMessage) =>
      isOpen(current) ? { status: "scheduled" as const, sendAt: PAUSED_AT } : null;
    return (await messages.change(message.id, pausing, now()))?.changed ?? false;
  }

  async function resumeOne({ id }: OutgoingMessage): Promise<boolean> {
    const resuming = ({ status, sendAt }: OutgoingMessage) =>
      status === "scheduled" && sendAt === PAUSED_AT ? { status: "queued" as const, sendAt: now() } : null;
    const result = await messages.change(id, resuming, now());
    if (result?.changed) outbox.add(result.message);
    return result?.changed ?? false;
  }

  return {
    async pause(tenantId) {
      const before = (await tenants.get(tenantId))?.updatedAt ?? now();
      let paused = 0;
      for (const { id } of await devices.list({ tenantId, kind: "whatsapp" })) {
        for (;;) {
          const page = await messages.waiting(id, OPEN_STATUSES, PAGE);
          const old = page.filter(({ createdAt }) => createdAt <= before);
          const count = (await Promise.all(old.map(pauseOne))).filter(Boolean).length;
          paused += count;
          if (count === 0) break;
        }
      }
      if (paused > 0) {
        log.warn("messages.paused", { tenantId, count: paused, why: "the tenant is suspended" });
      }
    },

    async resume(tenantId, deviceIds) {
      let resumed = 0;
      for (;;) {
        const page = await messages.scheduled({ tenantId, deviceIds }, { limit: PAGE });
        const paused = page.filter(({ sendAt }) => sendAt === PAUSED_AT);
        let count = 0;
        for (const message of paused) if (await resumeOne(message)) count++;
        resumed += count;
        if (count === 0) return resumed;
      }
    },
  };
}
