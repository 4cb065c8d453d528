/** With more, the main thread is busy before they are: it writes to the disk and delivers for all of them. */
const MOST_BY_ITSELF = 4;

/**
 * How many workers a machine gets that nobody has chosen a number for: one for each core but that of the main thread.
 * On two cores there are none. There is only one for a worker, and the receivers of webhooks, the disk and what else
 * runs on the machine need that, too: sessions get no faster, and the first worker takes more memory.
 */
export function workersFor(cores: number): number {
  return cores <= 2 ? 0 : Math.min(cores - 1, MOST_BY_ITSELF);
}
