import type { DeviceId } from "../../ids.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import type { Logger } from "../../log.ts";
import type { Credentials } from "../../store/credentials.ts";
import type { History } from "../../store/history.ts";
import type { Inbox } from "../../store/inbox.ts";
import type { OpenOptions, Session, SessionEvents, Sessions } from "../session.ts";
import type { WhatsAppSettings } from "../settings.ts";
import { createLink, type Link, type Parcel } from "./link.ts";

/** How often a worker tells that it lives. */
export const BEAT_MS = 1_000;

/** What a worker is told before anything else. */
export interface WorkerStart {
  readonly settings: WhatsAppSettings;
  /** Least important lines that are logged. */
  readonly level: string;
  /** How often the worker tells that it lives. */
  readonly beatMs: number;
}

/** What makes sessions, in the worker. */
export interface ServingDeps {
  readonly post: (parcel: Parcel) => void;
  readonly createSessions: (deps: {
    readonly credentials: Credentials;
    readonly inbox: Inbox;
    readonly history: History;
    readonly settings: WhatsAppSettings;
    readonly log: Logger;
  }) => Sessions;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Bytes of the worker's heap in use. */
  readonly heapUsed: () => number;
}

/** The worker's part: opens sessions for the main thread, whose store they use. Returns what takes its messages. */
export function serveSessions(
  { settings, beatMs }: WorkerStart,
  deps: ServingDeps,
): (parcel: Parcel) => void {
  const { post, createSessions, log, clock = systemClock, heapUsed } = deps;
  const opened = new Map<string, Session>();
  const link: Link = createLink({
    post,
    async serve(to, method, args) {
      if (to === "sessions") {
        const [name, deviceId, options] = args as [string, DeviceId, OpenOptions];
        opened.set(name, await sessions.open(deviceId, eventsOf(name), options));
        return;
      }
      const session = opened.get(to);
      const work: unknown = session && Reflect.get(session, method);
      if (typeof work !== "function") throw new TypeError(`Cannot ${method}: there is no session ${to}`);
      return await work.apply(session, args);
    },
  });
  const sessions = createSessions({
    credentials: remote(link, "credentials"),
    inbox: remote(link, "inbox"),
    history: remote(link, "history"),
    settings,
    log,
  });

  function eventsOf(name: string): SessionEvents {
    const to = `events ${name}`;
    return {
      qr: (...args) => link.tell(to, "qr", args),
      connecting: () => link.tell(to, "connecting", []),
      paired: () => link.tell(to, "paired", []),
      authenticated: () => link.tell(to, "authenticated", []),
      connected: (...args) => link.tell(to, "connected", args),
      ended(...args) {
        opened.delete(name);
        link.tell(to, "ended", args);
      },
      async happened(...args) {
        await link.ask(to, "happened", args);
      },
      async receipts(...args) {
        await link.ask(to, "receipts", args);
      },
      async chatsRead(...args) {
        await link.ask(to, "chatsRead", args);
      },
      async pastCame(...args) {
        await link.ask(to, "pastCame", args);
      },
    };
  }

  const beat = () => link.tell("worker", "beat", [heapUsed()]);
  clock.every(beatMs, beat);
  beat();
  return link.take;
}

/** An object of the main thread, of whose methods each returns a promise. */
function remote<T extends object>(link: Link, to: string): T {
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  return new Proxy({}, {
    get(_, method) {
      if (typeof method !== "string" || method === "then") return undefined;
      const known = methods.get(method) ?? ((...args: unknown[]) => link.ask(to, method, args));
      methods.set(method, known);
      return known;
    },
  }) as T;
}
