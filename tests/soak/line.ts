import { until } from "../support/until.ts";
import { call, type GatewayProcess, startGatewayProcess } from "../support/process.ts";
import { type ReceivedRequest, startReceiver } from "../support/receiver.ts";
import { allConnected, assemble, between, type Cast, link, pause } from "./line_cast.ts";
import { account, type Log, type LoggedEvent, type LoggedMessage, undelivered } from "./line_accounts.ts";
import { doThings } from "./line_deeds.ts";
import { talk } from "./line_talk.ts";
import { flood, MASTER } from "./floods.ts";
import { count, moodyReceiver, type Tally, troubleWhatsApp } from "./line_trouble.ts";

/** Time for everything to arrive once nothing goes wrong any more. */
const SETTLE_MS = 600_000;
/** A gateway that was asked to stop has this long. */
const STOP_WITHIN_MS = 13_000;
/** Descriptors of a gateway that is flooded: fewer than a flood would take. */
const OPEN_FILES = 512;
/** Ends the workers of a gateway at random. */
const DOOMED_WORKERS = new URL("./doomed_workers.ts", import.meta.url).pathname;
const LOOK_AT_MEMORY_MS = 10_000;
const LOOK_AGAIN_MS = 5_000;

export interface LineReport {
  readonly seen: Readonly<Record<string, unknown>>;
  /** What did not come out as it must; empty when all is well. */
  readonly problems: readonly string[];
}

/**
 * Runs a gateway with four devices against the simulated network while people write in and the API writes out, lines
 * break, WhatsApp and the receiver misbehave, and the gateway is stopped and killed; then looks whether every message
 * arrived exactly once. With `SESSION_WORKERS` set, workers die, fail and fall silent as well.
 * @param options.floods Strangers and a hostile tenant flood it meanwhile, with few descriptors to spare.
 */
export async function soakLine(
  { minutes, floods = false, tell }: {
    readonly minutes: number;
    readonly floods?: boolean;
    readonly tell: (line: string) => void;
  },
): Promise<LineReport> {
  const dir = await Deno.makeTempDir({ prefix: "kabar-soak-" });
  const cast = await assemble();
  const tally: Tally = new Map();
  const ending = new AbortController();
  const mood = moodyReceiver(tally, ending.signal);
  const taken = new Set<ReceivedRequest>();
  const receiver = await startReceiver((request) => {
    const answer = mood.answer();
    // the status decides, also where the body behind it is broken off
    const isTaken = answer === 200 || answer === "reset-body" ||
      (typeof answer === "object" && answer.status === 200);
    if (isTaken) taken.add(request);
    return answer;
  });
  const problems: string[] = [];
  const gateway = await keepGateway(dir, cast, { tally, problems, floods, signal: ending.signal });
  await call(gateway.url() ?? "", "POST", "/v1/webhooks", { url: receiver.url, events: ["*"], timeout: 2 });
  await link(cast, gateway.url() ?? "");
  tell(`${cast.members.length} devices are connected; data in ${dir}`);

  const talking = talk(cast, gateway.url, ending.signal);
  const doing = doThings(cast, ending.signal);
  const troubling = troubleWhatsApp(cast, tally, ending.signal);
  const flooding = floods ? flood(gateway.url, tally, ending.signal) : Promise.resolve([]);
  const living = gateway.live();
  const deadline = Date.now() + minutes * 60_000;
  while (Date.now() < deadline) {
    await pause(Math.min(60_000, deadline - Date.now()));
    const memory = gateway.memory.at(-1);
    tell(`${talking.said.length} in, ${talking.asked.length} out, ${memory?.mb} MB at ${memory?.ageS} s`);
  }
  ending.abort();
  await Promise.all([talking.over(), troubling, living]);
  problems.push(...await flooding);
  const deeds = await doing;

  const url = gateway.url() ?? "";
  await allConnected(cast, url, SETTLE_MS);
  const log = (): Promise<Log> => readLog(url, talking.asked.flatMap(({ messageId }) => messageId ?? []));
  const settled = async () => {
    await pause(LOOK_AGAIN_MS);
    const { events, messages } = await log();
    const open = [...messages.values()].some(({ status }) => ["queued", "processing"].includes(status));
    return !open && undelivered(events, taken).length === 0;
  };
  await until(settled, "everything to settle", SETTLE_MS).catch((error) => problems.push(String(error)));
  await pause(5_000); // receipts of what was sent last
  const found = account({ cast, talk: talking, deeds, log: await log(), requests: receiver.requests, taken });
  problems.push(...found.problems);
  const code = await gateway.stop();
  if (code !== 0) problems.push(`the gateway ended with ${code}`);
  await receiver.stop();
  await cast.simulator.stop();
  if (problems.length === 0) await Deno.remove(dir, { recursive: true });
  return {
    seen: {
      ...found.seen,
      "what went wrong": Object.fromEntries(tally),
      memory: gateway.memory.filter(isTelling),
    },
    problems,
  };
}

