/** What an alarm is about: a delivery that falls due. `attempt` is the one that is to be made. */
export interface Alarm {
  readonly deliveryNumber: number;
  readonly attempt: number;
}

/**
 * An alarm clock, not a store: alarms may come late, twice, or never. Whoever hears one claims the delivery first,
 * and a sweep finds what no alarm announced.
 */
export interface Queue {
  /** Rings after `delayMs` (at most 30 days). Enqueues that come together share one write. */
  enqueue(alarm: Alarm, options: { readonly delayMs: number }): Promise<void>;
  /** Starts to listen. `onAlarm` must return at once and must not throw. Called once. */
  listen(onAlarm: (alarm: Alarm) => void): void;
  close(): Promise<void>;
}
