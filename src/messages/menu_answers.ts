import type { EventDraft } from "../events/event.ts";
import type { Publish } from "../publish.ts";
import type { Messages } from "../store/messages.ts";

/**
 * Publishes; a vote in a menu of ours also says by which ids its sender knows the options. A vote does not carry them,
 * the message that was sent does. Nothing is looked up for anything else.
 */
export function nameChoices(
  { publish, messages }: { readonly publish: Publish; readonly messages: Pick<Messages, "byWaMessageId"> },
): Publish {
  async function named(draft: EventDraft): Promise<EventDraft> {
    if (draft.type !== "message.received" || draft.device === null || draft.data.backfilled) return draft;
    const { content } = draft.data;
    if (content.kind !== "poll_vote" || content.targetFromMe !== true) return draft;
    const sent = await messages.byWaMessageId(content.pollMessageId, draft.device.id);
    if (sent?.content.kind !== "poll" || sent.content.menu === undefined) return draft;
    const { kind, ids } = sent.content.menu;
    const chosen = { kind, ids: (content.optionIndexes ?? []).map((place) => ids[place]) };
    return { ...draft, data: { ...draft.data, content: { ...content, chosen } } };
  }

  return async (draft) => await publish(await named(draft));
}
