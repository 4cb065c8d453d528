import type { Known } from "./message.ts";

/** What reading an event needs to know besides it. */
export interface Seen extends Known {
  /** Sets the facts of one session apart from those of others: the device's id. */
  readonly scope: string;
}
