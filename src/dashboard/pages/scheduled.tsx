import { Hono } from "@hono/hono";
import { PAUSED_AT, type PausedMessages } from "../../messages/paused.ts";
import type { MessageSchedule } from "../../messages/schedule.ts";
import type { Devices } from "../../store/devices.ts";
import type { Messages, OutgoingMessage } from "../../store/messages.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiEnv } from "../http/env.ts";
import { wordsOut } from "../parts/about.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Do } from "../parts/form.tsx";
import { Add, Empty, Head, Notice, Older, Panel } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { jidShown } from "../parts/phone.ts";
import { Table } from "../parts/table.tsx";

const PAGE = 50;
const MOST_DEVICES = 1_000;

export interface ScheduledPageDeps {
  readonly scheduledMessages: Pick<Messages, "get" | "scheduled">;
  readonly deviceRows: Pick<Devices, "list">;
  readonly schedule: Pick<MessageSchedule, "cancel">;
  readonly paused: Pick<PausedMessages, "resume">;
}

/** Single messages that leave later: the list, and taking one back. */
export function createScheduledPages(deps: ScheduledPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  routes.get("/messages/scheduled", async (c) => {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const asked = c.req.query("after");
    const after = asked === undefined ? undefined : await deps.scheduledMessages.get(asked);
    const isMine = after?.tenantId === tenantId && after.sendAt !== null;
    const [rows, devices] = await Promise.all([
      deps.scheduledMessages.scheduled({ tenantId }, {
        limit: PAGE + 1,
        after: isMine ? { id: after.id, sendAt: after.sendAt ?? 0 } : undefined,
      }),
      deps.deviceRows.list({ tenantId, limit: MOST_DEVICES }),
    ]);
    return await draw(c, {
      title: cx.t.outgoing.scheduled,
      at: "messages",
      live: asked === undefined ? true : undefined,
      main: (
        <ScheduledPage
          cx={cx}
          rows={rows.slice(0, PAGE)}
          next={rows.length > PAGE ? rows[PAGE - 1].id : undefined}
          names={new Map(devices.map(({ id, label }) => [id, label]))}
        />
      ),
    });
  });

  routes.post("/messages/scheduled/resume", async (c) => {
    const { t, f, visit } = c.get("cx");
    const resumed = await deps.paused.resume(visit.tenant.id);
    return goTo(c, "/ui/messages/scheduled", t.outgoing.didResume(f.number(resumed)));
  });

  routes.post("/messages/:id/cancel", async (c) => {
    const { t, visit } = c.get("cx");
    const message = await deps.schedule.cancel(
      c.req.param("id"),
      ({ tenantId }) => tenantId === visit.tenant.id,
    );
    return goTo(c, `/ui/messages/${message.id}`, t.outgoing.didCancel);
  });

  return routes;
}

function ScheduledPage({ cx, rows, next, names }: {
  readonly cx: Cx;
  readonly rows: readonly OutgoingMessage[];
  readonly next: string | undefined;
  readonly names: ReadonlyMap<string, string>;
}) {
  const { t, f } = cx;
  const paused = rows.filter(({ sendAt }) => sendAt === PAUSED_AT).length;
  return (
    <>
      <Head
        cx={cx}
        title={t.outgoing.scheduled}
        sub={t.outgoing.scheduledSub}
        crumbs={[{ to: "/ui/messages", label: t.shell.messages }, { label: t.outgoing.scheduled }]}
        actions={<Add to="/ui/messages/new">{t.outgoing.new}</Add>}
      />
      {paused === 0 ? "" : (
        <Notice
          tone="warn"
          action={
            <Do cx={cx} action="/ui/messages/scheduled/resume" label={t.outgoing.resume} look="small" />
          }
        >
          {t.outgoing.pausedWhy(f.number(paused))}
        </Notice>
      )}
      <Panel bare>
        <Live id="rows">
          {rows.length === 0
            ? <Empty icon="calendar" title={t.outgoing.noneTitle}>{t.outgoing.none}</Empty>
            : (
              <Table
                columns={[
                  t.outgoing.leaves,
                  t.outgoing.to,
                  { name: t.outgoing.text, look: "unlisted" },
                  { name: t.outgoing.device, look: "unlisted" },
                  { name: t.shell.actions, hidden: true },
                ]}
              >
                {rows.map((message) => (
                  <Row
                    cx={cx}
                    message={message}
                    device={message.deviceId === null ? "" : names.get(message.deviceId) ?? message.deviceId}
                  />
                ))}
              </Table>
            )}
          <Older cx={cx} to={next === undefined ? undefined : `/ui/messages/scheduled?after=${next}`} />
        </Live>
      </Panel>
    </>
  );
}

function Row({ cx, message, device }: {
  readonly cx: Cx;
  readonly message: OutgoingMessage;
  readonly device: string;
}) {
  const { t, f } = cx;
  const { id, to, recipientName, sendAt } = message;
  return (
    <tr class="goes">
      <td class="nowrap">
        {sendAt === null || sendAt === PAUSED_AT
          ? <span class="warn">{t.outgoing.paused}</span>
          : <time datetime={new Date(sendAt).toISOString()} title={f.exact(sendAt)}>{f.when(sendAt)}</time>}
      </td>
      <td>
        <a class="goes-to" href={`/ui/messages/${id}`} data-id={id}>
          <Foreign text={recipientName ?? jidShown(to)} max={40} />
        </a>
      </td>
      <td class="unlisted">
        <Foreign text={wordsOut(message)} max={60} />
      </td>
      <td class="unlisted">
        <Foreign text={device} max={40} />
      </td>
      <td class="num">
        <Do cx={cx} action={`/ui/messages/${id}/cancel`} label={t.outgoing.cancel} look="small" />
      </td>
    </tr>
  );
}
