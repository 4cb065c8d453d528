import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { BodyBudget } from "./body_budget.ts";
import { BodyError, type BodyFault } from "./body_error.ts";

/** What bounds a body. Times in ms. */
export interface BodyLimits {
  /** Bytes of a body that is read as a whole. */
  readonly mostBytes: number;
  /** How long nothing of it may come. */
  readonly stallMs: number;
  /** How long all of it may take while nobody knows who sends it. */
  readonly strangerMs: number;
  /** Memory for those whose sender is not known. */
  readonly strangers: BodyBudget;
  /** Memory for those of known senders. */
  readonly known: BodyBudget;
}

/**
 * The body of one request, read only when somebody asks for it: what is refused by its head costs no memory. Until
 * `admit`, its sender counts as a stranger.
 */
export class Body {
  /** `Infinity`: whoever reads it bounds it. */
  mostBytes: number;
  readonly #message: IncomingMessage;
  readonly #limits: BodyLimits;
  readonly #begin: () => void;
  #budget: BodyBudget;
  #isKnown = false;
  #heldBytes = 0;
  #readBytes = 0;
  #startedAt = 0;
  #movedAt = 0;
  #used = false;
  #fail: ((error: BodyError) => void) | undefined;
  #fault: BodyError | undefined;

  /** @param begin Called before the first byte is asked for. */
  constructor(message: IncomingMessage, limits: BodyLimits, begin: () => void) {
    this.#message = message;
    this.#limits = limits;
    this.#begin = begin;
    this.#budget = limits.strangers;
    this.mostBytes = limits.mostBytes;
  }

  get used(): boolean {
    return this.#used;
  }

  /** Why it could not be read, for whoever got another error for it. */
  get fault(): BodyError | undefined {
    return this.#fault;
  }

  /** The sender has shown a key that counts. */
  admit(): void {
    if (this.#isKnown) return;
    this.#isKnown = true;
    this.#budget.give(this.#heldBytes);
    this.#budget = this.#limits.known;
    this.#heldBytes = this.#budget.take(this.#heldBytes) ? this.#heldBytes : 0;
  }

  /** Ends the wait for a body that does not come; to be called now and then. `now`: monotonic, ms. */
  check(now: number): void {
    if (this.#fail === undefined) return;
    const isStalled = now - this.#movedAt > this.#limits.stallMs;
    const isLate = !this.#isKnown && now - this.#startedAt > this.#limits.strangerMs;
    if (isStalled || isLate) this.#fail(new BodyError("too_slow"));
  }

  /** The answer is out: nobody holds the bytes any more. */
  release(): void {
    this.#budget.give(this.#heldBytes);
    this.#heldBytes = 0;
    this.#fail?.(new BodyError("broken"));
  }

  /** All of it, in memory. @throws {BodyError} */
  whole(): Promise<Buffer> {
    this.#start();
    const chunks: Buffer[] = [];
    return new Promise<Buffer>((resolve, reject) => {
      const message = this.#message;
      const end = () => {
        message.off("data", onData);
        message.off("end", onEnd);
        message.off("close", onClose);
        this.#fail = undefined;
      };
      const fail = (error: BodyError) => {
        this.#fault = error;
        end();
        chunks.length = 0;
        message.pause();
        reject(error);
      };
      const onData = (chunk: Buffer) => {
        this.#movedAt = performance.now();
        this.#readBytes += chunk.length;
        if (this.#readBytes > this.mostBytes) return fail(this.#error("too_large"));
        if (!this.#budget.take(chunk.length)) return fail(this.#error("busy"));
        this.#heldBytes += chunk.length;
        chunks.push(chunk);
      };
      const onEnd = () => {
        end();
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      };
      const onClose = () => fail(this.#error("broken"));
      this.#fail = fail;
      message.on("data", onData);
      message.on("end", onEnd);
      message.on("close", onClose);
    });
  }

  /** It, piece by piece, no faster than it is taken. */
  stream(): ReadableStream<Uint8Array> {
    const message = this.#message;
    let controller: ReadableStreamDefaultController<Uint8Array>;
    let isOver = false; // read to its end, failed, or not wanted any more: what still comes is nobody's
    const end = () => this.#fail = undefined;
    const fail = (error: BodyError) => {
      if (isOver) return;
      isOver = true;
      this.#fault = error;
      end();
      message.pause();
      controller.error(error);
    };
    return new ReadableStream<Uint8Array>({
      pull: (given) => {
        controller = given;
        if (!this.#used) {
          this.#start();
          message.on("data", (chunk: Buffer) => {
            if (isOver) return;
            this.#movedAt = performance.now();
            this.#readBytes += chunk.length;
            if (this.#readBytes > this.mostBytes) return fail(this.#error("too_large"));
            // What a stranger streams is gathered by whoever takes it; those with a key are handed it piece by piece.
            if (!this.#isKnown) {
              if (!this.#budget.take(chunk.length)) return fail(this.#error("busy"));
              this.#heldBytes += chunk.length;
            }
            given.enqueue(new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.length));
            if ((given.desiredSize ?? 0) > 0) return;
            message.pause(); // whoever reads it is behind: nobody waits for more
            this.#fail = undefined;
          });
          message.on("end", () => {
            if (isOver) return;
            isOver = true;
            end();
            given.close();
          });
          message.on("close", () => fail(this.#error("broken")));
        }
        this.#movedAt = performance.now();
        this.#fail = fail;
        message.resume();
      },
      cancel: () => {
        isOver = true;
        end();
        message.pause();
      },
    }, { highWaterMark: 0 });
  }

  #start(): void {
    if (this.#used) throw new TypeError("Cannot read the body: it was read already");
    this.#used = true;
    this.#startedAt = this.#movedAt = performance.now();
    this.#begin();
  }

  #error(fault: BodyFault): BodyError {
    return new BodyError(fault, fault === "too_large" ? this.mostBytes : undefined);
  }
}
