import type { Attempt } from "../../store/deliveries.ts";
import type { Cx } from "../cx.ts";
import { aboutOf } from "../parts/about.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Route, type RoutePoint } from "../parts/route.tsx";
import { type Tone } from "../parts/state.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import type { DeliveryFacts } from "./delivery_facts.ts";
import { saidIn } from "../words/gateway_sentences.ts";

/** From what happened to what comes next. */
export function DeliveryRoute({ cx, facts: { delivery, event, attempts, endpoint } }: {
  readonly cx: Cx;
  readonly facts: DeliveryFacts;
}) {
  const { t, f } = cx;
  const [first] = attempts;
  const last = attempts.length < 2 ? undefined : attempts.at(-1);
  const probeAt = endpoint?.nextProbeAt ?? null;
  const nextAt = delivery.status === "pending"
    ? delivery.dueAt
    : delivery.status === "failed"
    ? probeAt ?? (delivery.dueAt > 0 ? delivery.dueAt : null)
    : null;
  const wroteAt = event?.type === "message.received" && !event.data.fromMe ? event.data.sentAt : undefined;
  const points: (RoutePoint | undefined)[] = [
    wroteAt === undefined ? undefined : {
      icon: "phone",
      tone: "ok",
      title: <Foreign text={t.tracking.wrote(aboutOf(event) || t.tracking.somebody)} max={60} />,
      at: <Clock cx={cx} at={wroteAt} seconds />,
      note: event?.type === "message.received" ? event.data.content.kind : undefined,
    },
    {
      icon: "activity",
      tone: "ok",
      title: t.tracking.stored,
      at: <Clock cx={cx} at={event?.at ?? delivery.createdAt} seconds />,
      note: event === undefined ? undefined : t.tracking.seq(f.number(event.tenantSeq)),
    },
    first === undefined
      ? { icon: "route", tone: "idle", title: t.tracking.firstAttempt, at: t.tracking.notYet }
      : {
        icon: "route",
        tone: toneOf(first),
        title: t.tracking.firstAttempt,
        at: `+${f.span(Math.max(0, first.startedAt - delivery.createdAt))}`,
        note: outcomeOf(first, cx),
      },
    last === undefined ? undefined : {
      icon: "rotate-cw",
      tone: toneOf(last),
      title: t.tracking.lastAttempt,
      at: <Clock cx={cx} at={last.startedAt} seconds />,
      note: outcomeOf(last, cx),
    },
    nextAt !== null
      ? {
        icon: "radar",
        tone: "info",
        title: delivery.status === "failed" && probeAt !== null ? t.tracking.nextIsProbe : t.tracking.next,
        at: f.relative(Math.max(nextAt, cx.now), cx.now),
        note: delivery.status === "failed" && endpoint !== undefined && endpoint.probesLeft > 0
          ? t.tracking.probesLeft(f.number(endpoint.probesLeft))
          : undefined,
      }
      : delivery.status === "success"
      ? {
        icon: "check-check",
        tone: "ok",
        title: t.tracking.delivered,
        at: <Ago cx={cx} at={delivery.updatedAt} />,
      }
      : {
        icon: "octagon-x",
        tone: "idle",
        title: t.tracking.done,
        at: <Ago cx={cx} at={delivery.updatedAt} />,
      },
  ];
  return <Route points={points.filter((point) => point !== undefined)} />;
}

function toneOf({ error }: Attempt): Tone {
  return error === null ? "ok" : "bad";
}

function outcomeOf({ error, statusCode }: Attempt, { lang }: Cx) {
  return error === null ? `HTTP ${statusCode}` : <Foreign text={saidIn(error, lang)} max={60} />;
}
