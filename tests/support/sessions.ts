// Sessions against a simulator: what tests of the WhatsApp side share.
import { assertEquals } from "@std/assert";
import type { EventData } from "../../src/events/event.ts";
import { logOf } from "../../src/log.ts";
import type { ChatRead } from "../../src/store/chat_reads.ts";
import { createSessions, type SessionsDeps } from "../../src/whatsapp/baileys/session.ts";
import type {
  OpenOptions,
  PastAnswer,
  QrPlace,
  Session,
  SessionDraft,
  SessionEnd,
  SessionEvents,
  SessionReceipt,
  Sessions,
} from "../../src/whatsapp/session.ts";
import type { WhatsAppSettings } from "../../src/whatsapp/settings.ts";
import {
  type LinkedDevice,
  type SimulatorOptions,
  type VirtualPhone,
  WhatsAppSimulator,
} from "../../src/simulator/mod.ts";
import { type KeptCredentials, type KeptInbox, type KeptStore, keptStore } from "./kept_store.ts";
import { PATIENCE_MS } from "./until.ts";

type DraftOf<T extends SessionDraft["type"]> = Extract<SessionDraft, { readonly type: T }>;

/** Takes down everything that a session reports, and waits for things. */
export class Reports implements SessionEvents {
  readonly log: string[] = [];
  readonly drafts: SessionDraft[] = [];
  readonly received: SessionReceipt[] = [];
  readonly ends: SessionEnd[] = [];
  readonly past: PastAnswer[] = [];
  readonly reads: ChatRead[] = [];
  qrCode: string | undefined;
  qrExpiresAt = 0;
  readonly qrPlaces: QrPlace[] = [];
  me: Parameters<SessionEvents["connected"]>[0] | undefined;
  /** Stands in for the event log: what it says becomes of `happened`. */
  store: () => Promise<void> = () => Promise.resolve();
  readonly #waiting = new Set<() => void>();

  qr(code: string, expiresAt: number, place: QrPlace) {
    this.qrPlaces.push(place);
    this.qrCode = code;
    this.qrExpiresAt = expiresAt;
    this.#note("qr");
  }
  connecting() {
    this.#note("connecting");
  }
  paired() {
    this.#note("paired");
  }
  authenticated() {
    this.#note("authenticated");
  }
  connected(me: Parameters<SessionEvents["connected"]>[0]) {
    this.me = me;
    this.#note("connected");
  }
  ended(end: SessionEnd) {
    this.ends.push(end);
    this.#note(`ended ${end.reason}`);
  }
  async happened(drafts: readonly SessionDraft[]) {
    await this.store();
    this.drafts.push(...drafts);
    this.#wake();
  }
  async pastCame(answer: PastAnswer) {
    await this.store();
    this.past.push(answer);
    this.#wake();
  }
  async chatsRead(reads: readonly ChatRead[]) {
    await this.store();
    this.reads.push(...reads);
    this.#wake();
  }
  async receipts(receipts: readonly SessionReceipt[]) {
    await this.store();
    this.received.push(...receipts);
    this.#wake();
  }

  of<T extends SessionDraft["type"]>(type: T): DraftOf<T>[] {
    return this.drafts.filter((draft): draft is DraftOf<T> => draft.type === type);
  }

  /** Waits for the next draft of a type (or the `nth`), and gives what it says. */
  async data<T extends SessionDraft["type"]>(type: T, nth = 1): Promise<EventData[T]> {
    const data: unknown = await this.until(() => this.of(type)[nth - 1]?.data, `${type} no. ${nth}`);
    return data as EventData[T]; // drafts of a type hold its data
  }

  async until<T>(check: () => T | undefined | false, what: string, timeoutMs = PATIENCE_MS): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    while (true) {
      const found = check();
      if (found) return found;
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw new Error(`Timed out waiting for ${what} (${this.log.join(", ")})`);
      await new Promise<void>((done) => {
        const wake = () => (clearTimeout(timer), this.#waiting.delete(wake), done());
        const timer = setTimeout(wake, Math.min(leftMs, 100));
        this.#waiting.add(wake);
      });
    }
  }

