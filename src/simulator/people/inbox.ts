// What a contact got, and after how long messages of its chats disappear.
import { remember } from "../wire/recent.ts";
import type { PhoneParty, Received } from "./chat.ts";
import { statedTimer, timerSetBy } from "./disappearing.ts";
import type { World } from "./world.ts";

export class Inbox {
  readonly received: Received[] = [];
  readonly #timers = new Map<PhoneParty, number>();
  readonly #world: Pick<World, "groups">;

  constructor(world: Pick<World, "groups">) {
    this.#world = world;
  }

  /** After how many seconds the messages of the chat with this phone disappear; 0 is never. */
  timerOf(phone: PhoneParty): number {
    return this.#timers.get(phone) ?? 0;
  }

  setTimer(phone: PhoneParty, seconds: number): void {
    this.#timers.set(phone, seconds);
  }

  /** Keeps a message; one that sets the timer of its chat does so. */
  take(received: Received): void {
    const { from, to, message } = received;
    const group = this.#world.groups.get(to);
    const phone = group === undefined && from.kind === "phone" ? from : undefined;
    const timer = phone && timerSetBy(message);
    if (phone && timer !== undefined) this.setTimer(phone, timer);
    const disappearsAfterS = group?.disappearAfterS ?? (phone ? this.timerOf(phone) : 0);
    const willNotDisappear = disappearsAfterS > 0 && statedTimer(message) === 0;
    remember(this.received, willNotDisappear ? { ...received, willNotDisappear } : received);
  }
}
