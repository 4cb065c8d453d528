import { createInTurn } from "../async/keyed_lock.ts";
import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { EventDraft } from "../events/event.ts";
import type { Person } from "../events/person.ts";
import { logOf } from "../log.ts";
import { secondsOf } from "../spans.ts";
import type { Publish } from "../publish.ts";
import type { OptOuts } from "../store/opt_outs.ts";
import type { OptOutWords } from "./settings.ts";
import { LONGEST_WORD } from "./words.ts";

const log = logOf("opt_outs");

export interface OptOutListenerDeps {
  readonly publish: Publish;
  readonly optOuts: Pick<OptOuts, "add" | "find" | "remove">;
  readonly words: Pick<OptOutWords, "of">;
  /** Answers a message, once for each key; resolves when the answer is stored. */
  readonly answer: (heard: Heard, text: string, idempotencyKey: string) => Promise<unknown>;
  readonly now: () => number;
}

/** A text that somebody wrote to one of our numbers. */
export interface Heard {
  readonly draft: Extract<EventDraft, { type: "message.received" }>;
  readonly person: Person;
  readonly text: string;
}

type IdentityDraft = Extract<EventDraft, { type: "identity.resolved" | "identity.changed" }>;

/**
 * Publishes, and hears those who opt out or in. The source of a message has done its duty only when the list says so:
 * after a crash in between it is handed over again, and everything here may be done twice.
 */
export function createOptOutListener(deps: OptOutListenerDeps): Publish {
  const { publish, words } = deps;
  /** With each person, one wish at a time. */
  const inTurn = createInTurn();

  async function listen(heard: Heard, known: ReturnType<OptOutWords["of"]>): ReturnType<Publish> {
    const { settings, reading } = await known;
    const wish = reading(heard.text);
    const published = await publish(heard.draft);
    if (wish === undefined) return published;
    const { draft: { tenantId }, person: { pn, lid } } = heard;
    await inTurn(
      `${tenantId} ${lid ?? pn}`,
      () => wish === "out" ? optOut(heard, settings.stopAnswer) : optIn(heard, settings.startAnswer),
    );
    return published;
  }

  async function optOut(heard: Heard, answer: string | null): Promise<void> {
    const { optOuts, now } = deps;
    const { draft: { tenantId, data: { sentAt } }, person, text } = heard;
    const addresses = { pn: person.pn, lid: person.lid };
    const at = Math.min(sentAt, now());
    const isNew = await optOuts.find(tenantId, addresses) === undefined;
    if (isNew) await tell(heard, "contact.opted_out", answer);
    await optOuts.add(tenantId, { ...addresses, reason: text.trim(), source: "message", at });
    if (isNew) log.info("contact.opted_out", { tenantId });
  }

  async function optIn(heard: Heard, answer: string | null): Promise<void> {
    const { draft: { tenantId, data: { sentAt } }, person: { pn, lid } } = heard;
    const known = await deps.optOuts.find(tenantId, { pn, lid });
    // one from before that comes late, or once more: they have asked for no more since
    if (known === undefined || secondsOf(sentAt) < secondsOf(known.at)) return;
    await tell(heard, "contact.opted_in", answer);
    await deps.optOuts.remove(tenantId, { pn, lid });
    log.info("contact.opted_in", { tenantId });
  }

  async function tell(
    heard: Heard,
    type: "contact.opted_out" | "contact.opted_in",
    answer: string | null,
  ): Promise<void> {
    const { draft: { tenantId, device, data: { messageId, sentAt } }, person, text } = heard;
    const key = `${messageId}/${type}`;
    const data = { contact: person, word: text.trim(), messageId, at: sentAt };
    await publish({ type, tenantId, device, dedupeKey: `${device?.id ?? ""}/${key}`, data });
    if (answer === null) return;
    try {
      await deps.answer(heard, answer, key);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      log.warn("opt_out.not_answered", { tenantId, error: messageOf(error) }); // it counts all the same
    }
  }

  /** Somebody who wants no more goes by another address from now on: the list knows them by it, too. */
  async function follow(draft: IdentityDraft): ReturnType<Publish> {
    const published = await publish(draft);
    const { tenantId } = draft;
    const { previous, now: present } = draft.type === "identity.resolved"
      ? { previous: { pn: null, lid: draft.data.lid }, now: draft.data }
      : { previous: draft.data.previous, now: draft.data.person };
    const known = await deps.optOuts.find(tenantId, previous);
    if (known !== undefined) {
      const { reason, source, at } = known;
      await deps.optOuts.add(tenantId, { pn: present.pn, lid: present.lid, reason, source, at });
    }
    return published;
  }

  return (draft) => {
    if (draft.type === "identity.resolved" || draft.type === "identity.changed") return follow(draft);
    const heard = heardIn(draft);
    if (heard === undefined) return publish(draft);
    const known = words.of(draft.tenantId);
    if (!(known instanceof Promise) && known.reading(heard.text) === undefined) return publish(draft);
    return listen(heard, known);
  };
}

function heardIn(draft: EventDraft): Heard | undefined {
  if (draft.type !== "message.received") return undefined;
  const { fromMe, chat, from, content, backfilled } = draft.data;
  if (fromMe || backfilled || chat.kind !== "person" || (from.pn === null && from.lid === null)) {
    return undefined;
  }
  if (content.kind !== "text" && content.kind !== "reply") return undefined;
  const { text } = content;
  return text === undefined || text.length > 2 * LONGEST_WORD ? undefined : { draft, person: from, text };
}
