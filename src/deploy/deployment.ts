import { type Gateway, startGateway } from "../app/gateway.ts";
import { systemClock } from "../async/clock.ts";
import { parseSettings, type Settings, shortKeyIn, strangeIn } from "../config.ts";
import { messageOf } from "../errors.ts";
import { startLogging } from "../logging.ts";
import { kindOf } from "../net/addresses.ts";
import { deployPlatform, type Handle } from "./platform.ts";

/** How long one run of the pump keeps the program awake: the next one comes after a minute. */
const PUMP_MS = 50_000;
const LOOK_EVERY_MS = 250;

/** A gateway on a platform that starts it with a request, and stops it when none comes. */
export interface Deployment {
  /** Answers a request; starts the gateway first when it does not run yet. */
  answer(request: Request, info: { readonly remoteAddr: Deno.Addr }): Promise<Response>;
  /** Keeps the program awake while deliveries are due, for up to 50 s. */
  pump(): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  readonly gateway: Gateway;
  readonly handle: Handle;
}

/** @param print Gets what the operator has to see: the platform shows it in its log. */
export function createDeployment(
  environment: Readonly<Record<string, string>>,
  print: (line: string) => void,
): Deployment {
  const read = settingsOf(environment);
  if (read.ok) { for (const line of strangeIn(environment)) print(`Warning: ${line}`); }
  else for (const problem of read.problems) print(problem);
  let running: Promise<Running> | undefined;
  let stopped = false;
  let endLogging: Promise<() => Promise<void>> | undefined;

  async function start(settings: Settings): Promise<Running> {
    endLogging ??= startLogging({ dir: undefined, level: settings.LOG_LEVEL });
    await endLogging;
    let handle: Handle | undefined;
    const gateway = await startGateway(settings, {
      print,
      platform: deployPlatform((given) => handle = given),
    });
    gateway.failed.then((error) => {
      print(`The gateway cannot go on: ${messageOf(error)}`);
      running = undefined; // the next request starts another
      return gateway.stop();
    }).catch((error) => print(messageOf(error)));
    return { gateway, handle: handle! }; // a gateway that has started listens
  }

  /** A start that failed is tried again by whoever asks next: the database may be back. */
  function started(settings: Settings): Promise<Running> {
    running ??= start(settings).catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  }

  return {
    async answer(request, { remoteAddr }) {
      if (!read.ok) return refusal("NOT_CONFIGURED", read.problems.join("; "));
      if (stopped) return refusal("STOPPING", "This instance is stopping: ask again");
      let found: Running;
      try {
        found = await started(read.settings);
      } catch (error) {
        print(`Cannot start: ${messageOf(error)}`);
        return refusal("NOT_STARTED", "The gateway cannot start now: its log says why");
      }
      return await found.handle(request, { remoteAddr: { hostname: addressOf(remoteAddr) } });
    },

    async pump() {
      if (!read.ok || stopped) return;
      const { gateway } = await started(read.settings);
      const until = performance.now() + PUMP_MS;
      while (!stopped && performance.now() < until && await gateway.hasDue()) {
        await systemClock.wait(LOOK_EVERY_MS);
      }
    },

    async stop() {
      if (stopped) return;
      stopped = true;
      const found = await running?.catch(() => undefined); // it was said when it failed
      await found?.gateway.stop();
      await (await endLogging)?.();
    },
  };
}

/** What cannot be there is refused at the start, by name. */
function settingsOf(environment: Readonly<Record<string, string>>) {
  if ((environment.DATABASE_URL ?? "").trim() === "") {
    return {
      ok: false as const,
      problems: [
        "DATABASE_URL must be set: on Deno Deploy there is no disk for the file that is used without it. Link a Postgres " +
        "database to the app",
      ],
    };
  }
  const parsed = parseSettings({ DATABASE_MODE: "pooled", ...environment });
  if (!parsed.ok) return parsed;
  if (parsed.settings.FILES === "disk") {
    return { ok: false as const, problems: ["FILES takes only `database` here: there is no disk"] };
  }
  const short = shortKeyIn(parsed.settings);
  if (short === undefined) return parsed;
  return {
    ok: false as const,
    problems: [
      `${short} must have at least 16 characters here: anybody can reach the app, and could guess it`,
    ],
  };
}

/** An address that nobody has. @see RFC 5737, TEST-NET-1 */
const SOMEBODY = "192.0.2.1";

/** A loopback connection is the platform's own: whoever asks through it is no program of this machine. */
function addressOf(address: Deno.Addr): string {
  const hostname = "hostname" in address ? address.hostname : "";
  return hostname === "" || kindOf(hostname) === "loopback" ? SOMEBODY : hostname;
}

function refusal(code: string, message: string): Response {
  return Response.json({ success: false, error: { code, message } }, {
    status: 503,
    headers: { "Retry-After": "5" },
  });
}
