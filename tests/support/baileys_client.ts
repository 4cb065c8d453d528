// A minimal gateway-like client around unmodified Baileys: memory auth store, event log, waiting for things.
import makeWASocket, {
  type AuthenticationCreds,
  type BaileysEventMap,
  BufferJSON,
  DisconnectReason,
  initAuthCreds,
  proto,
  type SignalDataTypeMap,
  type SignalKeyStore,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from "@whiskeysockets/baileys";
import { PATIENCE_MS } from "./until.ts";

type Logger = NonNullable<UserFacingSocketConfig["logger"]>;

export interface LogLine {
  readonly level: "warn" | "error";
  readonly text: string;
}

/** Keeps the text of warnings and errors; Error objects of Baileys would keep dead sockets alive. */
export function collectingLogger(onDebug: (text: string) => void = () => {}) {
  const lines: LogLine[] = [];
  const keep = (level: LogLine["level"]) => (about: unknown, text?: string) => {
    lines.push({ level, text: typeof about === "string" ? about : text ?? "" });
  };
  const silent = () => {};
  const debug = (_: unknown, text?: string) => onDebug(text ?? "");
  const logger: Logger = {
    level: "debug",
    child: () => logger,
    trace: silent,
    debug,
    info: silent,
    warn: keep("warn"),
    error: keep("error"),
  };
  return { logger, lines };
}

/** Auth state in memory, as JSON, so that everything stored is known to survive that. */
export class MemoryAuth {
  readonly data = new Map<string, string>();
  creds: AuthenticationCreds = initAuthCreds();

  readonly keys: SignalKeyStore = {
    get: <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
      const found: Record<string, SignalDataTypeMap[T]> = {};
      for (const id of ids) {
        const stored = this.data.get(`${type}/${id}`);
        if (stored === undefined) continue;
        const value = JSON.parse(stored, BufferJSON.reviver);
        found[id] = type === "app-state-sync-key"
          ? proto.Message.AppStateSyncKeyData.fromObject(value)
          : value;
      }
      return found;
    },
    set: (data) => {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries ?? {})) {
          if (value) this.data.set(`${type}/${id}`, JSON.stringify(value, BufferJSON.replacer));
          else this.data.delete(`${type}/${id}`);
        }
      }
    },
  };

  /** The same state after a restart of the process. */
  copy(): MemoryAuth {
    const copy = new MemoryAuth();
    copy.creds = JSON.parse(JSON.stringify(this.creds, BufferJSON.replacer), BufferJSON.reviver);
    for (const [key, value] of this.data) copy.data.set(key, value);
    return copy;
  }
}

type Config = Partial<UserFacingSocketConfig>;
type EventName = keyof BaileysEventMap;
type LoggedEvent = { [K in EventName]: { readonly name: K; readonly data: BaileysEventMap[K] } }[EventName];

export interface ServerAck {
  readonly id: string;
  readonly error?: string;
}

export interface Upserted {
  readonly message: WAMessage;
  readonly type: string;
}

export interface Fate {
  readonly status?: number | null;
  /** The error code with which the server refused it. */
  readonly reason?: string | null;
}

export class BaileysClient {
  readonly auth: MemoryAuth;
  readonly events: LoggedEvent[] = [];
  readonly log = collectingLogger();
  /** The status code of every close. */
  readonly closes: number[] = [];
  readonly serverAcks: ServerAck[] = [];
  /** What `getMessage` finds: a gateway reads it from its database. */
  readonly sent = new Map<string, proto.IMessage>();
  qr: string | undefined;
  state: "connecting" | "open" | "close" = "connecting";
  watchRefusedUpgrade = true;
  #socket: WASocket;
  #reconnects = true;
  readonly #url: string;
  readonly #config: Config;
  readonly #waiting = new Set<() => void>();

  constructor(
    url: string,
    { auth = new MemoryAuth(), config = {} }: { auth?: MemoryAuth; config?: Config } = {},
  ) {
    this.#url = url;
    this.auth = auth;
    this.#config = config;
    this.#socket = this.#open();
  }

  get socket(): WASocket {
    return this.#socket;
  }

  /** Connects again with the same auth state. */
  connect(): void {
    this.#socket = this.#open();
  }

  open(timeoutMs?: number): Promise<true> {
    return this.until(() => this.state === "open" && true, "connection open", timeoutMs);
  }

  async closed(code: number, timeoutMs?: number): Promise<void> {
    await this.until(() => this.closes.includes(code), `close with ${code} (got ${this.closes})`, timeoutMs);
  }

  /** Every batch of this event so far. */
  of<K extends EventName>(name: K): BaileysEventMap[K][] {
    return this.events.filter((event) => event.name === name).map((event) =>
      event.data as BaileysEventMap[K]
    );
  }