/** What a gateway process kept in memory, that many seconds after its start. */
interface Memory {
  readonly pid: number;
  readonly ageS: number;
  readonly mb: number;
}

/** The first and the last look at each process. */
function isTelling({ pid }: Memory, index: number, all: readonly Memory[]): boolean {
  return all[index - 1]?.pid !== pid || all[index + 1]?.pid !== pid;
}

/** Starts the gateway; `live` stops or kills it every now and then, and starts it again. */
async function keepGateway(
  dir: string,
  { simulator }: Cast,
  { tally, problems, floods, signal }: {
    readonly tally: Tally;
    readonly problems: string[];
    readonly floods: boolean;
    readonly signal: AbortSignal;
  },
) {
  const env = {
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
    RATE_LIMIT_PER_MINUTE: "100000",
    ...(floods && { MASTER_KEY: MASTER, WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8" }),
  };
  const options = {
    dir,
    env,
    ...(floods && { openFiles: OPEN_FILES }),
    ...(hasWorkers() && { preload: DOOMED_WORKERS }),
  };
  const memory: Memory[] = [];
  let startedAt = Date.now();
  let running: GatewayProcess | undefined = await startGatewayProcess(options);
  const looking = setInterval(() => {
    if (running === undefined) return;
    const { pid } = running;
    const status = statusOf(pid);
    if (status === undefined) return; // it has just ended: whoever ended it sees to the next one
    const mb = Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
    memory.push({ pid, mb, ageS: Math.round((Date.now() - startedAt) / 1000) });
  }, LOOK_AT_MEMORY_MS);

  async function end(how: "stopped" | "killed"): Promise<void> {
    const ending = running;
    if (ending === undefined) return;
    count(tally, `gateway ${how}`);
    for (const [, what] of ending.output().matchAll(/doomed: (.+)/g)) count(tally, what);
    if (how === "killed") {
      running = undefined;
      return await ending.kill();
    }
    const askedAt = Date.now();
    const code = await ending.stop();
    running = undefined;
    const tookMs = Date.now() - askedAt;
    if (code !== 0) problems.push(`asked to stop, the gateway ended with ${code}: ${ending.output()}`);
    if (tookMs > STOP_WITHIN_MS) problems.push(`asked to stop, the gateway took ${tookMs} ms`);
  }

  return {
    memory,
    url: () => running?.url,
    async live() {
      while (!signal.aborted) {
        await pause(between(20_000, 120_000), signal);
        if (signal.aborted) return;
        await end(Math.random() < 0.5 ? "stopped" : "killed");
        await pause(between(0, 4_000));
        startedAt = Date.now();
        running = await startGatewayProcess(options);
      }
    },
    async stop() {
      clearInterval(looking);
      return await running?.stop() ?? -1;
    },
  };
}

/** Everything that the gateway has on record. */
async function readLog(url: string, messageIds: readonly string[]): Promise<Log> {
  const events: LoggedEvent[] = [];
  let after = 0;
  let more = true;
  while (more) {
    const { body } = await call(url, "GET", `/v1/events?limit=500&after=${after}`);
    events.push(...body.data.events);
    ({ next: after, more } = body.data);
  }
  const messages = new Map<string, LoggedMessage>();
  for (const id of messageIds) messages.set(id, (await call(url, "GET", `/v1/messages/${id}`)).body.data);
  return { events, messages };
}

/** The gateways have workers for their sessions, by the setting that they inherit. */
function hasWorkers(): boolean {
  const asked = Deno.env.get("SESSION_WORKERS");
  return asked !== undefined && Number(asked) > 0;
}

/** What Linux tells of a process; undefined when it has ended. */
function statusOf(pid: number): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
