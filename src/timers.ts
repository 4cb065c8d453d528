/** A timer takes no more: a longer wait ends early, and whoever waits has to look again. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
