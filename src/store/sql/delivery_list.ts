import { type AliasedExpression, type ExpressionBuilder, type SelectQueryBuilder, sql } from "kysely";
import { type Database, first, type Query, run, type Work } from "./database.ts";
import type { DeliveryFilter, DeliveryStatus, TriedAgain } from "../deliveries.ts";
import { CLOCK_SLACK_MS, firstSince } from "./bisect.ts";
import { codeOf, FAILED, literalStatus, PENDING } from "./delivery_row.ts";
import { nextTurn } from "../../async/next_turn.ts";
import type { Tables } from "./tables.ts";

/** Entries of an index that are looked at in one go, before others have their turn. */
const STEP = 500;
/** The same where the engine looks for them elsewhere, and each step is a trip. */
const DISTANT_STEP = 2_000;
/** Entries along the history before the pending deliveries of a webhook are looked through as a whole. */
const MOST_BEFORE_PENDING = 10_000;

type Filtered = keyof DeliveryFilter;
type Fitting = SelectQueryBuilder<Tables, "deliveries", { readonly number: number }>;
type Deliveries = SelectQueryBuilder<Tables, "deliveries", Record<never, never>>;

/** Inclusive. */
interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * An index to walk along. `along` says by which column of the deliveries: their own numbers, or those of their events,
 * which grow together.
 */
interface Source {
  readonly along: "number" | "event_seq";
  readonly narrow: (deliveries: Deliveries) => Deliveries;
  /** For walks along events: whose. */
  readonly deviceId?: string;
  /** Filters that the index takes care of. */
  readonly covers: readonly Filtered[];
  /** What is wanted stands in an index of its own too, but in another order: the way to go when it is rare. */
  readonly pendingOf?: string;
}

/** What a walk looks for. */
export interface Search {
  readonly filter: DeliveryFilter;
  readonly order: "asc" | "desc";
  /** Only numbers below this one, above this one. */
  readonly before?: number;
  readonly after?: number;
  /** Leaves pending ones out. */
  readonly decidedOnly?: boolean;
  readonly limit: number;
  /** Newest first only: entries of each index that are looked at before the search ends without having found enough. */
  readonly lookAtMost?: number;
}

/** What a search found, and the number down to which it looked; null: it has found enough, or looked at everything. */
export interface Searched {
  readonly numbers: readonly number[];
  readonly lookedTo: number | null;
}

/** What becomes of the deliveries that a walk finds. */
interface Finds {
  /** What is asked of them. */
  ask(fitting: Fitting): Query<{ readonly number: number }>;
  /** Takes the answer; gives how many deliveries there were. */
  take(rows: readonly { readonly number: number }[]): number;
}

/**
 * The numbers of the deliveries that a search finds, in its order. Every way goes along an index, in steps that hold
 * nobody up: a filter that hardly anything fits costs many steps, never one long scan.
 */
export async function findDeliveries(db: Database, search: Search): Promise<readonly number[]> {
  return (await searchDeliveries(db, search)).numbers;
}

/** How many deliveries fit a filter, counted up to a number: not one of them comes out of the store. */
export async function countDeliveries(db: Database, filter: DeliveryFilter, atMost: number): Promise<number> {
  let counted = 0;
  const counting: Finds = {
    ask: (fitting) =>
      db.build.selectFrom(fitting.clearOrderBy().as("fitting"))
        .select((eb) => eb.fn.countAll<number>().as("number")).compile(),
    take([{ number }]) {
      counted += number;
      return number;
    },
  };
  const search: Search = { filter, order: "desc", limit: atMost };
  const bounds = await db.read(() => boundsOf(db, search));
  for (const source of await db.read(() => sourcesOf(db, filter))) {
    if (counted >= atMost) break;
    await walk(db, source, bounds, search, counting);
  }
  return Math.min(counted, atMost);
}

