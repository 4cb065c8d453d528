import type { EventSource } from "../events/event.ts";

/** A webhook of another system, as it came in. */
export interface Inbound {
  /** The body, unpacked. */
  readonly raw: Uint8Array;
  /** Undefined when the body is not JSON. */
  readonly json: { readonly value: unknown } | undefined;
  /** The session that the path names. */
  readonly session?: string;
  /** Marks of the gateways that it came through, where another one sent it. */
  readonly passed?: readonly string[];
}

/** What a webhook amounts to, before anything of it is stored. */
export interface Report {
  /** In a few words, for the log: `message_status sent`. */
  readonly what: string;
  /** What the sender is answered. */
  readonly answer: string;
  /** Facts for the log; never secrets or message text. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Events and statuses that come of it. */
  readonly events: number;
  /** Why parts of it make no event although they may mean something: the body is then kept whole, with a warning. */
  readonly unread: readonly string[];
  /** Parts that say nothing to anybody. */
  readonly nothing: readonly string[];
  /** Stores and publishes; when it resolves, nothing of it can be lost any more. */
  store(): Promise<unknown>;
}

/** How a system proves that a request is its own. */
export interface Proof {
  /** Shared with the system; undefined: signatures are not looked at. */
  readonly secret: string | undefined;
  /** Where the signature stands; the first header that is there counts. */
  readonly headers: readonly string[];
  /** Whether every request must be signed once there is a secret; else unsigned ones come from this machine only. */
  readonly required: boolean;
  /** Whether the signature is this body's. */
  isGenuine(signature: string, body: Uint8Array, secret: string): boolean;
  /** Nobody else may post. */
  readonly allowedIps?: readonly string[];
  /** The system cannot sign, and the settings say that it posts here: anybody may. */
  readonly unsignedByNature?: boolean;
}

/** What a sender is told when its request is refused. */
export interface RefusalWords {
  readonly unsigned: string;
  readonly signature: string;
  readonly tooMany: string;
}

/**
 * Another system whose webhooks are taken in: one folder under `providers/`, and one line where they are listed
 * (`app/providers.ts`). The way in, what protects it, limits, logs and what becomes of unread bodies are the same for
 * all.
 */
export interface Provider {
  readonly source: EventSource;
  /** For people: `Qiscus`. */
  readonly title: string;
  /** Where it posts; `{sessionId}` is a session in the path. */
  readonly paths: readonly string[];
  readonly doc: {
    readonly summary: string;
    readonly description: string;
    /** A body that it takes at each of its paths. */
    readonly example: Readonly<Record<string, unknown>>;
  };
  readonly proof: Proof;
  readonly words: RefusalWords;
  /** What a stranger has to do, or the operator to set, to get in. */
  readonly remedy: string;
  /** Whether refusals repeat their sentence as `error`. */
  readonly errorField: boolean;
  /** Requests a minute of one address that are not signed; undefined: any number. */
  readonly perMinute: number | undefined;
  readonly maxBytes: number;
  /** What a GET of a path is answered, besides `success`. */
  about(path: string, session: string | undefined): Readonly<Record<string, unknown>>;
  /**
   * Reads a webhook.
   * @throws {InvalidError} If the sender must be told that it is none.
   * @throws {ConflictError} If it is about a device that the gateway runs itself.
   */
  read(inbound: Inbound): Promise<Report>;
}
