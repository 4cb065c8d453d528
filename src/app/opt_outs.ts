import type { Clock } from "../async/clock.ts";
import { createOptOutListener, type Heard } from "../opt_outs/listen.ts";
import { createOptOutWords, type OptOutWords } from "../opt_outs/settings.ts";
import type { SendMessage } from "../messages/request.ts";
import type { Publish } from "../publish.ts";
import type { Store } from "../store/store.ts";

/** Those who want no more blasts: what they write is heard on its way to the subscribers. */
export interface OptingOut {
  readonly words: OptOutWords;
  /** For whatever takes messages of people in: publishes by this way, and hears. */
  heard(publish: Publish): Publish;
}

export function createOptingOut({ store, sendMessage, clock }: {
  readonly store: Pick<Store, "optOuts" | "devices" | "news">;
  /** For the answers. */
  readonly sendMessage: SendMessage;
  readonly clock: Pick<Clock, "now" | "every">;
}): OptingOut {
  const { optOuts, devices, news } = store;
  const words = createOptOutWords({ optOuts, news, clock });

  async function answer({ draft }: Heard, text: string, idempotencyKey: string): Promise<void> {
    const { tenantId, data: { chat } } = draft;
    const device = draft.device === null ? undefined : await devices.get(draft.device.id);
    if (device === undefined) throw new Error("Cannot answer: the device is gone");
    const content = { kind: "text", text } as const;
    await sendMessage({ tenantId, device, to: chat.jid, content, idempotencyKey, wait: false });
  }

  return {
    words,
    heard: (publish) => createOptOutListener({ publish, optOuts, words, answer, now: clock.now }),
  };
}
