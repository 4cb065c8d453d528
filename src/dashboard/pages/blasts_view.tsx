import { isKnownUnsent } from "../../blasts/again.ts";
import type { BlastProgress } from "../../blasts/control.ts";
import {
  type Blast,
  type BlastActivity,
  type BlastCounts,
  type BlastReplies,
  SENDS_AGAIN,
} from "../../store/blasts.ts";
import type { Device } from "../../store/devices.ts";
import type { OutgoingMessage } from "../../store/messages.ts";
import type { Cx } from "../cx.ts";
import { Ask } from "../parts/ask.tsx";
import { Bars, Legend } from "../parts/chart.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Do } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Add, EmptyPage, Head, Notice, Panel, Segments } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { jidShown, phoneShown } from "../parts/phone.ts";
import { type Standing, State } from "../parts/state.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import { saidIn } from "../words/gateway_sentences.ts";
import { BlastDevices } from "./blast_devices.tsx";
import { Turns } from "./blast_turns.tsx";

/** People by how far their message came; each shows what the numbers above count. */
export const PEOPLE_CHOICES = ["sent", "delivered", "read", "failed", "queued"] as const;
export type PeopleChoice = (typeof PEOPLE_CHOICES)[number];

/** How a blast stands. */
export function blastStanding({ status }: Blast, { t }: Cx): Standing {
  switch (status) {
    case "accepting":
      return { word: t.blasts.accepting, icon: "loader", tone: "info" };
    case "scheduled":
      return { word: t.blasts.scheduled, icon: "calendar", tone: "info" };
    case "running":
      return { word: t.blasts.running, icon: "send", tone: "info" };
    case "paused":
      return { word: t.blasts.paused, icon: "pause", tone: "warn" };
    case "completed":
      return { word: t.blasts.completed, icon: "check-check", tone: "ok" };
    case "cancelled":
      return { word: t.blasts.cancelled, icon: "ban", tone: "idle" };
  }
}

/** A row each, newest first. */
export function BlastList({ cx, rows, next }: {
  readonly cx: Cx;
  readonly rows: readonly { readonly blast: Blast; readonly counts: BlastCounts }[];
  readonly next: number | undefined;
}) {
  const { t, f } = cx;
  const add = <Add to="/ui/blasts/new">{t.blasts.new}</Add>;
  if (rows.length === 0) {
    return (
      <EmptyPage cx={cx} page={t.shell.blasts} icon="megaphone" title={t.blasts.emptyTitle} action={add}>
        {t.blasts.empty}
      </EmptyPage>
    );
  }
  return (
    <>
      <Head cx={cx} title={t.shell.blasts} sub={t.blasts.sub} actions={add} />
      <Panel
        bare
        label={t.shell.blasts}
        foot={next === undefined
          ? undefined
          : <a class="button small" href={`/ui/blasts?from=${next}`}>{t.shell.older}</a>}
      >
        <Live id="rows" class="scroll">
          <table>
            <thead>
              <tr>
                <th>{t.blasts.one}</th>
                <th>{t.blasts.state}</th>
                <th class="num unlisted">{capital(t.blasts.failed)}</th>
                <th class="num">{t.blasts.count}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ blast, counts }) => (
                <tr class="goes">
                  <td>
                    <a class="goes-to" href={`/ui/blasts/${blast.id}`} data-id={blast.id}>
                      {t.blasts.title(f.when(blast.createdAt))}
                    </a>
                    {blast.templateName === null ? "" : (
                      <span class="sub">
                        <Foreign text={blast.templateName} max={60} />
                      </span>
                    )}
                  </td>
                  <td>
                    <State standing={blastStanding(blast, cx)} />
                  </td>
                  <td class={counts.failed > 0 ? "num bad unlisted" : "num unlisted"}>
                    {f.number(counts.failed)}
                  </td>
                  <td class="num">
                    {`${f.number(counts.sent + counts.failed)} / ${f.number(blast.total)}`}
                    <StackBar total={blast.total} counts={counts} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Live>
      </Panel>
    </>
  );
}