  logged(word: string, times = 1): Promise<boolean> {
    const count = () => this.log.filter((line) => line === word).length;
    return this.until(() => count() >= times, `${times} × ${word}`);
  }

  #note(line: string) {
    this.log.push(line);
    this.#wake();
  }

  #wake() {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** A simulator with sessions that connect to it. */
export interface World {
  readonly simulator: WhatsAppSimulator;
  readonly credentials: KeptCredentials;
  readonly inbox: KeptInbox;
  readonly history: KeptStore["history"];
  /** What a crash between an event and its mark leaves: no message is marked as published. */
  loseMarks(): void;
  readonly sessions: Sessions;
  open(deviceId?: string, options?: OpenOptions): Promise<{ session: Session; reports: Reports }>;
  /** Pairs a new device by QR code and waits until it is connected. */
  link(deviceId?: string): Promise<Linked>;
  /** Sessions on the same store: what a restart of the process makes. `on` stands in for the store. */
  again(settings?: WhatsAppSettings, on?: Pick<World, "credentials" | "inbox">): Sessions;
}

export interface Linked {
  readonly session: Session;
  readonly reports: Reports;
  readonly phone: VirtualPhone;
  readonly device: LinkedDevice;
}

let numbers = 0;
/** A phone number that nobody else has. */
export function aNumber(): string {
  return `62811${String(++numbers).padStart(7, "0")}`;
}

/** Runs a test with a simulator of its own; afterwards it must have understood everything. */
export function withWorld(
  name: string,
  test: (world: World) => Promise<void>,
  options: {
    readonly simulator?: SimulatorOptions;
    readonly settings?: WhatsAppSettings;
    /** Left out: they run in the thread of the test. */
    readonly makeSessions?: (deps: SessionsDeps) => Sessions;
  } = {},
): void {
  Deno.test(name, async () => {
    const simulator = await WhatsAppSimulator.start(options.simulator);
    const { credentials, inbox, history, loseMarks } = keptStore();
    const opened: Session[] = [];
    const again: World["again"] = (settings = {}, on = { credentials, inbox }) => {
      const sessions = (options.makeSessions ?? createSessions)({
        credentials: on.credentials,
        inbox: on.inbox,
        history,
        settings: {
          url: simulator.url,
          rootKey: simulator.rootKey.toString("hex"),
          mediaCaPem: simulator.tlsCaPem,
          ...options.settings,
          ...settings,
        },
        log: logOf("whatsapp"),
      });
      return {
        async open(...given: Parameters<Sessions["open"]>) {
          const session = await sessions.open(...given);
          opened.push(session);
          return session;
        },
      };
    };
    const sessions = again();
    const open: World["open"] = async (deviceId = "device_1", openOptions) => {
      const reports = new Reports();
      const session = await sessions.open(deviceId, reports, openOptions);
      return { session, reports };
    };
    const link: World["link"] = async (deviceId = "device_1") => {
      const phone = simulator.phone(aNumber(), "Gateway");
      const first = await open(deviceId);
      const device = await simulator.scanQr(
        await first.reports.until(() => first.reports.qrCode, "qr"),
        phone,
      );
      await first.reports.logged("ended restart_required");
      const { session, reports } = await open(deviceId);
      await reports.logged("connected");
      return { session, reports, phone, device };
    };
    try {
      await test({ simulator, credentials, inbox, history, loseMarks, sessions, open, link, again });
      assertEquals(simulator.unknown.map((stanza) => JSON.stringify(stanza)), []);
      assertEquals(simulator.complaints, []);
    } finally {
      await Promise.all(opened.map((session) => session.stop()));
      await simulator.stop();
    }
  });
}
