import type { EventType } from "../event.ts";
import type { Example } from "./example.ts";
import { MESSAGES } from "./messages.ts";
import { OTHERS } from "./others.ts";

export type { Example };

/**
 * Examples of every type of event and every kind of content. The catalogue, the API's description and the tests of all
 * formats share them: what users are shown is what the tests render.
 */
export const EXAMPLES: readonly Example[] = [...MESSAGES, ...OTHERS];

/** The examples of one type of event. */
export function examplesOf(type: EventType): readonly Example[] {
  return EXAMPLES.filter(({ event }) => event.type === type);
}
