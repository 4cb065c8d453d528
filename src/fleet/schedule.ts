import type { Clock } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { MessageSchedule } from "../messages/schedule.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import type { News } from "../store/news.ts";

/** News: messages for later were stored. */
const SCHEDULED = "scheduled";

const log = logOf("fleet");

/**
 * A schedule that every gateway knows, so that a message for later leaves though the gateway that took it has ended:
 * whoever is first begins it.
 */
export function scheduleOfAll(
  own: MessageSchedule,
  { news, clock }: {
    readonly news: Pick<News, "hear" | "hearsOthers" | "tell">;
    readonly clock: Pick<Clock, "every">;
  },
): MessageSchedule {
  const deaf = hearOrLook({ news, clock }, SCHEDULED, () => {
    own.added().catch((error) => log.warn("fleet.schedule_not_read", { error: messageOf(error) }));
  });
  return {
    ...own,
    async added() {
      news.tell(SCHEDULED, "message");
      await own.added();
    },
    stop() {
      deaf();
      own.stop();
    },
  };
}
