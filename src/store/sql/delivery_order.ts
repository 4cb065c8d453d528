import { type Kysely, sql } from "kysely";
import { first, send, type Work } from "./database.ts";
import { literalStatus, PENDING } from "./delivery_row.ts";
import { hot } from "./hot.ts";
import type { Tables } from "./tables.ts";

/**
 * Keeps the rule of ordered deliveries: of the pending ones with the same webhook and ordering key, the one with the
 * lowest number is open, the others are blocked behind it. So a claim finds what may be tried by one index seek, and
 * never walks over what has to wait.
 */
export class DeliveryOrder {
  readonly #lowest;
  readonly #open;
  readonly #block;

  constructor(build: Kysely<Tables>) {
    this.#lowest = hot((p: { webhookId: string; key: string }) =>
      build.selectFrom("deliveries").select("number").where("webhook_id", "=", p.webhookId)
        .where("ordering_key", "=", p.key).where("ordering_key", "is not", null)
        .where("status", "=", literalStatus(PENDING)).orderBy("number").limit(sql.lit(1))
    );
    this.#open = hot((p: { number: number }) =>
      build.updateTable("deliveries").set({ blocked: 0 }).where("number", "=", p.number).where(
        "blocked",
        "=",
        1,
      )
    );
    this.#block = hot((p: { number: number }) =>
      build.updateTable("deliveries").set({ blocked: 1 }).where("number", "=", p.number)
    );
  }

  /** The number of the first pending delivery of a key. */
  *head(webhookId: string, key: string): Work<number | undefined> {
    return (yield* first(this.#lowest({ webhookId, key })))?.number;
  }

  /** Opens the first pending delivery of a key: after the one before it was decided. */
  *open(webhookId: string, key: string): Work<void> {
    const number = yield* this.head(webhookId, key);
    if (number !== undefined) yield* send(this.#open({ number }));
  }

  *block(number: number): Work<void> {
    yield* send(this.#block({ number }));
  }
}
