import { type Database, first, run, type Work } from "./database.ts";
import type { EventFilter } from "../events.ts";
import { CLOCK_SLACK_MS, firstSince } from "./bisect.ts";
import { nextTurn } from "./next_turn.ts";

/** Rows that are looked at in one go when not all of them fit the filter. */
const STEP = 1_000;

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

interface Found {
  readonly seq: number;
  readonly tenant_seq: number;
  readonly type: string;
  readonly tenant_id: string;
  readonly at: number;
}

/**
 * The `seq` of the events that a filter asks for, in its order. What it costs does not grow with the rest of the log.
 */
export async function listEvents(db: Database, filter: EventFilter): Promise<readonly number[]> {
  const stretch = await db.read(() => stretchOf(db, filter));
  const newestFirst = filter.order === "newest";
  const found: number[] = [];
  for (const source of sourcesOf(filter)) found.push(...await walk(db, source, stretch, filter));
  return found.sort((a, b) => newestFirst ? b - a : a - b).slice(0, filter.limit);
}

function sourcesOf({ types, deviceIds }: EventFilter): readonly Source[] {
  if (deviceIds !== undefined) return [...new Set(deviceIds)].map((deviceId) => ({ deviceId }));
  if (types !== undefined) return [...new Set(types)].map((type) => ({ type }));
  return [{}];
}

function* stretchOf({ build }: Database, filter: EventFilter): Work<Stretch> {
  const { tenantId, after = 0, before, since } = filter;
  const from = (tenantSeq: number) =>
    build.selectFrom("events").select(["seq", "tenant_seq as number", "at"]).where("tenant_id", "=", tenantId)
      .where("tenant_seq", ">=", tenantSeq).orderBy("tenant_seq").limit(1).compile();
  const tenant = yield* first(
    build.selectFrom("tenants").select("last_seq").where("id", "=", tenantId).compile(),
  );
  const end = (tenant?.last_seq ?? 0) + 1;
  const start = since === undefined ? after + 1 : yield* firstSince(
    (number) => first(from(number)),
    since - CLOCK_SLACK_MS,
    after + 1,
    end,
  );
  const lowest = yield* first(from(start));
  const highest = before === undefined ? undefined : yield* first(from(before));
  return {
    tenant_seq: { after: start - 1, before: before ?? Number.MAX_SAFE_INTEGER },
    seq: {
      after: lowest === undefined ? Number.MAX_SAFE_INTEGER : lowest.seq - 1,
      before: highest?.seq ?? Number.MAX_SAFE_INTEGER,
    },
  };
}

async function walk(db: Database, source: Source, stretch: Stretch, filter: EventFilter): Promise<number[]> {
  const { tenantId, types, since, limit } = filter;
  const newestFirst = filter.order === "newest";
  const wanted = new Set<string>(types);
  const fits = (row: Found) =>
    row.tenant_id === tenantId && (types === undefined || wanted.has(row.type)) &&
    (since === undefined || row.at >= since);
  const allFit = since === undefined && (source.deviceId === undefined || types === undefined);
  const step = allFit ? limit : STEP;
  const found: number[] = [];
  const column = columnOf(source);
  let { after, before } = stretch[column];
  while (true) {
    const rows = await db.read(() =>
      run(sourceQuery(db, tenantId, source, { after, before }, newestFirst, step))
    );
    found.push(...rows.filter(fits).map(({ seq }) => seq));
    if (found.length >= limit || rows.length < step) return found.slice(0, limit);
    await nextTurn();
    const last = rows[rows.length - 1][column];
    if (newestFirst) before = last;
    else after = last;
  }
}

/** The numbers by which the source's index is ordered. */
function columnOf({ type, deviceId }: Source): keyof Stretch {
  return type === undefined && deviceId === undefined ? "tenant_seq" : "seq";
}

function sourceQuery(
  { build }: Database,
  tenantId: string,
  source: Source,
  { after, before }: Bounds,
  newestFirst: boolean,
  limit: number,
) {
  const { type, deviceId } = source;
  const column = columnOf(source);
  let query = build.selectFrom("events").select(["seq", "tenant_seq", "type", "tenant_id", "at"])
    .where(column, ">", after).where(column, "<", before).orderBy(column, newestFirst ? "desc" : "asc")
    .limit(limit);
  if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
  else query = query.where("tenant_id", "=", tenantId);
  if (type !== undefined) query = query.where("type", "=", type);
  return query.compile();
}
