import type { TenantId } from "../ids.ts";
import type { Blast, BlastAnswer, BlastRequest, Blasts } from "../store/blasts.ts";
import { createInTurn } from "../async/keyed_lock.ts";
import { keyReused } from "../messages/repeated_request.ts";

/** A blast that was taken in. */
export interface AcceptedBlast extends BlastAnswer {
  readonly blast: Blast;
  /** The request was made before under this idempotency key: this is what it was answered. */
  readonly replayed: boolean;
}

/** Takes a blast in, unless that was done under this key before; then the answer is what it was. */
export type AcceptOnce = (
  tenantId: TenantId,
  request: BlastRequest,
  accept: () => Promise<AcceptedBlast>,
) => Promise<AcceptedBlast>;

/** @returns Throws `RefusedError` for a request that says something else than the first one under its key. */
export function createAcceptOnce(blasts: Pick<Blasts, "byIdempotencyKey" | "discard">): AcceptOnce {
  const inTurn = createInTurn();
  return (tenantId, { idempotencyKey, digest }, accept) =>
    inTurn(JSON.stringify([tenantId, idempotencyKey]), async () => {
      const before = await blasts.byIdempotencyKey(tenantId, idempotencyKey);
      if (before?.answer === null) await blasts.discard(before.blast.id); // a crash came in between
      if (before === undefined || before.answer === null) return await accept();
      if (before.digest !== digest) throw keyReused("blast", before.blast.id);
      return { blast: before.blast, ...before.answer, replayed: true };
    });
}
