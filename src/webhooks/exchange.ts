import { Buffer } from "node:buffer";
import type { Dispatcher } from "undici";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { type Failure, failureOfError, failureOfStatus, failureOfTimeout } from "./failure.ts";
import type { Outcome } from "./outcome.ts";
import { unreadAnswer } from "./answer_head.ts";
import { parseRetryAfter } from "../net/retry_after.ts";

/** As much of an answer as is kept. */
const KEPT_BYTES = 16 * 1024;
/** As much more as is read only to be able to use the connection again. */
const DRAINED_BYTES = 64 * 1024;
/** How long the rest of an answer is waited for once its status is there. */
const BODY_GRACE_MS = 1_000;
/** A kept connection that closes so soon was being closed while we wrote: the request was never taken. */
const STALE_MS = 1_000;

const GONE = 410;
/** As much of an answer's headers as is kept, names and values. */
const KEPT_HEADERS = 4_096;

type ResponseHeaders = Record<string, string | string[] | undefined>;

/** The first headers of an answer, as text. Cookies are kept by their names only: they may let somebody in. */
function keptHeaders(headers: ResponseHeaders): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  let left = KEPT_HEADERS;
  for (const [name, given] of Object.entries(headers)) {
    if (given === undefined) continue;
    const values = Array.isArray(given) ? given : [given];
    const text = values.map((value) => name === "set-cookie" ? value.replace(/=.*/s, "=…") : value).join(
      ", ",
    );
    left -= name.length + text.length;
    if (left < 0) break;
    kept[name] = text.toWellFormed().replaceAll("\0", "");
  }
  return kept;
}

/** What an exchange needs. Limits count from the start. */
interface ExchangeDeps {
  readonly dispatcher: Dispatcher;
  readonly options: Dispatcher.DispatchOptions;
  readonly deadlines: Deadlines;
  /** Whom we call. */
  readonly host: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly now: () => number;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly decided: (outcome: Outcome) => void;
}

/**
 * One request and its answer, as undici tells of it. The status decides as soon as it is there, however the answer
 * ends. `draining` and `done` come after the outcome is decided: in the first, a small rest is read so that the
 * connection can be used again.
 */
export class Exchange implements Dispatcher.DispatchHandler, Deadline {
  dueAt: number;
  readonly signal: AbortSignal | undefined;
  readonly #deps: ExchangeDeps;
  readonly #startedTick: number;
  #phase: "connecting" | "waiting" | "reading" | "draining" | "done" = "connecting";
  #controller: Dispatcher.DispatchController | undefined = undefined;
  #wasResent = false;
  #statusCode = 0;
  #retryAfter: string | string[] | undefined = undefined;
  #headers: ResponseHeaders | undefined = undefined;
  #chunks: Buffer[] | undefined = undefined;
  #readBytes = 0;

  constructor(deps: ExchangeDeps) {
    this.#deps = deps;
    this.signal = deps.signal;
    this.#startedTick = performance.now();
    this.dueAt = this.#startedTick + deps.connectTimeoutMs;
  }

