import type { DeviceId } from "../ids.ts";

/** Something that a device's holder is to do for another gateway, and to answer. */
export interface DeviceCall {
  readonly id: string;
  readonly deviceId: DeviceId;
  /** Such as `groups.create`. */
  readonly kind: string;
  /** The parameters, as JSON text. */
  readonly request: string;
}

/**
 * `asked`: nobody has taken it; `taken`: its holder is at it; `done`: `answer` has the result; `lost`: its time ran
 * out, or its holder was removed in the middle of it, and nobody knows how far it got.
 */
export type CallState = "asked" | "taken" | "done" | "lost";

export interface Calls {
  /** Asks for something; nobody begins with it later than `withinMs` from now, by the store's clock. */
  ask(call: DeviceCall, withinMs: number): Promise<void>;
  /** Takes calls of devices that this gateway holds, oldest first. A call is taken once, by one. */
  take(holder: string, deviceIds: readonly DeviceId[], limit: number): Promise<readonly DeviceCall[]>;
  /** Answers a call that this gateway took; false when it is not waited for any more. `answer` is JSON text. */
  answer(id: string, holder: string, answer: string): Promise<boolean>;
  /** How a call stands; undefined when it is forgotten. */
  outcome(id: string): Promise<{ readonly state: CallState; readonly answer: string | null } | undefined>;
  /** Forgets calls whose time ran out that long ago; returns how many. */
  prune(olderThanMs: number, limit: number): Promise<number>;
}
