import { createHmac } from "node:crypto";
import { systemClock } from "../../async/clock.ts";
import type { Clock } from "../../async/clock.ts";
import { FORMAT_NAMES, isFormatName } from "../../formats/mod.ts";
import { type ClientSettings, createGatewayClient } from "../gateway_client.ts";
import { type Terminal, UsageError } from "../verb.ts";
import { feed, type FeedEvent } from "./feed.ts";
import { forward, type Forwarded, type ForwardTarget } from "./forward.ts";

/** Waits before an event is tried again: a program that is being restarted is back after some of them. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 20_000];
/** The last events, for `show` and `again`. */
const KEPT = 200;

const HELP = "Type a number to see that event, `again <number>` to forward it again, Ctrl-C to end";

/** How to listen, as it was typed. */
export interface ListenOptions {
  readonly forward: string | undefined;
  readonly events: string | undefined;
  readonly devices: string | undefined;
  readonly format: string | undefined;
  readonly after: string | undefined;
  readonly secret: string | undefined;
}

export interface ListenWorld extends Terminal {
  /** Lines that are typed while events come. */
  readonly typed: AsyncIterable<string>;
  readonly clock?: Pick<Clock, "now" | "wait">;
}

/**
 * Shows the events of a running gateway as they happen; with `forward`, posts each to a program on this machine as a
 * webhook would, one after the other, and tries again while the program is not there.
 * @throws {UsageError} If an option has a value that it does not take.
 * @throws {GatewayError} If the gateway cannot be reached at the start, or refuses.
 */
export async function listen(
  options: ListenOptions,
  settings: ClientSettings,
  { signal, print, typed, clock = systemClock }: ListenWorld,
): Promise<void> {
  const format = options.format ?? "device";
  if (!isFormatName(format)) {
    throw new UsageError(`--format takes ${FORMAT_NAMES.join(", ")}, but it is "${format}"`);
  }
  if (options.forward !== undefined && !/^https?:$/.test(protocolOf(options.forward))) {
    throw new UsageError(`--forward takes an http or https URL, but it is "${options.forward}"`);
  }
  const secret = options.secret ?? secretFor(settings);
  const target = options.forward === undefined ? undefined : { url: options.forward, format, secret };
  const known = new Map<number, Seen>();
  const client = createGatewayClient(settings);

  print(`Listening to ${client.base}${target === undefined ? "" : `, forwarding to ${target.url}`}`);
  if (target !== undefined) print(`Signed with the secret ${secret}`);
  print(HELP);
  void answerTyped(typed, { known, target, signal, print, clock });
  const wish = { format, events: options.events, devices: options.devices, after: options.after };
  const onTrouble = (trouble: string | undefined) => print(trouble ?? "Connected again");
  for await (const event of feed(client, wish, { signal, onTrouble })) {
    const seen: Seen = { event, forwarded: undefined };
    keep(known, seen);
    print(`#${event.seq} ${event.name}${event.device === undefined ? "" : `  ${event.device}`}`);
    if (target !== undefined) await forwardUntilTaken(seen, target, { signal, print, clock });
  }
}

interface Seen {
  readonly event: FeedEvent;
  forwarded: Forwarded | undefined;
}

type Working = Pick<ListenWorld, "signal" | "print"> & { readonly clock: Pick<Clock, "now" | "wait"> };

async function forwardUntilTaken(seen: Seen, target: ForwardTarget, { signal, print, clock }: Working) {
  for (let attempt = 1; !signal.aborted; attempt++) {
    seen.forwarded = await forward(seen.event, target, { attempt, at: clock.now(), signal });
    const waitMs = seen.forwarded.ok ? undefined : RETRY_MS[attempt - 1];
    const next = seen.forwarded.ok
      ? ""
      : waitMs === undefined
      ? `; given up: \`again ${seen.event.seq}\` sends it again`
      : `; again in ${waitMs / 1000} s`;
    if (signal.aborted) return;
    print(`   → ${seen.forwarded.outcome}${next}`);
    if (waitMs === undefined) return;
    await clock.wait(waitMs, signal);
  }
}

async function answerTyped(
  typed: AsyncIterable<string>,
  { known, target, signal, print, clock }: Working & {
    readonly known: ReadonlyMap<number, Seen>;
    readonly target: ForwardTarget | undefined;
  },
): Promise<void> {
  for await (const line of typed) {
    const [, verb = "show", number] = /^\s*(?:(show|again)\s+)?#?(\d+)\s*$/.exec(line) ?? [];
    if (number === undefined) {
      if (line.trim() !== "") print(HELP);
      continue;
    }
    const seen = known.get(Number(number));
    if (seen === undefined) print(`There is no event #${number} among the last ${KEPT} that came`);
    else if (verb === "show") print(shown(seen));
    else if (target === undefined) print("Nothing is forwarded: start with --forward <url>");
    else {
      seen.forwarded = await forward(seen.event, target, { attempt: 1, at: clock.now(), signal });
      print(`#${number} again → ${seen.forwarded.outcome}`);
    }
  }
}

/** The request as it was made, and the answer. */
function shown({ event, forwarded }: Seen): string {
  const headers = Object.entries(forwarded?.headers ?? {}).map(([name, value]) => `${name}: ${value}\n`).join(
    "",
  );
  const body = JSON.stringify(JSON.parse(event.body), null, 2);
  const answer = forwarded === undefined ? "" : `\n→ ${forwarded.outcome}\n${forwarded.answer}`;
  return `${headers}${headers === "" ? "" : "\n"}${body}${answer}`;
}

function keep(known: Map<number, Seen>, seen: Seen): void {
  known.set(seen.event.seq, seen);
  const [oldest] = known.keys();
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
}

/** The same on each run with the same key, so that the program's settings can stay. */
function secretFor({ API_KEY = "" }: ClientSettings): string {
  return `whsec_${createHmac("sha256", API_KEY).update("kabar webhook listen").digest("base64")}`;
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : "";
}
