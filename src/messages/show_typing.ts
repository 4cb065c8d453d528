import type { Background } from "../async/background.ts";
import type { Clock } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import type { Session } from "../whatsapp/session.ts";
import { signOf } from "./typing.ts";

/** WhatsApp shows it for about this long; whoever goes on says so again. */
const SHOW_AGAIN_MS = 10_000;

const log = logOf("messages");

export interface ShowTypingDeps {
  readonly sessionOf: (deviceId: DeviceId) => Pick<Session, "setTyping"> | undefined;
  readonly background: Background;
  readonly clock: Pick<Clock, "wait">;
}

/** Shows in a message's chat that somebody makes it, for `forMs`; earlier done when the signal aborts. */
export type ShowTyping = (
  deviceId: DeviceId,
  message: OutgoingMessage,
  forMs: number,
  signal: AbortSignal,
) => Promise<void>;

export function createShowTyping({ sessionOf, background, clock }: ShowTypingDeps): ShowTyping {
  async function show(deviceId: DeviceId, { to, content }: OutgoingMessage): Promise<void> {
    try {
      await sessionOf(deviceId)?.setTyping(to, signOf(content));
    } catch (error) {
      log.debug("message.typing_not_shown", { deviceId, error: messageOf(error) }); // it is sent all the same
    }
  }

  return async (deviceId, message, forMs, signal) => {
    for (let leftMs = forMs; leftMs > 0 && !signal.aborted; leftMs -= SHOW_AGAIN_MS) {
      background.run("typing", show(deviceId, message));
      await clock.wait(Math.min(leftMs, SHOW_AGAIN_MS), signal);
    }
  };
}
