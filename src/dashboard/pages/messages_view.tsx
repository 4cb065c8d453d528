import type { MessageStatus, OutgoingMessage } from "../../store/messages.ts";
import type { Cx } from "../cx.ts";
import { wordsOut } from "../parts/about.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Icon } from "../parts/icon.tsx";
import { Add, Empty, Head, Notice, Older, Panel, Segments } from "../parts/layout.tsx";
import { Newer } from "../parts/list.tsx";
import { Live } from "../parts/live.tsx";
import { messageStanding } from "../parts/message_state.ts";
import { jidShown } from "../parts/phone.ts";
import { State } from "../parts/state.tsx";
import { Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";

/** Rows of a page. */
export const PAGE = 50;
/** New rows that wait are counted so far. */
export const MOST_NEW = 100;

export const STATUSES = [
  "scheduled",
  "queued",
  "processing",
  "sent",
  "failed",
  "cancelled",
] as const satisfies readonly MessageStatus[];

/** The list with its states and the number that is looked for. */
export function MessagesPage({ cx, rows, newer, state, to, fault }: {
  readonly cx: Cx;
  readonly rows: readonly OutgoingMessage[];
  readonly newer: number;
  readonly state: MessageStatus | undefined;
  readonly to: string;
  readonly fault: string | undefined;
}) {
  const { t } = cx;
  const url = (change: { readonly state?: string; readonly before?: string }) => {
    const query = new URLSearchParams({
      ...(to !== "" && { to }),
      ...(state !== undefined && { state }),
      ...change,
    });
    for (const [name, value] of [...query]) if (value === "") query.delete(name);
    return query.size === 0 ? "/ui/messages" : `/ui/messages?${query}`;
  };
  const last = rows.length === PAGE ? rows.at(-1) : undefined;
  const words = {
    scheduled: t.events.scheduled,
    queued: t.events.queued,
    processing: t.events.processing,
    sent: t.events.sent,
    failed: t.events.failed,
    cancelled: t.events.cancelled,
  };
  const isFiltered = state !== undefined || to !== "";
  return (
    <>
      <Head
        cx={cx}
        title={t.shell.messages}
        sub={t.events.messagesSub}
        actions={
          <>
            <a class="button" href="/ui/messages/scheduled">
              <Icon name="calendar" />
              {t.outgoing.scheduled}
            </a>
            <Add to="/ui/messages/new">{t.outgoing.new}</Add>
          </>
        }
      />
      <div class="row">
        <Segments
          label={t.events.state}
          options={[
            { to: url({ state: "" }), label: t.shell.all, on: state === undefined },
            ...STATUSES.map((one) => ({ to: url({ state: one }), label: words[one], on: one === state })),
          ]}
        />
        <form class="row" action="/ui/messages">
          {state === undefined ? "" : <input type="hidden" name="state" value={state} />}
          <input
            name="to"
            type="search"
            inputmode="tel"
            value={to}
            placeholder={t.events.find}
            aria-label={t.events.find}
            aria-invalid={fault === undefined ? undefined : "true"}
          />
          <button class="button" type="submit">{t.shell.find}</button>
        </form>
      </div>
      {fault === undefined ? "" : <Notice tone="warn">{fault}</Notice>}
      <Panel bare>
        <Live id="rows">
          <Newer cx={cx} count={newer} most={MOST_NEW} to={url({})} />
          {rows.length === 0 && !isFiltered
            ? <Empty icon="send" title={t.events.noMessagesTitle}>{t.events.noMessages}</Empty>
            : rows.length === 0
            ? (
              <p class="pad hush">
                {t.shell.nothingMatches} <a href="/ui/messages">{t.shell.clearAll}</a>
              </p>
            )
            : (
              <Table
                columns={[
                  t.events.when,
                  t.events.to,
                  { name: t.events.text, look: "unlisted" },
                  t.events.state,
                ]}
              >
                {rows.map((message) => (
                  <tr class="goes">
                    <td class="nowrap">
                      <Ago cx={cx} at={message.createdAt} />
                    </td>
                    <td>
                      <a class="goes-to" href={`/ui/messages/${message.id}`} data-id={message.id}>
                        <Foreign text={message.recipientName ?? jidShown(message.to)} max={40} />
                      </a>
                      {message.recipientName === null ? "" : <span class="sub">{jidShown(message.to)}</span>}
                    </td>
                    <td class="unlisted">
                      <Foreign text={wordsOut(message)} max={60} />
                    </td>
                    <td>
                      <State standing={messageStanding(message, t)} />
                    </td>
                  </tr>
                ))}
              </Table>
            )}
          <Older cx={cx} to={last === undefined ? undefined : url({ before: last.id })} />
        </Live>
      </Panel>
    </>
  );
}
