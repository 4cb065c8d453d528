// Webhooks are made, paused, taken up and removed, and keys changed, at two gateways while a third publishes.
import { until } from "../support/until.ts";
import type { Place, TestFleet } from "../support/fleet.ts";
import { execute } from "../support/postgres.ts";
import { call } from "../support/process.ts";
import type { Findings, Scene } from "./fleet_drills.ts";

const ROUNDS = 8;
const LOOK_EVERY_MS = 20;
/** How long an old key may count. */
const OLD_KEY_MS = 2_000;
const SETTLE_MS = 30_000;

interface Expectation {
  readonly path: string;
  readonly name: string;
}

export async function hooksDrill({ fleet }: Scene): Promise<Findings> {
  const [one, other, publisher] = fleet.places;
  const expected: Expectation[] = [];
  const unwanted: Expectation[] = [];
  const keyTimes: number[] = [];
  const run = crypto.randomUUID().slice(0, 8);
  const arrived = new Arrivals(fleet);

  /** What is published after an answer has to keep to it. */
  async function publish(list: Expectation[], path: string, what: string): Promise<void> {
    const name = `${path}-${what}.`;
    list.push({ path, name });
    const status = await fleet.report(publisher, name);
    if (status !== 200) throw new Error(`Cannot publish: ${status}`);
  }

  async function changeWebhooks(here: Place, there: Place): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const path = `/${run}-${here.name}-${round}`;
      const hook = { url: fleet.receiver.url + path, events: ["device.disconnected"], format: "device" };
      const made = await fleet.call("POST", "/v1/webhooks", hook, here);
      if (made.status !== 201) throw new Error(`Cannot make a webhook: ${made.status}`);
      await publish(expected, path, "made");
      const at = `/v1/webhooks/${made.body.data.webhook_id}`;
      await succeeds(() => fleet.call("PATCH", at, { status: "paused" }, there));
      await succeeds(() => fleet.call("PATCH", at, { status: "active" }, here));
      await publish(expected, path, "active");
      const own = expected.filter((event) => event.path === path);
      await until(() => own.every((event) => arrived.has(event)), `both at ${path}`, SETTLE_MS); // else cancelled
      await succeeds(() => fleet.call("DELETE", at, undefined, there));
      await publish(unwanted, path, "gone");
    }
  }

  async function changeKeys(): Promise<void> {
    const made = await fleet.admin("POST", "/admin/tenants", one, { name: `Drill ${run}` });
    let key: string = made.body.data.api_key;
    const { id } = made.body.data.tenant ?? made.body.data;
    for (let round = 0; round < ROUNDS; round++) {
      const place = round % 2 === 0 ? one : other;
      await Promise.all(fleet.places.map((each) => statusWith(each, key))); // all have it in mind
      const rotated = await fleet.admin("POST", `/admin/tenants/${id}/rotate-key`, place);
      keyTimes.push(await refusedAfter(fleet, key));
      key = rotated.body.data.api_key;
      const named = await withKey(one, key, "POST", "/v1/keys", { name: `Key ${round}`, scopes: ["read"] });
      if (named.body.data === undefined) throw new Error(`No key was made: ${JSON.stringify(named)}`);
      const text: string = named.body.data.api_key;
      await until(async () => await statusWith(other, text) === 200, "the key to count", SETTLE_MS);
      await withKey(place, key, "DELETE", `/v1/keys/${named.body.data.id ?? named.body.data.key_id}`);
      keyTimes.push(await refusedAfter(fleet, text));
    }
  }

  await Promise.all([changeWebhooks(one, other), changeWebhooks(other, one), changeKeys()]);
  const missing = () => expected.filter((event) => !arrived.has(event));
  await until(() => missing().length === 0, "all events", SETTLE_MS).catch(() => {}); // counted below
  const cancelled = await liveCancelled(fleet.databaseUrl);
  const wrong = unwanted.filter((event) => arrived.has(event));
  const oldKeyMs = Math.round(Math.max(...keyTimes));
  return {
    numbers: {
      webhooks: 2 * ROUNDS,
      events: expected.length,
      missed: missing().length,
      afterRemoval: wrong.length,
      liveCancelled: cancelled,
      keys: keyTimes.length,
      oldKeyMs,
    },
    problems: [
      ...missing().map(({ name }) => `${name} never came`),
      ...wrong.map(({ name }) => `${name} came`),
      ...(cancelled > 0 ? [`${cancelled} deliveries of webhooks that are active were cancelled`] : []),
      ...(oldKeyMs > OLD_KEY_MS ? [`an old key still counted after ${oldKeyMs} ms`] : []),
    ],
  };
}

/** Another gateway hears of a webhook a moment after it was made. */
async function succeeds(
  change: () => Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<void> {
  let last: unknown;
  const isDone = async () => {
    const { status, body } = await change();
    last = body;
    return status === 200;
  };
  await until(isDone, "a webhook to be changed", SETTLE_MS).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last)}`);
  });
}

/** What has come to the receiver, read once. */
class Arrivals {
  readonly #fleet: TestFleet;
  readonly #seen = new Set<string>();
  #read: number;

  constructor(fleet: TestFleet) {
    this.#fleet = fleet;
    this.#read = fleet.receiver.requests.length;
  }

  has({ path, name }: Expectation): boolean {
    const { requests } = this.#fleet.receiver;
    for (; this.#read < requests.length; this.#read++) {
      const { path: at, body } = requests[this.#read];
      const told = /(\/[^" ]*-(?:made|active|gone)\.)/.exec(body)?.[1];
      if (told !== undefined) this.#seen.add(`${at} ${told}`);
    }
    return this.#seen.has(`${path} ${name}`);
  }
}

async function withKey(place: Place, key: string, method: string, path: string, body?: unknown) {
  return await call(place.gateway!.url, method, path, body, key);
}

async function statusWith(place: Place, key: string): Promise<number> {
  return (await withKey(place, key, "GET", "/v1/webhooks")).status;
}

/** How long it takes until no gateway takes the key any more, ms. */
async function refusedAfter(fleet: TestFleet, key: string): Promise<number> {
  const startedAt = performance.now();
  const times = await Promise.all(fleet.places.map(async (place) => {
    while (await statusWith(place, key) !== 401) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return performance.now() - startedAt;
  }));
  return Math.max(...times);
}

async function liveCancelled(url: string): Promise<number> {
  const [{ count }] = await execute(
    url,
    "SELECT count(*)::int AS count FROM deliveries JOIN webhooks ON webhooks.id = deliveries.webhook_id " +
      "WHERE deliveries.status = 3 AND webhooks.status = 'active'",
  ) as readonly { readonly count: number }[];
  return count;
}