/** As `findDeliveries`, and says how far it looked. */
export async function searchDeliveries(db: Database, search: Search): Promise<Searched> {
  const { filter, order, limit } = search;
  const sources = await db.read(() => sourcesOf(db, filter));
  const bounds = await db.read(() => boundsOf(db, search));
  const found = new Set<number>();
  let lookedTo = 0;
  for (const source of sources) {
    let rest = limit;
    const listing: Finds = {
      ask: (fitting) => fitting.compile(),
      take(rows) {
        for (const { number } of rows.slice(0, rest)) found.add(number);
        rest = Math.max(0, rest - rows.length);
        return rows.length;
      },
    };
    lookedTo = Math.max(lookedTo, await walk(db, source, bounds, search, listing) ?? 0);
  }
  const numbers = [...found].filter((number) => number >= lookedTo)
    .sort((a, b) => order === "desc" ? b - a : a - b).slice(0, limit);
  return { numbers, lookedTo: lookedTo === 0 || numbers.length === limit ? null : lookedTo };
}

function* sourcesOf({ build }: Database, filter: DeliveryFilter): Work<readonly Source[]> {
  const { tenantId, webhookIds, deviceId, eventId, status } = filter;
  if (eventId !== undefined) {
    const event = yield* first(build.selectFrom("events").select("seq").where("id", "=", eventId).compile());
    if (event === undefined) return [];
    return [{
      along: "number",
      narrow: (all) => all.where("event_seq", "=", event.seq),
      covers: ["eventId"],
    }];
  }
  if (webhookIds !== undefined) return [...new Set(webhookIds)].flatMap((id) => ofWebhook(id, status));
  if (deviceId !== undefined) {
    return [{
      along: "event_seq",
      narrow: (all) => all,
      deviceId,
      covers: ["deviceId"],
    }];
  }
  if (status === "pending") { // those belong to webhooks that exist
    let webhooks = build.selectFrom("webhooks").select("id");
    if (tenantId !== undefined) webhooks = webhooks.where("tenant_id", "=", tenantId);
    return (yield* run(webhooks.compile())).flatMap(({ id }) => ofWebhook(id, status));
  }
  if (tenantId === undefined) return [{ along: "number", narrow: (all) => all, covers: [] }];
  const own = (all: Deliveries) => all.where("tenant_id", "=", tenantId);
  if (status !== "failed") return [{ along: "number", narrow: own, covers: ["tenantId"] }];
  return failedAmong(own, ["tenantId", "status"]);
}

/** Those that failed, and those that recover from it, each in an index of its own. */
function failedAmong(own: Source["narrow"], covers: Source["covers"]): readonly Source[] {
  const failed = (all: Deliveries) => own(all).where("status", "=", literalStatus(FAILED));
  const recovering = (all: Deliveries) =>
    own(all).where("status", "=", literalStatus(PENDING)).where("round_start", "<", sql.lit(0));
  return [failed, recovering].map((narrow) => ({ along: "number", narrow, covers }));
}

function ofWebhook(webhookId: string, status: DeliveryFilter["status"]): readonly Source[] {
  const own = (all: Deliveries) => all.where("webhook_id", "=", webhookId);
  if (status === "failed") return failedAmong(own, ["webhookIds", "status"]);
  return [{
    along: "number",
    narrow: own,
    covers: ["webhookIds"],
    ...(status === "pending" && { pendingOf: webhookId }),
  }];
}

/** Turns times into numbers. */
function* boundsOf({ build }: Database, search: Search): Work<Bounds> {
  const { filter: { since, until }, before, after = 0 } = search;
  const numbers = build.selectFrom("deliveries").select(["number", "created_at as at"]);
  const newest = yield* first(numbers.orderBy("number", "desc").limit(1).compile());
  const end = (newest?.number ?? 0) + 1;
  const from = (number: number) =>
    first(numbers.where("number", ">=", number).orderBy("number").limit(1).compile());
  const lowest = since === undefined ? 1 : yield* firstSince(from, since - CLOCK_SLACK_MS, 1, end);
  const above = until === undefined ? end : yield* firstSince(from, until + CLOCK_SLACK_MS, lowest, end);
  return { lowest: Math.max(lowest, after + 1), highest: Math.min(above, before ?? end) - 1 };
}

