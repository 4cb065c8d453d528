import type { BlastMessage } from "../../store/blasts.ts";
import type { Messages } from "../../store/messages.ts";
import type { Lane } from "../../blasts/lane.ts";
import type { Departures } from "./in_doubt_log.ts";
import type { Clock } from "../../async/clock.ts";
import { pause } from "../../async/pause.ts";
import { type QiscusSender, UNCONFIRMED } from "./sender.ts";
import { Turns } from "../../async/pacer.ts";

/** So many messages in a row that could not be handed over for reasons that are not theirs stop a blast. */
const PATIENCE = 10;

/** The lane of all blasts through Qiscus. */
export function createQiscusLane({ sender, perSecond, width, noted = false, clock }: {
  readonly sender: Pick<QiscusSender, "send">;
  readonly perSecond: number;
  readonly width: number;
  /** Departures are noted in the store. */
  readonly noted?: boolean;
  readonly clock: Pick<Clock, "now" | "wait">;
}): Lane {
  const turns = new Turns({ perSecond, now: clock.now });
  let failures = 0;
  return {
    deviceId: null,
    width,
    noted,
    newWaMessageId: () => null,
    waitMs: () => Promise.resolve(0),
    async send(message, _blast, { halted: stopping }) {
      const turn = async () => {
        await pause(turns.take(), stopping, clock);
      };
      const result = await sender.send(message, { turn, stopping });
      if (result.kind === "interrupted") return { kind: "interrupted" };
      const isDown = result.kind === "unconfirmed" || (result.kind === "failed" && result.lineDown);
      failures = isDown ? failures + 1 : 0;
      if (!isDown || failures < PATIENCE) return { kind: "done" };
      failures = 0;
      return { kind: "stop", reason: `Qiscus takes no messages: ${result.message}` };
    },
  };
}

/**
 * Decides what to do with a message that an earlier run had in hand for Qiscus: one that never left is queued again,
 * any other is never sent again, since it may have arrived.
 */
export function createQiscusRecovery(deps: {
  readonly departures: Pick<Departures, "fateOf">;
  readonly sender: Pick<QiscusSender, "rememberUnconfirmed">;
  readonly messages: Pick<Messages, "change">;
  readonly putBack: (messageId: string) => Promise<void>;
  readonly now: () => number;
}): (message: BlastMessage) => Promise<void> {
  return async ({ message }) => {
    // One that has a reason was given up on before.
    if (message.error === null) {
      if (await deps.departures.fateOf(message.id) === "stayed") return await deps.putBack(message.id);
      const error = { code: null, message: `${UNCONFIRMED} (the gateway was stopped)` };
      await deps.messages.change(
        message.id,
        (current) => current.waMessageId === null && current.status === "processing" ? { error } : null,
        deps.now(),
      );
    }
    deps.sender.rememberUnconfirmed(message);
  };
}
