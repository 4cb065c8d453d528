import { ConflictError, NotFoundError, RefusedError } from "../errors.ts";
import type { MessageId, TenantId } from "../ids.ts";
import {
  type Blast,
  type BlastCounts,
  type BlastDecision,
  type Blasts,
  type BlastTurn,
  SENDS_AGAIN,
} from "../store/blasts.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import { isKnownUnsent, knownUnsentOf } from "./again.ts";
import type { DevicePace, DevicePacesOf } from "./device_pace.ts";
import type { BlastRunner } from "./runner.ts";

/** How a blast does. */
export interface BlastProgress {
  readonly blast: Blast;
  readonly counts: BlastCounts;
  /** Messages a second over the last minute; null when it sends none. */
  readonly perSecond: number | null;
  /** When it will be through at this rate, epoch ms; null when nobody can tell. */
  readonly estimatedEndAt: number | null;
  /** Empty for a blast through Qiscus. */
  readonly paces: readonly DevicePace[];
  /** When and why it was paused and went on, oldest first. */
  readonly turns: readonly BlastTurn[];
}

/**
 * What the owner of a blast can do with it; `by` is who does it, as in a turn. All throw `NotFoundError` for one that
 * is not the tenant's.
 */
export interface BlastControl {
  progress(tenantId: TenantId, id: string): Promise<BlastProgress>;
  /** @throws {ConflictError} If it does not run. */
  pause(tenantId: TenantId, id: string, by: BlastTurn["by"]): Promise<BlastProgress>;
  /** Goes on, also with devices that had been taken out. @throws {ConflictError} If it is not paused. */
  resume(tenantId: TenantId, id: string, by: BlastTurn["by"]): Promise<BlastProgress>;
  /** @throws {ConflictError} If it has ended. */
  cancel(tenantId: TenantId, id: string, by: BlastTurn["by"]): Promise<BlastProgress>;
  /**
   * Sends again to those who failed and are known to have got nothing, each under its own message; nobody is written to
   * twice. A blast that was completed runs again, a paused one stays paused.
   * @param messageId Only this one.
   * @throws {ConflictError} If it was cancelled, or has not begun.
   * @throws {RefusedError} If the one message may have been sent, or did not fail.
   */
  again(
    tenantId: TenantId,
    id: string,
    by: BlastTurn["by"],
    messageId?: MessageId,
  ): Promise<BlastProgress & { readonly queuedAgain: number }>;
}

export function createBlastControl({ blasts, messages, runner, pacesOf, now }: {
  readonly blasts: Pick<Blasts, "get" | "change" | "counts" | "queueAgain" | "turns">;
  readonly messages: Pick<Messages, "get" | "list">;
  readonly runner: Pick<BlastRunner, "changed" | "giveUp" | "perSecond">;
  readonly pacesOf: DevicePacesOf;
  readonly now: () => number;
}): BlastControl {
  async function find(tenantId: TenantId, id: string): Promise<Blast> {
    const blast = await blasts.get(id);
    if (blast === undefined || blast.tenantId !== tenantId) throw new NotFoundError("blast", id);
    return blast;
  }

  async function progressOf(blast: Blast): Promise<BlastProgress> {
    const counts = await blasts.counts(blast.id);
    const perSecond = blast.status === "running" ? runner.perSecond(blast.id) : null;
    const leftMs = perSecond === null ? null : counts.queued / perSecond * 1000;
    return {
      blast,
      counts,
      perSecond,
      estimatedEndAt: leftMs === null ? null : Math.round(now() + leftMs),
      paces: await pacesOf(blast),
      turns: await blasts.turns(blast.id),
    };
  }

  async function change(
    tenantId: TenantId,
    id: string,
    verb: string,
    decide: (blast: Blast) => BlastDecision | null,
  ): Promise<BlastProgress> {
    await find(tenantId, id);
    const result = await blasts.change(id, decide, now());
    if (result === undefined) throw new NotFoundError("blast", id);
    if (!result.changed) {
      throw new ConflictError(`Cannot ${verb} blast "${id}": it is ${result.blast.status}`);
    }
    runner.changed(result.blast);
    if (result.blast.status === "cancelled") await runner.giveUp(id);
    return await progressOf(result.blast);
  }

  async function one(blast: Blast, messageId: MessageId): Promise<OutgoingMessage> {
    const message = await messages.get(messageId);
    if (message === undefined || message.blastId !== blast.id) throw new NotFoundError("message", messageId);
    if (isKnownUnsent(message)) return message;
    const why = message.status === "failed" ? "it may have been sent" : `it is ${message.status}`;
    throw new RefusedError("MAY_HAVE_BEEN_SENT", `Cannot send message "${messageId}" again: ${why}`);
  }

  return {
    async again(tenantId, id, by, messageId) {
      let blast = await find(tenantId, id);
      if (!SENDS_AGAIN.has(blast.status)) {
        throw new ConflictError(`Cannot send again in blast "${id}": it is ${blast.status}`);
      }
      const found = messageId === undefined
        ? knownUnsentOf(blast, messages)
        : [[await one(blast, messageId)]];
      let queuedAgain = 0;
      for await (const some of found) {
        if (some.length === 0) continue;
        const done = await blasts.queueAgain(id, some.map((message) => message.id), now(), by);
        if (done === undefined) throw new NotFoundError("blast", id);
        blast = done.blast;
        queuedAgain += done.queued.length;
      }
      if (queuedAgain > 0) runner.changed(blast);
      return { ...await progressOf(blast), queuedAgain };
    },
    progress: async (tenantId, id) => await progressOf(await find(tenantId, id)),
    pause: (tenantId, id, by) =>
      change(
        tenantId,
        id,
        "pause",
        ({ status }) =>
          status === "running"
            ? { status: "paused", reason: "Paused by its owner", turn: asked("paused", by) }
            : null,
      ),
    resume: (tenantId, id, by) =>
      change(
        tenantId,
        id,
        "resume",
        ({ status, startedAt }) =>
          status === "paused"
            ? {
              status: "running",
              reason: null,
              stopped: {},
              startedAt: startedAt ?? now(),
              turn: asked("resumed", by),
            }
            : null,
      ),
    cancel: (tenantId, id, by) =>
      change(
        tenantId,
        id,
        "cancel",
        ({ status }) =>
          status === "running" || status === "paused" || status === "scheduled"
            ? {
              status: "cancelled",
              reason: "Cancelled by its owner",
              finishedAt: now(),
              turn: asked("cancelled", by),
            }
            : null,
      ),
  };
}

function asked(what: BlastTurn["what"], by: BlastTurn["by"]) {
  return { what, cause: "person", by, deviceId: null, reason: null } as const;
}