/** One blast: how far it is, through what, and what became of each person's message. */
export function OneBlast(
  { cx, progress, activity, replies, people, more, choice, devices, keyNames, asks, fault }: {
    readonly cx: Cx;
    readonly progress: BlastProgress;
    readonly activity: BlastActivity;
    /** Undefined: there are too many people to look at their conversations. */
    readonly replies: BlastReplies | undefined;
    readonly people: readonly OutgoingMessage[];
    readonly more: boolean;
    /** Which people are listed; undefined: all. */
    readonly choice: PeopleChoice | undefined;
    readonly devices: readonly Device[];
    /** The names of keys by their ids. */
    readonly keyNames: ReadonlyMap<string, string>;
    readonly asks: boolean;
    readonly fault: string | undefined;
  },
) {
  const { t, f } = cx;
  const { blast, counts } = progress;
  const to = `/ui/blasts/${blast.id}`;
  const left = counts.queued + counts.processing;
  const isOver = blast.status === "completed" || blast.status === "cancelled";
  const choiceWords: Readonly<Record<PeopleChoice, string>> = {
    sent: capital(t.blasts.sent),
    delivered: capital(t.blasts.delivered),
    read: capital(t.blasts.read),
    failed: capital(t.blasts.failed) + (counts.failed === 0 ? "" : ` ${f.number(counts.failed)}`),
    queued: capital(t.blasts.toGo),
  };
  const hasRows = people.some(({ listRow }) => listRow !== undefined);
  const hasAgain = SENDS_AGAIN.has(blast.status) && people.some(isKnownUnsent);
  const own = devices.filter(({ id }) => blast.deviceIds.includes(id));
  return (
    <>
      <Head
        cx={cx}
        title={t.blasts.title(f.when(blast.createdAt))}
        beside={
          <Live id="standing" class="">
            <State standing={blastStanding(blast, cx)} pill />
          </Live>
        }
        sub={
          <>
            {blast.startedAt === null ? "" : t.blasts.begun(f.when(blast.startedAt))}
            {blast.startedAt === null || blast.templateId === null ? "" : ", "}
            {blast.templateId === null ? "" : (
              <>
                {t.blasts.withTemplate}{" "}
                <a href={`/ui/templates/${encodeURIComponent(blast.templateId)}`}>
                  <Foreign text={blast.templateName ?? blast.templateId} max={60} />
                </a>
              </>
            )}
          </>
        }
        crumbs={[{ to: "/ui/blasts", label: t.shell.blasts }, { label: <code>{blast.id}</code> }]}
        actions={
          <>
            <a class="button" href={`${to}/results.csv`}>
              <Icon name="download" />
              {t.blasts.results}
            </a>
            {counts.failed > 0 && blast.status !== "running" && blast.via === "devices"
              ? <Do cx={cx} action={`${to}/anew`} label={t.blasts.anew} icon="rotate-cw" />
              : ""}
            {blast.status === "running"
              ? <Do cx={cx} action={`${to}/pause`} label={t.blasts.pause} icon="pause" />
              : ""}
            {blast.status === "paused"
              ? <Do cx={cx} action={`${to}/resume`} label={t.blasts.resume} icon="play" look="main" />
              : ""}
            {isOver ? "" : <a class="button danger" href={`${to}?ask=cancel`}>{t.blasts.cancel}</a>}
          </>
        }
      />
      {asks && !isOver
        ? (
          <Ask
            cx={cx}
            title={t.blasts.askCancel(f.number(left))}
            action={`${to}/cancel`}
            label={t.blasts.doCancel(f.number(left))}
            back={to}
            must={t.blasts.cancelWord}
            mustLabel={t.blasts.typeWord(t.blasts.cancelWord)}
            fault={fault}
          >
            {t.blasts.askCancelWhy}
          </Ask>
        )
        : ""}
      <Live id="progress">
        {blast.reason === null ? "" : (
          <Notice tone="warn">
            <Foreign text={saidIn(blast.reason, cx.lang)} max={300} />
          </Notice>
        )}
        <Progress cx={cx} progress={progress} replies={replies} />
        <div class={activity.minutes.length === 0 ? "two" : "wide-narrow"}>
          {activity.minutes.length === 0 ? "" : (
            <Panel
              title={t.blasts.eachMinute}
              actions={<Legend cx={cx} names={{ first: t.blasts.sent, failed: t.blasts.failed }} />}
              bare
            >
              <Bars
                cx={cx}
                label={t.blasts.eachMinute}
                width={680}
                bars={activity.minutes.map(({ at, sent, failed }) => ({
                  at,
                  first: sent,
                  retried: 0,
                  failed,
                  says: t.blasts.minuteSays(f.clock(at), f.number(sent), f.number(failed)),
                  to: failed > 0 ? `${to}?state=failed#people` : `${to}#people`,
                }))}
              />
            </Panel>
          )}
          <div class="stack">
            {blast.via === "qiscus" ? "" : (
              <BlastDevices
                cx={cx}
                blast={blast}
                devices={own}
                paces={progress.paces}
                activity={activity}
              />
            )}
            {progress.turns.length === 0
              ? ""
              : <Turns cx={cx} turns={progress.turns} devices={devices} keyNames={keyNames} />}
            {counts.failures.length === 0 ? "" : (
              <Panel title={t.blasts.reasons}>
                {counts.failures.map(({ reason, count }) => (
                  <div class="row apart">
                    <span class="grow">
                      <Foreign text={saidIn(reason, cx.lang)} max={200} />
                    </span>
                    <b>{f.number(count)}</b>
                  </div>
                ))}
              </Panel>
            )}
          </div>
        </div>
      </Live>
      <Panel
        id="people"
        title={t.blasts.people}
        actions={
          <Segments
            label={t.blasts.state}
            options={[
              { to, label: t.blasts.all, on: choice === undefined },
              ...PEOPLE_CHOICES.map((each) => ({
                to: `${to}?state=${each}`,
                label: choiceWords[each],
                on: choice === each,
              })),
            ]}
          />
        }
        bare
        foot={more
          ? (
            <a
              class="button small"
              href={`${to}?${choice === undefined ? "" : `state=${choice}&`}before=${people.at(-1)?.id}`}
            >
              {t.shell.older}
            </a>
          )
          : undefined}
      >
        <Live id="people" class="scroll">
          {people.length === 0 ? <p class="pad hush">{t.shell.nothingMatches}</p> : (
            <table>
              <thead>
                <tr>
                  {hasRows ? <th class="num unlisted">{t.blasts.row}</th> : ""}
                  <th>{t.blasts.who}</th>
                  <th>{t.blasts.state}</th>
                  <th class="unlisted">{t.blasts.why}</th>
                  <th class="unlisted">{t.blasts.through}</th>
                  <th class={hasAgain ? "num unlisted" : "num"}>{t.blasts.when}</th>
                  {hasAgain ? <th class="num">{t.blasts.againHead}</th> : ""}
                </tr>
              </thead>
              <tbody>
                {people.map((message) => (
                  <tr class="goes" id={message.listRow === undefined ? undefined : `row-${message.listRow}`}>
                    {hasRows
                      ? (
                        <td class="num faint unlisted">
                          {message.listRow === undefined ? "" : f.number(message.listRow)}
                        </td>
                      )
                      : ""}
                    <td class="wraps">
                      <a class="goes-to" href={`/ui/messages/${message.id}`} data-id={message.id}>
                        <Foreign text={message.recipientName ?? numberOf(message)} max={80} />
                      </a>
                      {message.recipientName === null ? "" : <span class="sub">{numberOf(message)}</span>}
                    </td>
                    <td>
                      <State standing={messageStanding(message, cx)} />
                    </td>
                    <td class="unlisted small">
                      {message.error === null
                        ? ""
                        : <Foreign text={saidIn(message.error.message, cx.lang)} max={200} />}
                    </td>
                    <td class="unlisted small">
                      <Through message={message} devices={devices} />
                    </td>
                    <td class={hasAgain ? "num small unlisted" : "num small"}>
                      {message.sentAt === null
                        ? <Ago cx={cx} at={message.updatedAt} />
                        : <Clock cx={cx} at={message.sentAt} seconds />}
                    </td>
                    {hasAgain
                      ? (
                        <td class="num">
                          {isKnownUnsent(message)
                            ? (
                              <Do
                                cx={cx}
                                action={`${to}/again`}
                                label={t.blasts.againOne}
                                icon="rotate-cw"
                                look="small"
                                hidden={{
                                  message: message.id,
                                  ...(choice !== undefined && { state: choice }),
                                }}
                              />
                            )
                            : ""}
                        </td>
                      )
                      : ""}
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Live>
      </Panel>
    </>
  );
}

/** The device that a message went through, or was to go through when it failed. */
function Through({ message: { deviceId, channel }, devices }: {
  readonly message: OutgoingMessage;
  readonly devices: readonly Device[];
}) {
  if (deviceId === null) return channel === "qiscus" ? "Qiscus" : "";
  const device = devices.find(({ id }) => id === deviceId);
  return device === undefined
    ? <code>{`${deviceId.slice(0, 12)}…`}</code>
    : <Foreign text={device.label} max={60} />;
}

/** A word at the beginning of a cell or a choice. */
function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function numberOf({ recipientPhone, to }: OutgoingMessage): string {
  return recipientPhone === null ? jidShown(to) : phoneShown(recipientPhone);
}

function messageStanding({ status, receipt }: OutgoingMessage, { t }: Cx): Standing {
  if (status === "failed") return { word: capital(t.blasts.failed), icon: "triangle-alert", tone: "bad" };
  if (status !== "sent") return { word: capital(t.blasts.toGo), icon: "clock", tone: "idle" };
  if (receipt === "read" || receipt === "played") {
    return { word: capital(t.blasts.read), icon: "eye", tone: "ok" };
  }
  if (receipt === "delivered") return { word: capital(t.blasts.delivered), icon: "check-check", tone: "ok" };
  return { word: capital(t.blasts.sent), icon: "check", tone: "ok" };
}

/** The messages of a blast that left, each by how far it is known to have come. */
function reachedBy({ sent, receipts }: BlastCounts) {
  const read = receipts.read + receipts.played;
  const { delivered } = receipts;
  return { read, delivered, onlySent: Math.max(0, sent - read - delivered) };
}

/** How far a blast is, as one bar; the numbers stand beside it. */
function StackBar({ total, counts }: { readonly total: number; readonly counts: BlastCounts }) {
  const { read, delivered, onlySent } = reachedBy(counts);
  const parts = [
    ["b-read", read],
    ["b-delivered", delivered],
    ["b-sent", onlySent],
    ["b-failed", counts.failed],
  ] as const;
  let at = 0;
  return (
    <svg class="stackbar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">
      <rect class="b-rest" width="1000" height="12" />
      {parts.map(([name, count]) => {
        const x = at;
        const width = 1_000 * count / Math.max(1, total);
        at += width;
        return count === 0
          ? ""
          : <rect class={name} x={x.toFixed(1)} width={Math.max(2, width).toFixed(1)} height="12" />;
      })}
    </svg>
  );
}

function Progress({ cx, progress, replies }: {
  readonly cx: Cx;
  readonly progress: BlastProgress;
  readonly replies: BlastReplies | undefined;
}) {
  const { t, f } = cx;
  const { blast, counts, perSecond, estimatedEndAt } = progress;
  const total = Math.max(1, blast.total);
  const done = counts.sent + counts.failed;
  const { read, delivered, onlySent } = reachedBy(counts);
  return (
    <section class="panel blast-progress">
      <div class="row apart">
        <p class="row">
          <b class="share">{f.percent(Math.floor(100 * done / total) / 100)}</b>
          <span class="hush">{t.blasts.doneOf(f.number(done), f.number(blast.total))}</span>
        </p>
        <dl class="beside">
          {perSecond === null ? "" : (
            <div>
              <dt>{t.blasts.paceNow}</dt>
              <dd>{t.blasts.aMinute(f.number(Math.round(perSecond * 600) / 10))}</dd>
            </div>
          )}
          {estimatedEndAt === null ? "" : (
            <div>
              <dt>{t.blasts.endsAbout}</dt>
              <dd>{f.when(estimatedEndAt)}</dd>
            </div>
          )}
          {blast.status !== "scheduled" || blast.scheduledAt === null ? "" : (
            <div>
              <dt>{t.blasts.begins}</dt>
              <dd>{f.when(blast.scheduledAt)}</dd>
            </div>
          )}
          {blast.pace.window === null ? "" : (
            <div>
              <dt>{t.blasts.hours}</dt>
              <dd title={blast.pace.window.timeZone}>
                {`${blast.pace.window.from}–${blast.pace.window.to}`}
              </dd>
            </div>
          )}
          {counts.sent === 0 ? "" : (
            <div>
              <dt>{capital(t.blasts.read)}</dt>
              <dd>{f.percent(Math.round(100 * read / counts.sent) / 100)}</dd>
            </div>
          )}
          {replies === undefined || counts.sent === 0 ? "" : (
            <>
              <div>
                <dt>{t.blasts.replied}</dt>
                <dd>{f.number(replies.replied)}</dd>
              </div>
              <div>
                <dt>{t.blasts.saidStop}</dt>
                <dd>{f.number(replies.optedOut)}</dd>
              </div>
            </>
          )}
          {blast.duplicates === 0 ? "" : (
            <div>
              <dt>{t.blasts.duplicates}</dt>
              <dd>{f.number(blast.duplicates)}</dd>
            </div>
          )}
        </dl>
      </div>
      <StackBar total={blast.total} counts={counts} />
      <p class="row wide-gap small">
        <span class="row">
          <Icon name="eye" /> <b>{f.number(read)}</b> {t.blasts.read}
        </span>
        <span class="row">
          <Icon name="check-check" /> <b>{f.number(delivered)}</b> {t.blasts.delivered}
        </span>
        <span class="row">
          <Icon name="check" /> <b>{f.number(onlySent)}</b> {t.blasts.sent}
        </span>
        <span class={counts.failed > 0 ? "row bad" : "row"}>
          <Icon name="triangle-alert" /> <b>{f.number(counts.failed)}</b> {t.blasts.failed}
        </span>
        <span class="row faint">
          <Icon name="clock" /> <b>{f.number(counts.queued + counts.processing)}</b> {t.blasts.toGo}
        </span>
      </p>
    </section>
  );
}
