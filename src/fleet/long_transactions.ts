import type { Clock } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { MINUTE_MS } from "../spans.ts";
import type { Store } from "../store/store.ts";
import type { Task } from "./tasks.ts";

const log = logOf("store");

const LOOK_EVERY_MS = MINUTE_MS;
const LONG_MS = 5 * MINUTE_MS;

/** Warns of transactions that stay open, such as a copy or a forgotten session: they slow everything down. */
export function longTransactionsTask(
  { longTransactions }: Pick<Store, "longTransactions">,
  clock: Pick<Clock, "every">,
): Task {
  async function look(): Promise<void> {
    for (const { program, user, ageMs } of await longTransactions(LONG_MS)) {
      log.warn("store.long_transaction", {
        program,
        user,
        minutes: Math.floor(ageMs / MINUTE_MS),
        why: "while it is open every change costs more: let copies be made from a replica",
      });
    }
  }

  return {
    start() {
      const timer = clock.every(LOOK_EVERY_MS, () => {
        look().catch((error) => log.warn("store.transactions_not_read", { error: messageOf(error) }));
      });
      return () => timer.cancel();
    },
  };
}
