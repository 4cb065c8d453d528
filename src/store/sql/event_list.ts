import { type Database, first, run, type Work } from "./database.ts";
import type { EventFilter } from "../events.ts";
import { CLOCK_SLACK_MS, firstSince } from "./bisect.ts";
import { lastNumber } from "./event_numbers.ts";
import { nextTurn } from "../../async/next_turn.ts";

/** Entries of an index that are looked at in one go when not all of them fit the filter. */
const STEP = 500;
/** The same where the engine looks for them elsewhere, and each step is a trip. */
const DISTANT_STEP = 2_000;

/** What is walked along an index: all of the tenant's events, those of a type, or those of a device. */
type Source = { readonly type?: string; readonly deviceId?: string };

/** Exclusive. */
interface Bounds {
  readonly after: number;
  readonly before: number;
}

/** The same stretch of the log, in the tenant's sequence numbers and in the store's. */
interface Stretch {
  readonly tenant_seq: Bounds;
  readonly seq: Bounds;
}

/**
 * The `seq` of the events that a filter asks for, in its order. What it costs does not grow with the rest of the log.
 */
export async function listEvents(db: Database, filter: EventFilter): Promise<readonly number[]> {
  const stretch = await db.read(() => stretchOf(db, filter));
  const newestFirst = filter.order === "newest";
  const found: number[] = [];
  for (const source of await db.read(() => sourcesOf(db, stretch, filter))) {
    found.push(...await walk(db, source, stretch, filter));
  }
  return found.sort((a, b) => newestFirst ? b - a : a - b).slice(0, filter.limit);
}

/** Along the devices where both are asked for, unless hardly any events are of these types. */
function* sourcesOf(db: Database, { seq }: Stretch, filter: EventFilter): Work<readonly Source[]> {
  const { tenantId, types, deviceIds } = filter;
  const byDevice = [...new Set(deviceIds)].map((deviceId) => ({ deviceId }));
  const byType = [...new Set(types)].map((type) => ({ type }));
  if (types === undefined) return deviceIds === undefined ? [{}] : byDevice;
  if (deviceIds === undefined) return byType;
  if (byDevice.length === 0) return [];
  for (const source of byType) {
    const entries = yield* first(entriesQuery(db, tenantId, source, seq, true, STEP));
    if (entries?.size === STEP) return byDevice;
  }
  return byType;
}

function* stretchOf(db: Database, filter: EventFilter): Work<Stretch> {
  const { build } = db;
  const { tenantId, after = 0, before, since } = filter;
  const end = (filter.types?.length ?? 0) + (filter.deviceIds?.length ?? 0) > 1
    ? yield* endOf(db, tenantId)
    : UNBOUNDED;
  const from = (tenantSeq: number) =>
    build.selectFrom("events").select(["seq", "tenant_seq as number", "at"]).where("tenant_id", "=", tenantId)
      .where("tenant_seq", ">=", tenantSeq).orderBy("tenant_seq").limit(1).compile();
  const start = since === undefined ? after + 1 : yield* firstSince(
    (number) => first(from(number)),
    since - CLOCK_SLACK_MS,
    after + 1,
    (yield* lastNumber(db, tenantId)) + 1,
  );
  const lowest = yield* first(from(start));
  const highest = before === undefined ? undefined : yield* first(from(before));
  return {
    tenant_seq: {
      after: start - 1,
      before: Math.min(before ?? Number.MAX_SAFE_INTEGER, end.tenant_seq),
    },
    seq: {
      after: lowest === undefined ? Number.MAX_SAFE_INTEGER : lowest.seq - 1,
      before: Math.min(highest?.seq ?? Number.MAX_SAFE_INTEGER, end.seq),
    },
  };
}

const UNBOUNDED = { tenant_seq: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER };

/**
 * What comes after a tenant's newest event. Sources are walked one after the other: what is stored meanwhile would be
 * found in the later ones only, and who goes on from there would never see what came before it in the others.
 */
