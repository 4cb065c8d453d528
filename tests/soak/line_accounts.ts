// The reckoning of the soak of the WhatsApp side: what was said and asked against what arrived.
import { wordsOf } from "../../src/simulator/mod.ts";
import type { ReceivedRequest } from "../support/receiver.ts";
import type { Cast } from "./line_cast.ts";
import { accountDeeds, type Deed } from "./line_deeds.ts";
import type { Asked, Talk } from "./line_talk.ts";

/** An event as `GET /v1/events` shows it. */
export interface LoggedEvent {
  readonly event: string;
  readonly event_id: string;
  readonly device_id: string | null;
  readonly seq: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A message as `GET /v1/messages/:id` shows it. */
export interface LoggedMessage {
  readonly status: string;
  readonly wa_message_id: string | null;
  readonly last_error: string | null;
  readonly error_code: number | null;
}

export interface Log {
  readonly events: readonly LoggedEvent[];
  /** By our id. */
  readonly messages: ReadonlyMap<string, LoggedMessage>;
}

const RANKS: readonly string[] = ["sent", "delivered", "read"];

/** Ids of events that the receiver has not taken. What is told of a webhook is not told to this webhook. */
export function undelivered(
  events: readonly LoggedEvent[],
  taken: ReadonlySet<ReceivedRequest>,
): readonly string[] {
  const got = new Set([...taken].map(({ headers }) => headers["webhook-id"]));
  const meant = events.filter(({ event }) => !event.startsWith("webhook."));
  return meant.map(({ event_id }) => event_id).filter((id) => !got.has(id));
}

export function account({ cast, talk, deeds, log, requests, taken }: {
  readonly cast: Cast;
  readonly talk: Talk;
  readonly deeds: readonly Deed[];
  readonly log: Log;
  readonly requests: readonly ReceivedRequest[];
  readonly taken: ReadonlySet<ReceivedRequest>;
}) {
  const incoming = accountIn(talk, deeds, log, requests, taken);
  const outgoing = accountOut(cast, talk.asked, log);
  const { complaints, unknown } = cast.simulator;
  return {
    seen: { ...incoming.seen, ...outgoing.seen, "other things that people did": deeds.length },
    problems: [
      ...incoming.problems,
      ...outgoing.problems,
      ...accountDeeds(deeds, log.events),
      ...accountStatuses(talk.asked, log),
      ...complaints.map((complaint) => `WhatsApp complains: ${complaint}`),
      ...unknown.map((stanza) => `WhatsApp does not know: ${JSON.stringify(stanza).slice(0, 200)}`),
    ],
  };
}

function accountIn(
  { said }: Talk,
  deeds: readonly Deed[],
  { events }: Log,
  requests: readonly ReceivedRequest[],
  taken: ReadonlySet<ReceivedRequest>,
) {
  const problems: string[] = [];
  const received = events.filter(({ event }) => event === "message.received");
  const keyOf = (device: unknown, message: unknown) => `${device} ${message}`;
  const stored = Map.groupBy(received, ({ device_id, data }) => keyOf(device_id, data.message_id));
  const bodies = requests.filter(({ json }) => json.event === "message.received");
  const posted = Map.groupBy(bodies, ({ json }) => keyOf(json.device_id, json.data.message_id));
  for (const { deviceId, waMessageId, text } of said) {
    const key = keyOf(deviceId, waMessageId);
    const found = stored.get(key) ?? [];
    stored.delete(key);
    if (found.length !== 1) problems.push(`"${text}" (${key}) is ${found.length} events`);
    else if (found[0].data.text !== text) problems.push(`"${text}" (${key}) says "${found[0].data.text}"`);
    const posts = posted.get(key) ?? [];
    const ids = new Set(posts.map(({ headers }) => headers["webhook-id"]));
    if (ids.size !== 1) problems.push(`"${text}" (${key}) was posted under ${ids.size} ids`);
    if (!posts.some((post) => taken.has(post))) problems.push(`"${text}" (${key}) was never taken`);
  }
  for (const [key, found] of stored) {
    const isOfDeed = (event: LoggedEvent) => deeds.some(({ isTold }) => isTold(event));
    if (!found.every(isOfDeed)) problems.push(`nobody said ${key}, but it is an event`);
  }
  for (const id of undelivered(events, taken)) problems.push(`event ${id} was never taken`);
  const offline = received.filter(({ data }) => data.offline === true).length;
  return {
    problems,
    seen: {
      "messages in": said.length,
      "of these after an absence": offline,
      events: events.length,
      posts: requests.length,
      "posts answered with 200": taken.size,
    },
  };
}

function accountOut({ contacts, group }: Cast, asked: readonly Asked[], { messages }: Log) {
  const problems: string[] = [];
  const outcomes = new Map<string, number>();
  let repeated = 0;
  const inboxes = new Map(
    contacts.map((
      { number, inbox },
    ) => [number, Map.groupBy(inbox, ({ message }) => wordsOf(message) ?? "")]),
  );
  for (const request of asked) {
    const { text, to, answer, httpStatus, code, messageId } = request;
    const readers = to === group.jid ? group.contacts.map(({ number }) => number) : [to];
    const message = messageId === undefined ? undefined : messages.get(messageId);
    const what = `"${text}" to ${to} (${messageId}, ${httpStatus} ${code}, ${message?.status})`;
    const shown = message?.status ?? "nothing stored";
    const kind = `${answer} ${httpStatus} ${code} ${shown} ${message?.last_error ?? ""}`;
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    if (httpStatus >= 500 && code !== "SEND_FAILED" && code !== "STOPPING") {
      problems.push(`${what} was answered so`);
    }
    for (const reader of readers) {
      const got = inboxes.get(reader)?.get(text) ?? [];
      const ids = new Set(got.map(({ id }) => id));
      repeated += got.length - ids.size;
      if (ids.size > 1) problems.push(`${what} reached ${reader} as ${ids.size} messages`);
      const id = message?.wa_message_id;
      const arrived = id !== undefined && id !== null && ids.has(id);
      const isSent = RANKS.includes(shown);
      if (isSent && !arrived) problems.push(`${what} did not reach ${reader}`);
      if (!isSent && answer !== "lost" && ids.size > 0) {
        problems.push(`${what} reached ${reader} all the same`);
      }
    }
    if (answer === "accepted" && message === undefined) problems.push(`${what} is not known any more`);
  }
  return {
    problems,
    seen: {
      "messages out": asked.length,
      "outcomes (HTTP answer, status in the end)": Object.fromEntries([...outcomes].toSorted()),
      "texts that arrived again under the same id": repeated,
      ...askedAgain(contacts),
    },
  };
}

/** How often people could not open what they got, and the gateway what it got. */
function askedAgain(contacts: Cast["contacts"]) {
  const times = contacts.flatMap(({ asked }) => [...asked.values()]);
  return {
    "texts that people asked for again": times.length,
    "most often the same one": Math.max(0, ...times),
    "texts that the gateway asked for again": contacts.reduce(
      (sum, { retriesAsked }) => sum + retriesAsked,
      0,
    ),
  };
}

function accountStatuses(asked: readonly Asked[], { events, messages }: Log): readonly string[] {
  const problems: string[] = [];
  const steps = Map.groupBy(
    events.filter(({ event }) => event === "message.status"),
    ({ data }) => String(data.message_id),
  );
  const sents = Map.groupBy(
    events.filter(({ event }) => event === "message.sent"),
    ({ data }) => String(data.message_id),
  );
  for (const { messageId, text, to } of asked) {
    const status = messageId === undefined ? undefined : messages.get(messageId)?.status;
    if (messageId === undefined || status === undefined) continue;
    const told = (steps.get(messageId) ?? []).toSorted((a, b) => a.seq - b.seq);
    const whole = told.filter(({ data }) => data.participant === undefined).map(({ data }) =>
      String(data.status)
    );
    const what = `"${text}" to ${to} (${messageId}) is ${status} and was told as ${whole.join(", ")}`;
    if (RANKS.includes(status)) {
      const ranks = whole.map((word) => RANKS.indexOf(word));
      if (ranks.some((rank, index) => rank <= (ranks[index - 1] ?? -1))) {
        problems.push(`${what}: not forward`);
      }
      if (whole[0] !== "sent") problems.push(`${what}: does not begin with sent`);
      if (status !== "read") problems.push(`${what}: its reader has read it`);
      const times = sents.get(messageId)?.length ?? 0;
      if (times !== 1) problems.push(`${what}: message.sent came ${times} times`);
    } else if (whole.join() !== status) problems.push(`${what}: these differ`);
  }
  return problems;
}
