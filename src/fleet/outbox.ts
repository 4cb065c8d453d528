import type { Clock } from "../async/clock.ts";
import type { DeviceId, MessageId } from "../ids.ts";
import type { Outbox } from "../messages/outbox.ts";
import { isOpen } from "../messages/status.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import { ANYTHING, type News } from "../store/news.ts";
import type { Holding } from "./fleet.ts";

/** News: a device has messages to send. */
const OUTBOX = "outbox";
/** News: a device's owner wants another pace. */
const PACES = "paces";
/** News: a message is sent, or failed. */
export const DECIDED = "messages";
const LOOK_EVERY_MS = 500;
/** How often the store is looked at for messages to send where the news of other gateways are not heard. */
const LOOK_UNHEARD_MS = 1_000;
/** And where they are: a gateway may die between storing a message and telling of it. */
const LOOK_HEARD_MS = 60_000;

export interface FleetOutboxDeps {
  readonly outbox: Outbox;
  readonly messages: Pick<Messages, "get">;
  readonly news: News;
  readonly holding: Pick<Holding, "isHere" | "held">;
  readonly clock: Pick<Clock, "wait" | "every">;
}

/** An outbox whose messages leave where their device is held: they wait in the store until its holder looks. */
export function createFleetOutbox({ outbox, messages, news, holding, clock }: FleetOutboxDeps): Outbox {
  const waiting = new Map<MessageId, Set<() => void>>();
  const meant = (id: DeviceId | typeof ANYTHING) => {
    if (id === ANYTHING) return holding.held();
    return holding.isHere(id) ? [id] : [];
  };
  const look = (id: DeviceId | typeof ANYTHING) => meant(id).forEach((each) => outbox.look(each));
  const looking = clock.every(news.hearsOthers ? LOOK_HEARD_MS : LOOK_UNHEARD_MS, () => look(ANYTHING));
  const deaf = [
    news.hear(OUTBOX, look),
    news.hear(PACES, (id) => meant(id).forEach((each) => outbox.wake(each))),
    news.hear(DECIDED, (id) => {
      for (
        const wake
          of (id === ANYTHING ? [...waiting.values()].flatMap((all) => [...all]) : waiting.get(id)) ?? []
      ) {
        wake();
      }
    }),
  ];

  /** The message once the store says that it is decided. */
  async function decidedElsewhere(id: MessageId, over: AbortSignal): Promise<OutgoingMessage | undefined> {
    const all = waiting.get(id) ?? new Set();
    waiting.set(id, all);
    let wake = () => {};
    const rouse = () => wake();
    all.add(rouse);
    try {
      while (!over.aborted) {
        const woken = new Promise<void>((resolve) => wake = resolve);
        await Promise.race([woken, clock.wait(LOOK_EVERY_MS, over)]);
        if (over.aborted) return undefined;
        const message = await messages.get(id);
        if (message !== undefined && !isOpen(message)) return message;
      }
      return undefined;
    } finally {
      all.delete(rouse);
      if (all.size === 0) waiting.delete(id);
    }
  }

  return {
    ...outbox,
    add(message) {
      const { deviceId } = message;
      if (deviceId === null || holding.isHere(deviceId)) outbox.add(message);
      else news.tell(OUTBOX, deviceId);
    },
    paced(deviceId, pacing) {
      outbox.paced(deviceId, pacing);
      if (!holding.isHere(deviceId)) news.tell(PACES, deviceId);
    },
    async outcome(id, timeoutMs) {
      const over = new AbortController();
      const here = outbox.outcome(id, timeoutMs).finally(() => over.abort());
      const elsewhere = decidedElsewhere(id, over.signal).then((found) => found ?? here);
      return await Promise.race([here, elsewhere]).finally(() => over.abort());
    },
    async stop(graceMs) {
      for (const stop of deaf) stop();
      looking.cancel();
      await outbox.stop(graceMs);
    },
  };
}