  get messages(): Upserted[] {
    return this.of("messages.upsert").flatMap(({ messages, type }) =>
      messages.map((message) => ({ message, type }))
    );
  }

  message(id: string, timeoutMs?: number): Promise<Upserted> {
    const find = () => this.messages.find(({ message }) => message.key.id === id);
    return this.until(find, `message ${id}`, timeoutMs);
  }

  updates(id: string) {
    return this.of("messages.update").flat().filter((update) => update.key.id === id);
  }

  /**
   * What is known of one of our messages, in the order it came: by `messages.update`, or inside `messages.upsert` when
   * Baileys still buffered that (about 100 ms after sending).
   */
  fates(id: string): readonly Fate[] {
    const upserts = this.messages.map(({ message }) => message).filter((message) => message.key.id === id);
    return [...upserts, ...this.updates(id).map(({ update }) => update)]
      .map(({ status, messageStubParameters }) => ({ status, reason: messageStubParameters?.[0] }));
  }

  /** Waits for a status of one of our messages. */
  status(id: string, status: number, timeoutMs?: number): Promise<Fate> {
    const find = () => this.fates(id).find((fate) => fate.status === status);
    return this.until(find, `status ${status} of ${id}`, timeoutMs);
  }

  async until<T>(
    check: () => T | undefined | false | null,
    what: string,
    timeoutMs = PATIENCE_MS,
  ): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    while (true) {
      const found = check();
      if (found) return found;
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw new Error(`Timed out waiting for ${what} (closed: ${this.closes.join()})`);
      await new Promise<void>((done) => {
        const wake = () => (clearTimeout(timer), this.#waiting.delete(wake), done());
        const timer = setTimeout(() => (this.#unstick(), wake()), Math.min(leftMs, 200));
        this.#waiting.add(wake);
      });
    }
  }

  async end(): Promise<void> {
    this.#reconnects = false;
    await this.#socket.end(undefined);
  }

  #open(): WASocket {
    this.state = "connecting";
    const socket = makeWASocket({
      waWebSocketUrl: this.#url,
      auth: { creds: this.auth.creds, keys: this.auth.keys },
      logger: this.log.logger,
      browser: ["Ubuntu", "Chrome", "22.04.4"],
      getMessage: ({ id }) => Promise.resolve(this.sent.get(id ?? "")),
      connectTimeoutMs: PATIENCE_MS, // Baileys' 20 s may be over before a busy machine has shaken hands
      defaultQueryTimeoutMs: PATIENCE_MS,
      ...this.#config,
    });
    socket.ev.on("creds.update", (update) => Object.assign(this.auth.creds, update));
    socket.ev.process((batch) => {
      for (const [name, data] of Object.entries(batch)) this.events.push({ name, data } as LoggedEvent);
      const change = batch["connection.update"];
      if (change?.qr) this.qr = change.qr;
      if (change?.connection) this.state = change.connection;
      if (change?.connection === "close") this.#onClose(statusOf(change.lastDisconnect?.error));
      this.#touch();
    });
    // Baileys leaves a refused upgrade (HTTP 4xx, 5xx) to whoever listens, and would stay "connecting" for ever
    socket.ws.on("unexpected-response", (_: unknown, response: { readonly statusCode: number }) => {
      if (!this.watchRefusedUpgrade) return;
      const output = { statusCode: response.statusCode };
      void socket.end(Object.assign(new Error("upgrade refused"), { output }));
    });
    // a positive ack of the server raises no event of Baileys
    socket.ws.on("CB:ack,class:message", ({ attrs }: { readonly attrs: ServerAck }) => {
      this.serverAcks.push({ id: attrs.id, error: attrs.error });
      this.#touch();
    });
    return socket;
  }

  /**
   * Lets out events that Baileys 7.0.0-rc14 forgot: its event buffer does not clear `flushPendingTimeout` when that
   * timer fires while nothing is buffered, and then never sets it again. Events of our own messages wait until the
   * next stanza comes, or 30 s. Not before the first sync, which buffers on purpose.
   */
  #unstick(): void {
    if (this.auth.creds.accountSyncCounter > 0) this.#socket.ev.flush();
  }

  #onClose(code: number): void {
    this.closes.push(code);
    if (this.#reconnects && code === DisconnectReason.restartRequired) this.connect();
  }

  #touch(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** The status code inside an error of Baileys; 0 when there is none. */
export function statusOf(error: unknown): number {
  const output = (error as { output?: { statusCode?: number } } | undefined)?.output;
  return output?.statusCode ?? 0;
}