/** Walks along a source until it has found enough; gives the number down to which it looked when it stops before. */
async function walk(
  db: Database,
  source: Source,
  bounds: Bounds,
  search: Search,
  { ask, take }: Finds,
): Promise<number | null> {
  const { order, limit, lookAtMost = Infinity } = search;
  const most = db.queriesTravel ? DISTANT_STEP : STEP;
  const step = everythingFits(source, search) ? Math.min(limit, most) : most;
  let found = 0;
  let rest = source.along === "number" ? bounds : await db.read(() => eventBounds(db, bounds));
  for (let looked = 0; rest.lowest <= rest.highest; looked += step) {
    if (looked > 0) await nextTurn();
    const { pendingOf } = source;
    if (pendingOf !== undefined && looked >= MOST_BEFORE_PENDING) {
      take(await db.read(() => run(ask(pendingQuery(db, pendingOf, rest, search)))));
      return null;
    }
    const stretch = await db.read(() => first(stretchQuery(db, source, rest, order, step)));
    if (stretch === undefined || stretch.size === 0) break;
    const seen = { lowest: stretch.lowest, highest: stretch.highest };
    found += take(await db.read(() => run(ask(fittingQuery(db, source, seen, bounds, search)))));
    if (found >= limit || stretch.size < step) break;
    if (looked + step >= lookAtMost) return await db.read(() => numberAt(db, source, stretch.lowest));
    rest = order === "desc"
      ? { ...rest, highest: stretch.lowest - 1 }
      : { ...rest, lowest: stretch.highest + 1 };
  }
  return null;
}

/** The first delivery of an entry of the index. */
function* numberAt({ build }: Database, { along }: Source, entry: number): Work<number> {
  if (along === "number") return entry;
  const delivery = yield* first(
    build.selectFrom("deliveries").select("number").where("event_seq", ">=", entry).orderBy("event_seq")
      .orderBy("number").limit(1).compile(),
  );
  return delivery?.number ?? 0;
}

/** Whether the index finds nothing that the filter does not want. */
function everythingFits({ covers }: Source, { filter, decidedOnly }: Search): boolean {
  const asked = (Object.keys(filter) as Filtered[]).filter((key) => filter[key] !== undefined);
  return !decidedOnly && asked.every((key) => covers.includes(key));
}

/** The events of the deliveries within these bounds. */
function* eventBounds({ build }: Database, { lowest, highest }: Bounds): Work<Bounds> {
  const events = build.selectFrom("deliveries").select("event_seq as seq");
  const from = yield* first(events.where("number", ">=", lowest).orderBy("number").limit(1).compile());
  const to = yield* first(events.where("number", "<=", highest).orderBy("number", "desc").limit(1).compile());
  return { lowest: from?.seq ?? 1, highest: to?.seq ?? 0 };
}

/** The next stretch of the index, `step` entries long. */
function stretchQuery(
  { build }: Database,
  { along, narrow, deviceId }: Source,
  { lowest, highest }: Bounds,
  order: Search["order"],
  step: number,
) {
  const events = build.selectFrom("events").select("seq as at").where("device_id", "=", deviceId ?? null)
    .where("device_id", "is not", null).where("seq", ">=", lowest).where("seq", "<=", highest)
    .orderBy("seq", order).limit(step);
  const deliveries = narrow(build.selectFrom("deliveries")).select("number as at")
    .where("number", ">=", lowest).where("number", "<=", highest).orderBy("number", order).limit(step);
  const entries: AliasedExpression<{ at: number }, "entries"> = along === "event_seq"
    ? events.as("entries")
    : deliveries.as("entries");
  return build.selectFrom(entries).select((eb) => [
    eb.fn.countAll<number>().as("size"),
    eb.fn.min("entries.at").as("lowest"),
    eb.fn.max("entries.at").as("highest"),
  ]).compile();
}

