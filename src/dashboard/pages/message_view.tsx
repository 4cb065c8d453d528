import type { EventOf } from "../../events/event.ts";
import { cutText } from "../../events/well_formed.ts";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import type { MessageTrace } from "../../insight/trace.ts";
import type { OutgoingMessage } from "../../store/messages.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { Cx } from "../cx.ts";
import { wordsIn, wordsOut } from "../parts/about.ts";
import { deliveryStanding } from "../parts/delivery_state.ts";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { Do } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Facts, Head, Notice, Panel } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { messageStanding } from "../parts/message_state.ts";
import { jidShown } from "../parts/phone.ts";
import { Route, type RoutePoint } from "../parts/route.tsx";
import { State, StatusCode } from "../parts/state.tsx";
import { Clock } from "../parts/time.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { saidIn } from "../words/gateway_sentences.ts";

/** The life of one, and what was told of it to whom. */
export function MessagePage({ cx, trace, answer, device, webhooks, probed }: {
  readonly cx: Cx;
  readonly trace: MessageTrace;
  /** What its recipient wrote next. */
  readonly answer: EventOf<"message.received"> | undefined;
  readonly device: string | undefined;
  readonly webhooks: ReadonlyMap<string, Webhook>;
  /** Webhooks whose failed deliveries are all tried again. */
  readonly probed: ReadonlySet<string>;
}) {
  const { t, f } = cx;
  const { message, members, events } = trace;
  const to = jidShown(message.to);
  const sentence = sentenceOf(cx, message);
  return (
    <>
      <Head
        cx={cx}
        title={<Foreign text={titleOf(message, cx)} max={80} />}
        beside={
          <Live id="state" class="row">
            <State standing={messageStanding(message, t)} pill />
          </Live>
        }
        sub={
          <>
            <Foreign text={to} max={60} />
            {message.deviceId === null ? "" : (
              <>
                , {t.events.through}{" "}
                <a href={`/ui/devices/${message.deviceId}`}>
                  <Foreign text={device ?? message.deviceId} max={60} />
                </a>
              </>
            )}
          </>
        }
        crumbs={[{ to: "/ui/messages", label: t.shell.messages }, { label: <code>{message.id}</code> }]}
        actions={<Actions cx={cx} message={message} />}
      />
      <Live id="life">
        <Route points={lifeOf(cx, message, answer)} />
        {message.error === null ? "" : (
          <Notice tone="bad">
            <Foreign text={saidIn(message.error.message, cx.lang)} max={400} />
          </Notice>
        )}
        {sentence === undefined ? "" : (
          <Notice
            tone="ok"
            action={
              <button class="button small" type="button" data-copy="#sentence" data-script hidden>
                <Icon name="copy" />
                {t.events.copySentence}
              </button>
            }
          >
            <span id="sentence">
              <Foreign text={sentence} max={800} />
            </span>
          </Notice>
        )}
      </Live>
      <div class="wide-narrow">
        <div class="stack">
          <Panel title={t.events.told} bare>
            <Live id="told">
              {events.length === 0
                ? <p class="pad hush">{t.events.toldNobody}</p>
                : <ToldTable cx={cx} events={events} webhooks={webhooks} probed={probed} />}
            </Live>
          </Panel>
          {members.length === 0 ? "" : (
            <Panel title={t.events.members} bare>
              <ul class="items">
                {members.map(({ participant, receipt, readAt, deliveredAt }) => (
                  <li>
                    <span class="grow">
                      <Foreign text={jidShown(participant)} max={40} />
                    </span>
                    <span>{receipt === "delivered" ? t.events.delivered : t.events[receipt]}</span>
                    <Clock cx={cx} at={readAt ?? deliveredAt} seconds />
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
        <div class="stack">
          <Panel title={t.events.asSent}>
            <div class="chat-ground">
              <div class="bubble mine">
                <Foreign text={wordsOut(message)} max={4_000} />
              </div>
            </div>
          </Panel>
          <Panel title={t.tracking.facts}>
            <Facts
              rows={[
                [t.events.id, <ForeignCode text={message.id} />],
                message.waMessageId === null
                  ? undefined
                  : [t.events.waId, <ForeignCode text={message.waMessageId} />],
                [t.events.to, <ForeignCode text={message.to} />],
                [t.events.attempts, f.number(message.attempts)],
                message.blastId === null ? undefined : [
                  t.events.blast,
                  <a href={`/ui/blasts/${message.blastId}`}>
                    <ForeignCode text={message.blastId} />
                  </a>,
                ],
              ]}
            />
          </Panel>
        </div>
      </div>
    </>
  );
}

/** What is sent to whom. */
export function titleOf(
  { content: { kind }, recipientName, to }: OutgoingMessage,
  { t }: Pick<Cx, "t">,
): string {
  const who = recipientName ?? jidShown(to);
  const kinds: Readonly<Partial<Record<string, string>>> = t.kinds;
  return kinds[kind] === undefined ? t.events.messageTo(who) : t.events.kindTo(kinds[kind], who);
}

function Actions({ cx, message }: { readonly cx: Cx; readonly message: OutgoingMessage }) {
  const { t } = cx;
  const { id, deviceId, to, status, content } = message;
  return (
    <>
      {status !== "scheduled" ? "" : (
        <Do
          cx={cx}
          action={`/ui/messages/${id}/cancel`}
          label={t.outgoing.cancel}
          icon="ban"
          look="danger"
        />
      )}
      {content.kind !== "text" || !["sent", "failed", "cancelled"].includes(status)
        ? ""
        : (
          <a class="button" href={`/ui/messages/new?again=${id}`}>
            <Icon name="rotate-cw" />
            {t.outgoing.again}
          </a>
        )}
      {deviceId === null || !to.includes("@")
        ? ""
        : (
          <a class="button main" href={`/ui/chats?${new URLSearchParams({ device: deviceId, chat: to })}`}>
            <Icon name="messages-square" />
            {t.events.openChat}
          </a>
        )}
    </>
  );
}

/** From the request to what its recipient did with it. */
function lifeOf(
  cx: Cx,
  message: OutgoingMessage,
  answer: EventOf<"message.received"> | undefined,
): readonly RoutePoint[] {
  const { t, f } = cx;
  const isOver = message.status === "failed" || message.status === "cancelled";
  const steps = [
    { icon: "check", title: t.events.sentStep, at: message.sentAt, from: message.createdAt },
    {
      icon: "check-check",
      title: t.events.delivered,
      at: message.deliveredAt,
      from: message.sentAt ?? message.createdAt,
    },
    {
      icon: message.receipt === "played" ? "mic" : "eye",
      title: message.receipt === "played" ? t.events.played : t.events.read,
      at: message.readAt,
      from: message.deliveredAt ?? message.createdAt,
    },
  ] as const;
  return [
    {
      icon: "key-round",
      tone: "ok",
      title: t.events.accepted,
      at: <Clock cx={cx} at={message.createdAt} seconds />,
    },
    ...steps.map(({ icon, title, at, from }, index): RoutePoint =>
      at !== null
        ? {
          icon,
          tone: "ok",
          title,
          at: <Clock cx={cx} at={at} seconds />,
          note: at - from < 1_000 ? undefined : t.events.after(f.span(at - from)),
        }
        : isOver && index === 0
        ? {
          icon: "octagon-x",
          tone: "bad",
          title: message.status === "failed" ? t.events.failed : t.events.cancelled,
          at: <Clock cx={cx} at={message.updatedAt} seconds />,
        }
        : { icon, tone: "idle", title, at: isOver ? "–" : t.events.notYet }
    ),
    ...(isOver || message.deviceId === null ? [] : [answeredIn(cx, answer)]),
  ];
}

function answeredIn(cx: Cx, answer: EventOf<"message.received"> | undefined): RoutePoint {
  const { t } = cx;
  const icon = "messages-square";
  const title = t.events.answered;
  if (answer === undefined) return { icon, tone: "idle", title, at: t.events.notYet };
  return {
    icon,
    tone: "ok",
    title,
    at: <Clock cx={cx} at={answer.data.sentAt} seconds />,
    note: <Foreign text={`“${cutText(wordsIn(answer, t), 60)}”`} max={64} />,
  };
}

/** What became of a message, in a sentence that can be passed on; undefined before it has left. */
function sentenceOf({ t, f }: Cx, message: OutgoingMessage): string | undefined {
  const { sentAt, deliveredAt, readAt } = message;
  if (sentAt === null || message.status !== "sent") return undefined;
  const text = wordsOut(message);
  const what = t.events.theMessage(
    text.length > 120 ? `${text.slice(0, 119).toWellFormed()}…` : text,
    jidShown(message.to),
  );
  if (deliveredAt === null && readAt === null) return t.events.wasSent(what, f.exact(sentAt));
  return readAt === null
    ? t.events.wasDelivered(what, f.exact(deliveredAt ?? sentAt))
    : t.events.wasRead(what, f.exact(deliveredAt ?? readAt), f.second(readAt));
}

function ToldTable({ cx, events, webhooks, probed }: {
  readonly cx: Cx;
  readonly events: MessageTrace["events"];
  readonly webhooks: ReadonlyMap<string, Webhook>;
  readonly probed: ReadonlySet<string>;
}) {
  const { t } = cx;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t.events.when}</th>
            <th scope="col">{t.tracking.event}</th>
            <th scope="col" class="unlisted">{t.tracking.webhook}</th>
            <th scope="col">{t.tracking.state}</th>
            <th scope="col" class="num unlisted">{t.tracking.response}</th>
          </tr>
        </thead>
        <tbody>
          {events.flatMap(({ event, deliveries }) => {
            const when = (
              <td class="nowrap">
                <Clock cx={cx} at={event.at} seconds />
              </td>
            );
            const status = event.type === "message.sent" ? "" : saidIn(wordsIn(event, t), cx.lang);
            const name = (to: string) => (
              <>
                <a class="goes-to mono" href={to}>{event.type}</a>
                {status === "" ? "" : (
                  <span class="sub">
                    <Foreign text={status} max={40} />
                  </span>
                )}
              </>
            );
            if (deliveries.length === 0) {
              return [
                <tr class="goes">
                  {when}
                  <td>{name(`/ui/events/${event.id}`)}</td>
                  <td class="unlisted faint">{t.events.nobody}</td>
                  <td class="faint">–</td>
                  <td class="num unlisted faint">–</td>
                </tr>,
              ];
            }
            return deliveries.map(({ delivery }) => {
              const host = hostOf(webhooks.get(delivery.webhookId)?.url) ?? t.tracking.removed;
              return (
                <tr class="goes">
                  {when}
                  <td>
                    {name(`/ui/deliveries/${deliveryIdOf(delivery.number)}`)}
                    <span class="sub listed">
                      <Foreign text={host} max={48} />
                    </span>
                  </td>
                  <td class="unlisted">
                    <Foreign text={host} max={48} />
                  </td>
                  <td>
                    <State standing={deliveryStanding(delivery, probed.has(delivery.webhookId), t)} />
                  </td>
                  <td class="num unlisted">
                    <StatusCode code={delivery.statusCode} />
                  </td>
                </tr>
              );
            });
          })}
        </tbody>
      </table>
    </div>
  );
}