function* endOf({ build }: Database, tenantId: string): Work<typeof UNBOUNDED> {
  const newest = yield* first(
    build.selectFrom("events").select(["seq", "tenant_seq"]).where("tenant_id", "=", tenantId)
      .orderBy("tenant_seq", "desc").limit(1).compile(),
  );
  return newest === undefined
    ? { tenant_seq: 0, seq: 0 }
    : { tenant_seq: newest.tenant_seq + 1, seq: newest.seq + 1 };
}

async function walk(
  db: Database,
  source: Source,
  stretch: Stretch,
  filter: EventFilter,
): Promise<readonly number[]> {
  const { tenantId, types, since, limit } = filter;
  const newestFirst = filter.order === "newest";
  const column = columnOf(source);
  if (everythingFits(source, filter)) {
    return (await db.read(() => run(fittingQuery(db, source, stretch[column], filter, limit)))).map(seqOf);
  }
  const most = db.queriesTravel ? DISTANT_STEP : STEP;
  const step = types === undefined && since === undefined ? Math.min(limit, most) : most;
  const found: number[] = [];
  let { after, before } = stretch[column];
  while (true) {
    const entries = await db.read(() =>
      first(entriesQuery(db, tenantId, source, { after, before }, newestFirst, step))
    );
    if (entries === undefined || entries.size === 0) return found;
    const seen = { after: entries.lowest - 1, before: entries.highest + 1 };
    const rows = await db.read(() => run(fittingQuery(db, source, seen, filter, limit - found.length)));
    found.push(...rows.map(seqOf));
    if (found.length >= limit || entries.size < step) return found;
    await nextTurn();
    if (newestFirst) before = entries.lowest;
    else after = entries.highest;
  }
}

/** Whether the index finds nothing that the filter does not want. A device may be another tenant's. */
function everythingFits({ type, deviceId }: Source, { deviceIds, since }: EventFilter): boolean {
  return since === undefined && deviceId === undefined && (type === undefined || deviceIds === undefined);
}

function seqOf({ seq }: { readonly seq: number }): number {
  return seq;
}

/** The numbers by which the source's index is ordered. */
function columnOf({ type, deviceId }: Source): keyof Stretch {
  return type === undefined && deviceId === undefined ? "tenant_seq" : "seq";
}

/** A part of the source's index; no row of the table is read. */
function entriesOf(
  { build }: Database,
  tenantId: string,
  source: Source,
  { after, before }: Bounds,
) {
  const { type, deviceId } = source;
  const column = columnOf(source);
  let query = build.selectFrom("events").where(column, ">", after).where(column, "<", before);
  if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
  else query = query.where("tenant_id", "=", tenantId);
  if (type !== undefined) query = query.where("type", "=", type);
  return query;
}

/** How far the next entries of the index reach. */
function entriesQuery(
  db: Database,
  tenantId: string,
  source: Source,
  bounds: Bounds,
  newestFirst: boolean,
  limit: number,
) {
  const column = columnOf(source);
  const entries = entriesOf(db, tenantId, source, bounds).select(`${column} as at`)
    .orderBy(column, newestFirst ? "desc" : "asc").limit(limit);
  return db.build.selectFrom(entries.as("entries")).select((eb) => [
    eb.fn.countAll<number>().as("size"),
    eb.fn.min("entries.at").as("lowest"),
    eb.fn.max("entries.at").as("highest"),
  ]).compile();
}

/** What fits of a part of the source's index. What the index does not know is unindexed: the part is short. */
function fittingQuery(db: Database, source: Source, bounds: Bounds, filter: EventFilter, limit: number) {
  const { tenantId, types, deviceIds, since } = filter;
  const column = columnOf(source);
  let query = entriesOf(db, tenantId, source, bounds).select("seq");
  if (source.deviceId !== undefined) {
    query = query.where(db.unindexedText("tenant_id"), "=", tenantId);
    if (types !== undefined) query = query.where(db.unindexedText("type"), "in", types);
  } else if (source.type !== undefined && deviceIds !== undefined) {
    query = query.where(db.unindexedText("device_id"), "in", deviceIds);
  }
  if (since !== undefined) query = query.where("at", ">=", since);
  return query.orderBy(column, filter.order === "newest" ? "desc" : "asc").limit(limit).compile();
}
