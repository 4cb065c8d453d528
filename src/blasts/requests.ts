import { BusyError } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import type { Blast, BlastAnswer, BlastRequest, Blasts } from "../store/blasts.ts";
import { createInTurn } from "../async/keyed_lock.ts";
import { keyReused } from "../messages/repeated_request.ts";

/** A blast that another gateway has been taking in for longer than this belongs to one that has ended. */
export const LONGEST_ACCEPTING_MS = 15 * 60_000;
const AGAIN_S = 15;

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

/**
 * @param others Other gateways take blasts in, too; left out: none does.
 * @returns Throws `RefusedError` for a request that says something else than the first one under its key, and
 * `BusyError` for one that another gateway is taking in.
 */
export function createAcceptOnce(
  blasts: Pick<Blasts, "byIdempotencyKey" | "discard">,
  others?: { readonly now: () => number },
): AcceptOnce {
  const inTurn = createInTurn();
  return (tenantId, { idempotencyKey, digest }, accept) =>
    inTurn(JSON.stringify([tenantId, idempotencyKey]), async () => {
      const before = await blasts.byIdempotencyKey(tenantId, idempotencyKey);
      if (before?.answer === null) {
        if (others !== undefined && before.blast.createdAt > others.now() - LONGEST_ACCEPTING_MS) {
          const message =
            "Cannot take the blast yet: another gateway is taking it in under this idempotency key";
          throw new BusyError(message, AGAIN_S);
        }
        await blasts.discard(before.blast.id); // a crash came in between
      }
      if (before === undefined || before.answer === null) return await accept();
      if (before.digest !== digest) throw keyReused("blast", before.blast.id);
      return { blast: before.blast, ...before.answer, replayed: true };
    });
}
