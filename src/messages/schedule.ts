import { type Agenda, createAgenda } from "../async/agenda.ts";
import type { Clock } from "../async/clock.ts";
import { NotFoundError, RefusedError } from "../errors.ts";
import type { MessageId, TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { OutgoingFiles } from "../media/outgoing.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { Outbox } from "./outbox.ts";
import { PAUSED_AT } from "./paused.ts";
import { mediaIdOf } from "./to_outgoing.ts";

const log = logOf("messages");

/** Single messages that leave later. They stay in the store until then. */
export interface MessageSchedule extends Agenda {
  /**
   * Takes a message back before it leaves.
   * @param isMine Whether the caller may see it.
   * @throws {NotFoundError} If it does not exist, or is not the caller's.
   * @throws {RefusedError} If it is not scheduled any more.
   */
  cancel(id: MessageId, isMine: (message: OutgoingMessage) => boolean): Promise<OutgoingMessage>;
}

export interface MessageScheduleDeps {
  readonly messages: Pick<Messages, "nextScheduled" | "change" | "get">;
  readonly outbox: Pick<Outbox, "add">;
  /** What falls due for a suspended tenant is paused. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  readonly files: Pick<OutgoingFiles, "discard">;
  readonly clock: Pick<Clock, "now" | "after">;
}

export function createMessageSchedule(
  { messages, outbox, isSuspended, files, clock }: MessageScheduleDeps,
): MessageSchedule {
  const { now } = clock;

  /** Its device's lane sends it from here on, as any other. */
  async function begin(id: MessageId): Promise<void> {
    const result = await messages.change(
      id,
      ({ status, tenantId }) => {
        if (status !== "scheduled") return null; // its owner was faster
        return isSuspended(tenantId) ? { sendAt: PAUSED_AT } : { status: "queued" };
      },
      now(),
    );
    if (result?.changed && result.message.status === "queued") outbox.add(result.message);
  }

  return {
    ...createAgenda({ next: () => messages.nextScheduled(), begin, log, clock }),

    async cancel(id, isMine) {
      const known = await messages.get(id);
      if (known === undefined || !isMine(known)) throw new NotFoundError("message", id);
      const result = await messages.change(
        id,
        ({ status }) => status === "scheduled" ? { status: "cancelled" } : null,
        now(),
      );
      if (result === undefined) throw new NotFoundError("message", id);
      const { message, changed } = result;
      if (!changed) {
        throw new RefusedError(
          "NOT_SCHEDULED",
          `Cannot cancel message "${id}": it is ${message.status}`,
          { message_id: id, status: message.status },
        );
      }
      const mediaId = mediaIdOf(message);
      if (mediaId !== undefined) await files.discard(mediaId);
      return message;
    },
  };
}
