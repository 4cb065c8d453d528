import type { Timer } from "../async/clock.ts";
import type { KabarEvent } from "../events/event.ts";
import type { Renderings } from "../formats/request.ts";
import type { TenantId } from "../ids.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Webhook } from "../store/webhooks.ts";
import { afterOutcome, type Breaker, closedBreaker, mayTry, probing } from "./breaker.ts";
import type { Waiting } from "./fair_round.ts";
import { INITIAL_LIMIT, limitAfter } from "./lane_limit.ts";
import type { Outcome } from "./outcome.ts";

/** A delivery in hand: claimed, with its event. */
export interface Job {
  readonly delivery: Delivery;
  readonly event: KabarEvent;
  /** When others get the event at the same time. */
  readonly shared?: Renderings;
}

/** Deliveries held in memory per request in flight: enough to keep the endpoint busy while more are fetched. */
const HELD_PER_REQUEST = 4;
/** Ordering keys that are remembered one by one; with more, everything that is due is looked at. */
const MOST_KEYS = 1_000;

/**
 * One webhook's line of work in memory. It holds a bounded number of claimed deliveries; whatever does not fit waits in
 * the store, and `behind` says so. Each lane has its own limit and breaker, so a slow or dead endpoint only holds up
 * itself.
 */
export class Lane implements Waiting {
  #webhook: Webhook;
  #origin: string;
  /** The store may hold due deliveries that are not in memory. */
  behind = false;
  /** Ordering keys whose first pending delivery should be fetched. */
  readonly keysToFetch = new Set<string>();
  fetching = false;
  /** It stands in the dispatcher's round. */
  queued = false;
  timer: Timer | undefined;

  #jobs: Job[] = [];
  /** Deliveries that somebody waits for: the next to be made, and the breaker lets them through. */
  readonly #hurried = new Set<number>();
  #reserved = 0;
  #running = 0;
  #limit = INITIAL_LIMIT;
  #breaker: Breaker = closedBreaker;

  constructor(webhook: Webhook) {
    this.#webhook = webhook;
    this.#origin = originOf(webhook.url);
  }

  get webhook(): Webhook {
    return this.#webhook;
  }

  /** Another URL is another endpoint: how the one before did says nothing of it. */
  set webhook(webhook: Webhook) {
    if (webhook.url !== this.#webhook.url) {
      this.#limit = INITIAL_LIMIT;
      this.#breaker = closedBreaker;
    }
    this.#webhook = webhook;
    this.#origin = originOf(webhook.url);
  }

  get tenantId(): TenantId {
    return this.#webhook.tenantId;
  }

  /** Where its requests go. */
  get origin(): string {
    return this.#origin;
  }

  get running(): number {
    return this.#running;
  }

  get held(): number {
    return this.#jobs.length;
  }

  /** Its endpoint is tried, and has something waiting. */
  isBusy(now: number): boolean {
    return (this.behind || this.#jobs.length > 0) && this.open(now);
  }

  get breaker(): Breaker {
    return this.#breaker;
  }

  /** How many more deliveries fit in memory. */
  get room(): number {
    return Math.max(0, this.#limit * HELD_PER_REQUEST - this.#jobs.length - this.#reserved);
  }

  /** Keeps a place for a delivery that is about to be stored. */
  reserve(now: number): boolean {
    if (this.behind || this.room === 0 || !this.open(now)) return false;
    this.#reserved++;
    return true;
  }

  unreserve(): void {
    this.#reserved--;
  }

  /** The first pending delivery of this key is due. */
  fetchKey(key: string): void {
    if (this.keysToFetch.size < MOST_KEYS) this.keysToFetch.add(key);
    else this.behind = true;
  }

  push(job: Job): void {
    if (this.#hurried.has(job.delivery.number)) this.#jobs.unshift(job);
    else this.#jobs.push(job);
  }

  /**
   * Somebody waits for this delivery: it goes before all others, at once or when it is pushed, however long the breaker
   * would stay open. False when it is not held.
   */
  hurry(deliveryNumber: number, now: number): boolean {
    this.probeNow(now);
    this.#hurried.add(deliveryNumber);
    const index = this.#jobs.findIndex(({ delivery }) => delivery.number === deliveryNumber);
    if (index >= 0) this.#jobs.unshift(...this.#jobs.splice(index, 1));
    return index >= 0;
  }

  /** A fetch has ended: hurried deliveries that did not come with it are not on their way. */
  fetched(): void {
    this.fetching = false;
    if (this.#hurried.size === 0) return;
    const held = new Set(this.#jobs.map(({ delivery }) => delivery.number));
    for (const number of this.#hurried) if (!held.has(number)) this.#hurried.delete(number);
  }

  /** The store had nothing to hand out for it: only a fetch that is under way may bring it. */
  notFound(deliveryNumber: number): void {
    if (!this.fetching) this.#hurried.delete(deliveryNumber);
  }

  /** Lets one request through now, however long the breaker would stay open. */
  probeNow(now: number): void {
    this.#breaker = probing(this.#breaker, now);
  }

  /** False while nothing may be tried: the webhook is paused, or its breaker is open. */
  open(now: number): boolean {
    return this.webhook.status === "active" && mayTry(this.#breaker, now) !== "no";
  }

  /** True when a request could be made now. */
  runnable(now: number): boolean {
    if (this.#jobs.length === 0 || this.webhook.status !== "active") return false;
    const may = mayTry(this.#breaker, now);
    return may === "yes" ? this.#running < this.#limit : may === "probe" && this.#running === 0;
  }

  /** The next delivery to try, or undefined when it has to wait. */
  start(now: number): Job | undefined {
    if (!this.runnable(now)) return undefined;
    this.#running++;
    const job = this.#jobs.shift();
    if (job !== undefined) this.#hurried.delete(job.delivery.number);
    return job;
  }

  /** A request has ended without telling anything of the endpoint. */
  abandoned(): void {
    this.#running--;
  }

  /** A request has ended. Returns what no longer fits in memory and has to go back to the store. */
  ended(outcome: Outcome, now: number, scale: number): readonly Job[] {
    this.#running--;
    this.#limit = limitAfter(this.#limit, outcome);
    this.#breaker = afterOutcome(this.#breaker, outcome.ok, now, scale);
    if (mayTry(this.#breaker, now) === "no") return this.#spare(now);
    const keep = this.#limit * HELD_PER_REQUEST;
    return this.#jobs.length > keep ? this.#jobs.splice(keep) : [];
  }

  /** The breaker has opened: holds nothing but what somebody waits for, which is the probe. Returns the rest. */
  #spare(now: number): readonly Job[] {
    const isHurried = ({ delivery }: Job) => this.#hurried.has(delivery.number);
    const { hurried = [], rest = [] } = Object.groupBy(
      this.#jobs,
      (job) => isHurried(job) ? "hurried" : "rest",
    );
    this.#jobs = hurried;
    if (hurried.length > 0) this.probeNow(now);
    return rest;
  }

  /** Empties the lane: the deliveries have to go back to the store, or are cancelled there already. */
  drop(): readonly Job[] {
    const dropped = this.#jobs;
    this.#jobs = [];
    this.#hurried.clear();
    return dropped;
  }
}

/** A URL that cannot be read goes nowhere, like all of its kind. */
export function originOf(url: string): string {
  return URL.parse(url)?.origin ?? "";
}
