import type { Clock } from "../../async/clock.ts";
import type { DeviceId } from "../../ids.ts";
import type { Logger } from "../../log.ts";
import type { Credentials } from "../../store/credentials.ts";
import type { History } from "../../store/history.ts";
import type { Inbox } from "../../store/inbox.ts";
import { NOT_CONNECTED } from "../send_errors.ts";
import type { OpenOptions, Session, SessionEnd, SessionEvents } from "../session.ts";
import { createLink, type Parcel } from "./link.ts";
import { BEAT_MS, type WorkerStart } from "./serving.ts";

/** The part of a `Worker` that is used. */
export interface Thread {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface HostDeps {
  readonly spawn: () => Thread;
  readonly start: Omit<WorkerStart, "beatMs">;
  readonly credentials: Credentials;
  readonly inbox: Inbox;
  readonly history: History;
  readonly log: Logger;
  /** Writes down a line that the worker has logged. */
  readonly logged: (record: unknown) => void;
  readonly clock: Clock;
  readonly beatMs?: number;
  /** Its last session has ended. */
  readonly onEmpty: () => void;
  /** The worker takes nothing more. */
  readonly onDead: () => void;
}

/** A worker that has missed more heartbeats in a row hangs. */
const MOST_MISSED = 15;
/** Before the first one it loads its program. */
const MOST_MISSED_AT_START = 60;
/** A worker with more on its heap is replaced, before the process has to end for it. */
const MOST_HEAP_BYTES = 1_536 * 1024 * 1024;

const ENDED: SessionEnd = {
  reason: "connection_lost",
  final: false,
  code: null,
  message: "The worker of this session ended. The gateway connects again by itself",
};

interface Hosted {
  readonly events: SessionEvents;
  ended: boolean;
}

/** A worker with its sessions, seen from the main thread. */
export interface WorkerHost {
  /** How many sessions it has. */
  readonly size: number;
  open(deviceId: DeviceId, events: SessionEvents, options: OpenOptions): Promise<Session>;
  /** Ends it; there must be no session left. */
  stop(): void;
}

export function startWorker(deps: HostDeps): WorkerHost {
  const { spawn, start, credentials, inbox, history, log, logged, clock, onEmpty, onDead, beatMs = BEAT_MS } =
    deps;
  const hosted = new Map<string, Hosted>();
  const thread = spawn();
  let count = 0;
  let missed = 0;
  let mostMissed = MOST_MISSED_AT_START;
  let dead = false;

  const link = createLink({
    post: (parcel) => thread.postMessage(parcel),
    serve(to, method, args) {
      if (to === "worker") return method === "beat" ? beat(Number(args[0])) : logged(args[0]);
      if (to === "credentials") return call(credentials, method, args);
      if (to === "inbox") return call(inbox, method, args);
      if (to === "history") return call(history, method, args);
      return told(to, method, args);
    },
  });

  function told(to: string, method: string, args: readonly unknown[]): unknown {
    const name = to.replace("events ", "");
    const session = hosted.get(name);
    if (session === undefined) throw new TypeError(`Cannot take ${method}: there is no session ${name}`);
    if (method === "ended") {
      session.ended = true;
      hosted.delete(name);
      if (hosted.size === 0) onEmpty();
    }
    return call(session.events, method, args);
  }

  function beat(heapUsed: number): void {
    missed = 0;
    mostMissed = MOST_MISSED;
    if (heapUsed > MOST_HEAP_BYTES) void die(`it uses ${Math.round(heapUsed / 1024 / 1024)} MB`);
  }

  // counted in looks, not by time: a main thread that was held up has heard nobody meanwhile
  const watch = clock.every(beatMs, () => {
    if (++missed > mostMissed) void die(`it gave no sign of life for ${missed * beatMs} ms`);
  });

  /** Takes nothing more from it, and brings its sessions to their end: each is opened anew elsewhere. */
  async function die(why: string): Promise<void> {
    if (dead) return;
    finish();
    log.error("worker.ended", { why, sessions: hosted.size });
    // what it has begun to write must not come after the next sessions have read
    await link.served();
    for (const { events } of hosted.values()) events.ended(ENDED);
    hosted.clear();
  }

  function finish(): void {
    dead = true;
    watch.cancel();
    thread.onmessage = null;
    thread.terminate();
    link.close(new Error(ENDED.message));
    onDead();
  }

  thread.onmessage = ({ data }) => link.take(data as Parcel);
  thread.onerror = (event) => {
    event.preventDefault(); // else the process ends
    void die(event.message);
  };
  thread.postMessage({ ...start, beatMs });

  return {
    get size() {
      return hosted.size;
    },
    async open(deviceId, events, options) {
      const name = String(++count);
      const session: Hosted = { events, ended: false };
      hosted.set(name, session);
      try {
        await link.ask("sessions", "open", [name, deviceId, options]);
      } catch (error) {
        hosted.delete(name);
        throw error;
      }
      return sessionOf(deviceId, (method, args) => link.ask(name, method, args), () => dead || session.ended);
    },
    stop() {
      if (!dead) finish();
    },
  };
}

type AskSession = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** What is asked of a session, in the order of its interface. */
const METHODS: Readonly<Record<Exclude<keyof Session, "deviceId" | "send" | "stop">, true>> = {
  pairingCode: true,
  journaled: true,
  logout: true,
  onWhatsApp: true,
  markRead: true,
  setOnline: true,
  setTyping: true,
  subscribePresence: true,
  download: true,
  rejectCall: true,
  groups: true,
  group: true,
  createGroup: true,
  changeMembers: true,
  setSubject: true,
  inviteCode: true,
  leaveGroup: true,
  askHistory: true,
  archive: true,
  mute: true,
  pictureUrl: true,
};

function sessionOf(deviceId: DeviceId, ask: AskSession, isOver: () => boolean): Session {
  const asked = Object.fromEntries(
    Object.keys(METHODS).map((method) => [method, (...args: unknown[]) => ask(method, args)]),
  );
  return {
    ...asked,
    deviceId,
    async send(...args: unknown[]) {
      try {
        return await ask("send", args);
      } catch (error) {
        if (isOver()) return NOT_CONNECTED; // as when a connection is lost: it is tried again
        throw error;
      }
    },
    async stop() {
      if (!isOver()) {
        await ask("stop", []).catch((error: unknown) => {
          if (!isOver()) throw error;
        });
      }
    },
  } as Session; // every method is there: METHODS has them all
}

function call(target: object, method: string, args: readonly unknown[]): unknown {
  const work: unknown = Reflect.get(target, method);
  if (typeof work !== "function") throw new TypeError(`Cannot ${method}: there is no such method`);
  return work.apply(target, args);
}
