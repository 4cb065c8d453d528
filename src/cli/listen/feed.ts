import { z } from "zod";
import { systemClock } from "../../async/clock.ts";
import { pause } from "../../async/pause.ts";
import { ascii } from "../../formats/cloud.ts";
import { formatOf } from "../../formats/mod.ts";
import { type GatewayClient, GatewayError } from "../gateway_client.ts";

/** An event as the gateway streams it. */
export interface FeedEvent {
  readonly seq: number;
  readonly eventId: string;
  /** Its name in the format. */
  readonly name: string;
  /** The body that a webhook of the format gets, exactly. */
  readonly body: string;
  /** The name of the device that it is about. */
  readonly device: string | undefined;
}

/** What is asked of the gateway. */
export interface FeedWish {
  readonly format: string;
  /** Names, groups and `*`, separated by commas; undefined: all. */
  readonly events: string | undefined;
  /** Ids or aliases, separated by commas; undefined: all. */
  readonly devices: string | undefined;
  /** After which event to begin; undefined: with the next one. */
  readonly after: string | undefined;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

const identified = z.looseObject({ seq: z.number(), event_id: z.string() });
const named = z.looseObject({ event: z.string() });
/** Meta's Cloud API has the name inside. */
const changed = z.looseObject({
  entry: z.array(z.looseObject({ changes: z.array(z.looseObject({ field: z.string() })) })),
});

/**
 * Follows the gateway's event stream. After a lost connection it goes on behind the last event that was handed out.
 * Nothing is read ahead of what the caller takes.
 * @param onTrouble Called when the connection is lost, and when it is back (undefined).
 * @throws {GatewayError} If the gateway refuses, or cannot be reached at the start.
 */
export async function* feed(
  client: GatewayClient,
  wish: FeedWish,
  { signal, onTrouble }: {
    readonly signal: AbortSignal;
    readonly onTrouble: (trouble: string | undefined) => void;
  },
): AsyncGenerator<FeedEvent> {
  let last = wish.after ?? "latest";
  let isConnected = false;
  let wasConnected = false;
  for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const response = await client.open(pathOf(wish, last), { signal });
      if (wasConnected) onTrouble(undefined);
      isConnected = wasConnected = true;
      for await (const frame of framesIn(response)) {
        waitMs = FIRST_WAIT_MS;
        if (frame.id !== undefined) last = frame.id;
        if (frame.data !== undefined) yield eventOf(frame.data, wish.format);
      }
    } catch (error) {
      if (signal.aborted) return;
      const isLost = error instanceof GatewayError
        ? wasConnected && error.isPassing
        : error instanceof TypeError;
      if (!isLost) throw error;
    }
    if (isConnected) onTrouble("Connection lost; trying again");
    isConnected = false;
    await pause(waitMs, signal, systemClock);
  }
}

function pathOf({ format, events, devices }: FeedWish, after: string): string {
  const query = new URLSearchParams({
    after,
    format,
    ...(events === undefined ? {} : { types: events }),
    ...(devices === undefined ? {} : { devices }),
  });
  return `/v1/events/stream?${query}`;
}

function eventOf(data: string, format: string): FeedEvent {
  const all: Record<string, unknown> = JSON.parse(data);
  const { seq, event_id: eventId } = identified.parse(all);
  const body = { ...all };
  delete body.seq;
  if (format !== "device") delete body.event_id; // other formats have no such field
  const json = JSON.stringify(body);
  return {
    seq,
    eventId,
    name: named.safeParse(all).data?.event ?? changed.safeParse(all).data?.entry[0]?.changes[0]?.field ??
      "event",
    body: formatOf(format).asciiOnly === true ? ascii(json) : json,
    device: deviceIn(all),
  };
}

function deviceIn(all: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ["device_id", "sessionId", "instanceId"]) {
    const value = all[name];
    if (typeof value === "string") return value;
  }
  return undefined;
}

interface Frame {
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** @see WHATWG HTML, "Interpreting an event stream" */
async function* framesIn(response: Response): AsyncGenerator<Frame> {
  if (response.body === null) return;
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    rest += text;
    for (let end = rest.indexOf("\n\n"); end !== -1; end = rest.indexOf("\n\n")) {
      const lines = rest.slice(0, end).split("\n");
      rest = rest.slice(end + 2);
      const value = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      yield { id: value("id"), data: value("data") };
    }
  }
}