  start(): void {
    const { dispatcher, options, deadlines } = this.#deps;
    deadlines.watch(this);
    dispatcher.dispatch(options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isDecided) return controller.abort(new Error("Cannot send the request: its time is up"));
    this.#controller = controller;
    this.#phase = "waiting";
    this.dueAt = this.#startedTick + this.#deps.timeoutMs;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: ResponseHeaders,
  ): void {
    if (statusCode < 200 || this.#isDecided) return;
    this.#statusCode = statusCode;
    this.#retryAfter = headers["retry-after"];
    this.#headers = headers;
    this.#phase = "reading";
    this.dueAt = Math.min(this.dueAt, performance.now() + BODY_GRACE_MS);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = KEPT_BYTES - this.#readBytes;
    this.#readBytes += chunk.length;
    if (this.#phase === "reading") {
      const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
      if (this.#chunks === undefined) this.#chunks = [kept];
      else this.#chunks.push(kept);
      if (this.#readBytes <= KEPT_BYTES) return;
      this.#decideByStatus("draining");
    }
    if (this.#readBytes > KEPT_BYTES + DRAINED_BYTES) {
      controller.abort(new Error("Cannot read on: enough is read"));
    }
  }

  onResponseEnd(): void {
    if (this.#phase === "reading") this.#decideByStatus("done");
    else this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#isDecided) return this.#finish();
    if (this.#phase === "reading") return this.#decideByStatus("done");
    if (this.#wasStale(error)) return this.#resend();
    const answer = unreadAnswer(error);
    if (answer !== undefined) {
      this.#statusCode = answer.statusCode;
      this.#retryAfter = answer.retryAfter;
      return this.#decideByStatus("done");
    }
    this.#fail(failureOfError(error, this.#deps.host));
  }

  onDue(): void {
    const { connectTimeoutMs, timeoutMs } = this.#deps;
    if (this.#phase === "connecting") this.#fail(failureOfTimeout("connecting", connectTimeoutMs));
    else if (this.#phase === "waiting") this.#fail(failureOfTimeout("waiting", timeoutMs));
    this.#breakOff();
  }

  onStop(): void {
    if (this.#phase === "connecting" || this.#phase === "waiting") {
      this.#fail({ reason: "aborted", error: "Stopped before an answer came" });
    }
    this.#breakOff();
  }

  get #isDecided(): boolean {
    return this.#phase === "draining" || this.#phase === "done";
  }

  get #isSuccess(): boolean {
    return this.#statusCode >= 200 && this.#statusCode < 300;
  }

  /** Reads and writes no more; a status that is there decides. */
  #breakOff(): void {
    if (this.#phase === "reading") this.#decideByStatus("done");
    this.#finish();
    this.#controller?.abort(new Error("Cannot go on: stopped, or time is up"));
  }

  /** Was the connection one that the receiver had closed, or begun to close, before we wrote? Asked once only. */
  #wasStale(error: Error): boolean {
    if (this.#wasResent || this.#phase !== "waiting") return false;
    if (performance.now() - this.#startedTick > STALE_MS) return false;
    const { code, message, socket } = error as Error & { code?: string; socket?: { bytesRead?: number } };
    if (code === "EPIPE") return true;
    return code === "UND_ERR_SOCKET" && message === "other side closed" && (socket?.bytesRead ?? 0) > 0;
  }

  #resend(): void {
    const { dispatcher, options } = this.#deps;
    this.#wasResent = true;
    this.#phase = "connecting";
    this.#controller = undefined;
    dispatcher.dispatch(options, this);
  }

  #decideByStatus(phase: "draining" | "done"): void {
    if (!this.#isSuccess) return this.#fail(failureOfStatus(this.#statusCode), phase);
    this.#decide(phase, {
      ok: true,
      statusCode: this.#statusCode,
      response: this.#text(),
      startedAt: this.#deps.startedAt,
      durationMs: this.#elapsedMs(),
    });
  }

  #fail({ reason, error }: Failure, phase: "draining" | "done" = "done"): void {
    const { startedAt, now } = this.#deps;
    const isAnswered = this.#statusCode !== 0;
    this.#decide(phase, {
      ok: false,
      reason,
      statusCode: isAnswered ? this.#statusCode : null,
      error,
      response: isAnswered ? this.#text() : null,
      ...(isAnswered && this.#headers !== undefined && { headers: keptHeaders(this.#headers) }),
      retryAfterMs: isAnswered ? parseRetryAfter(this.#retryAfter, now()) : null,
      gone: this.#statusCode === GONE,
      startedAt,
      durationMs: this.#elapsedMs(),
    });
  }

  #decide(phase: "draining" | "done", outcome: Outcome): void {
    this.#phase = phase;
    this.#chunks = undefined;
    if (phase === "done") this.#finish();
    this.#deps.decided(outcome);
  }

  #finish(): void {
    this.#phase = "done";
    this.#deps.deadlines.forget(this);
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#startedTick);
  }

  /** The kept bytes as text: what is no UTF-8 is replaced, a character cut by the limit is left out. */
  #text(): string {
    const [first, ...more] = this.#chunks ?? [];
    if (first === undefined) return "";
    const bytes = more.length === 0 ? first : Buffer.concat([first, ...more]);
    if (this.#readBytes <= KEPT_BYTES) return bytes.toString("utf8");
    return new TextDecoder().decode(bytes, { stream: true });
  }
}