/** What fits of a stretch. Whose it is stands unindexed: else all of the tenant's deliveries are read for each. */
function fittingQuery(
  { build, unindexedText }: Database,
  { along, narrow, deviceId }: Source,
  { lowest, highest }: Bounds,
  bounds: Bounds,
  search: Search,
): Fitting {
  const events = build.selectFrom("events").select("seq").where("device_id", "=", deviceId ?? null)
    .where("device_id", "is not", null).where("seq", ">=", lowest).where("seq", "<=", highest);
  const { tenantId, ...filter } = search.filter;
  let own = narrow(build.selectFrom("deliveries")).select("number")
    .where((eb) => fits(eb, { ...search, filter }));
  if (tenantId !== undefined) own = own.where(unindexedText("tenant_id"), "=", tenantId);
  const near = along === "event_seq"
    ? own.where("event_seq", "in", events).where("number", ">=", bounds.lowest)
      .where("number", "<=", bounds.highest)
    : own.where("number", ">=", lowest).where("number", "<=", highest);
  return near.orderBy("number", search.order).limit(search.limit);
}

/** What fits of a webhook's pending deliveries. */
function pendingQuery(
  db: Database,
  webhookId: string,
  { lowest, highest }: Bounds,
  search: Search,
): Fitting {
  // unindexed, so that the engine does not walk the whole history in this order
  const position = db.unindexedNumber("number");
  return db.build.selectFrom("deliveries").select("number").where("webhook_id", "=", webhookId)
    .where("status", "=", literalStatus(PENDING)).where("blocked", "in", [0, 1])
    .where(position, ">=", lowest).where(position, "<=", highest)
    .where((eb) => fits(eb, search)).orderBy(position, search.order).limit(search.limit);
}

/** As `shownStatus` says. */
function isShownAs(eb: ExpressionBuilder<Tables, "deliveries">, status: DeliveryStatus) {
  const is = eb("status", "=", codeOf(status));
  if (status === "pending") return eb.and([is, eb("round_start", ">=", 0)]);
  if (status !== "failed") return is;
  return eb.or([is, eb.and([eb("status", "=", PENDING), eb("round_start", "<", 0)])]);
}

/** A failed delivery has a time of its own at which it is tried again, or waits for the probes of its endpoint. */
function isTried(eb: ExpressionBuilder<Tables, "deliveries">, { again, probed }: TriedAgain) {
  const due = eb("due_at", again ? ">" : "=", 0);
  if (probed.length === 0) return due;
  return again
    ? eb.or([due, eb("webhook_id", "in", probed)])
    : eb.and([due, eb("webhook_id", "not in", probed)]);
}

/** What a filter asks of a row. */
export function fits(
  eb: ExpressionBuilder<Tables, "deliveries">,
  { filter, decidedOnly }: Pick<Search, "filter" | "decidedOnly">,
) {
  const { tenantId, webhookIds, deviceId, name, status, statusCode, tried, since, until } = filter;
  const conditions = [];
  if (tenantId !== undefined) conditions.push(eb("tenant_id", "=", tenantId));
  if (webhookIds !== undefined) conditions.push(eb("webhook_id", "in", webhookIds));
  if (deviceId !== undefined) conditions.push(eb("device_id", "=", deviceId));
  if (name !== undefined) conditions.push(eb("name", "=", name));
  if (status !== undefined) conditions.push(isShownAs(eb, status));
  if (statusCode !== undefined) conditions.push(eb("status_code", "=", statusCode));
  if (tried !== undefined) conditions.push(isTried(eb, tried));
  if (since !== undefined) conditions.push(eb("created_at", ">=", since));
  if (until !== undefined) conditions.push(eb("created_at", "<", until));
  if (decidedOnly) conditions.push(eb("status", "<>", PENDING));
  return eb.and(conditions);
}
