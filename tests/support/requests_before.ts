import { until } from "./until.ts";
import type { ReceivedRequest, Receiver } from "./receiver.ts";

/**
 * What a receiver got before what is sent last, once that has arrived: so is proved what did not come. From now on the
 * receiver takes everything, so what failed before may come again right behind the last one.
 */
export async function requestsBefore(
  rx: Receiver,
  isLast: (request: ReceivedRequest) => boolean,
  sendLast: () => Promise<unknown>,
): Promise<readonly ReceivedRequest[]> {
  rx.respond();
  await sendLast();
  await until(() => rx.requests.some(isLast), "what was sent last");
  return rx.requests.slice(0, rx.requests.findIndex(isLast));
}
