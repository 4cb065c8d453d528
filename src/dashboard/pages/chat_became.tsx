import type { Delivery } from "../../store/deliveries.ts";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { deliveryStanding } from "../parts/delivery_state.ts";
import { cleaned, Foreign } from "../parts/foreign.tsx";
import { type Standing, State } from "../parts/state.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import type { ChatsFacts } from "./chat_facts.ts";

/** Webhooks that are named one by one; more are counted by how they stand. */
const MOST_NAMED = 3;

/** What became of a message's event at the webhooks, in a line under its bubble. */
export function Became(
  { cx, deliveries, webhooks, probed }: Pick<ChatsFacts, "cx" | "webhooks" | "probed"> & {
    readonly deliveries: readonly Delivery[];
  },
) {
  const { t, f } = cx;
  const standings = deliveries.map((delivery) => ({
    delivery,
    standing: deliveryStanding(delivery, probed.has(delivery.webhookId), t),
  }));
  if (standings.length > MOST_NAMED) {
    const byWord = Map.groupBy(standings, ({ standing }) => standing.word);
    return (
      <p class="became small">
        {[...byWord.values()].map((alike) => {
          const [{ delivery, standing }] = alike;
          const to = alike.length === 1
            ? `/ui/deliveries/${deliveryIdOf(delivery.number)}`
            : `/ui/events/${delivery.eventId}`;
          return (
            <a href={to}>
              {f.number(alike.length)} <State standing={plain(standing)} />
            </a>
          );
        })}
      </p>
    );
  }
  return (
    <p class="became small">
      {standings.map(({ delivery, standing }) => {
        const host = hostOf(webhooks.get(delivery.webhookId)?.url) ?? t.tracking.removed;
        return (
          <a href={`/ui/deliveries/${deliveryIdOf(delivery.number)}`} title={cleaned(host, 100)}>
            <span class="cut">
              <Foreign text={host} max={28} />
            </span>
            <State standing={plain(standing)} />
          </a>
        );
      })}
    </p>
  );
}

/** One sign for all that arrived: how often it was tried stands on the delivery's page. */
function plain(standing: Standing): Standing {
  return standing.tone === "ok" ? { ...standing, icon: "check-check" } : standing;
}
