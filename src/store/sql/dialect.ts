import type { CompiledQuery, Expression, ExpressionBuilder, Kysely, RawBuilder, SqlBool } from "kysely";
import type { Tables } from "./tables.ts";

/** What the engines say differently in SQL. Shared queries take it from here, so that they name no engine. */
export interface Dialect {
  /** Builds and compiles queries of the engine's dialect; never runs any. */
  readonly build: Kysely<Tables>;
  /** Each query is a trip over a network: one for many rows is better than many. */
  readonly queriesTravel: boolean;
  /** A number's column in a form that no index is used for: keeps the planner to another one. */
  unindexedNumber(column: string): RawBuilder<number>;
  /** A text's column in a form that no index is used for. */
  unindexedText(column: string): RawBuilder<string>;
  /**
   * Locks the rows that a query reads until the commit: before a decision that is written to them. Where there is only
   * one writer the query stays as it is.
   */
  locked<Q extends object>(query: Q): Q;
  /** As `locked`, but leaves out the rows that somebody else has locked: for claims, which take any. */
  unclaimed<Q extends object>(query: Q): Q;
  /**
   * Keeps others from changing or removing the rows that a query reads until the commit; others may read them so, too.
   */
  shared<Q extends object>(query: Q): Q;
  /** What the store's clock says, epoch ms: the same for all openings. */
  readonly clockMs: RawBuilder<number>;
  /** Whether a column is among those that a query gives. The query is evaluated once. */
  among(column: string, query: Expression<unknown>): RawBuilder<SqlBool>;
  /**
   * A query for the `number` of a device's messages that have all words, each at least by its beginning. Words are
   * those of `searchWords`: letters and digits only.
   */
  messagesWith(deviceId: string, words: readonly string[]): RawBuilder<unknown>;
  /**
   * Locks names, not rows, until the commit: works of other openings that lock one of them, too, wait. Left out where
   * there is only one writer.
   * @param names Sorted, so that two works never wait for each other.
   */
  lockNames?(names: readonly string[]): CompiledQuery;
}

/** Whose deliveries are in hand: how an opening of the store marks its leases and knows those that are over. */
export interface DeliveryLeases {
  /** Stands in `lease_epoch` of each delivery that this opening takes in hand. */
  readonly mine: number;
  /** This opening works for the gateway with this number from now on: its leases end when the gateway is removed. */
  joined(gatewayNumber: number): void;
  /**
   * Nobody has the delivery in hand: its lease is over by time, or its holder is gone.
   * @param asked.holder `mine`, as it is at the time of the query.
   */
  isFree(
    eb: ExpressionBuilder<Tables, "deliveries">,
    asked: { readonly now: number; readonly holder: number },
  ): Expression<SqlBool>;
}
