import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { MessageSchedule } from "../messages/schedule.ts";
import type { News } from "../store/news.ts";

/** News: messages for later were stored. */
const SCHEDULED = "scheduled";

const log = logOf("fleet");

/**
 * A schedule that every gateway knows, so that a message for later leaves though the gateway that took it has ended:
 * whoever is first begins it.
 */
export function scheduleOfAll(own: MessageSchedule, news: Pick<News, "hear" | "tell">): MessageSchedule {
  const deaf = news.hear(SCHEDULED, () => {
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
