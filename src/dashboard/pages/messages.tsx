import { Hono } from "@hono/hono";
import { InvalidError } from "../../errors.ts";
import type { AddressBook } from "../../devices/address_book.ts";
import type { TenantId, WebhookId } from "../../ids.ts";
import { createAnswerOf } from "../../insight/answer.ts";
import { messagesTo } from "../../insight/messages_to.ts";
import type { Tracing } from "../../insight/trace.ts";
import type { Devices } from "../../store/devices.ts";
import type { Inbox } from "../../store/inbox.ts";
import type { Messages } from "../../store/messages.ts";
import type { Webhook } from "../../store/webhooks.ts";
import { readPhoneNumber } from "../../whatsapp/jid.ts";
import type { ReadInbox } from "../../whatsapp/read_inbox.ts";
import type { Cx } from "../cx.ts";
import { draw } from "../http/draw.tsx";
import type { UiEnv } from "../http/env.ts";
import { followed } from "../parts/list.tsx";
import { MessagePage, titleOf } from "./message_view.tsx";
import { MessagesPage, MOST_NEW, PAGE, STATUSES } from "./messages_view.tsx";

export interface MessagePageDeps {
  readonly messageRows: Pick<Messages, "list">;
  readonly deviceRows: Pick<Devices, "list">;
  readonly tracing: Pick<Tracing, "message">;
  readonly inboxRows: Pick<Inbox, "oldest">;
  readonly readInbox: ReadInbox;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly probed: (webhooks: readonly Webhook[]) => readonly WebhookId[];
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
}

/** Outgoing messages: the list, and the life of one. */
export function createMessagePages(deps: MessagePageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const answerOf = createAnswerOf({
    inbox: deps.inboxRows,
    readInbox: deps.readInbox,
    chatOf: deps.addresses.chat,
  });

  routes.get("/messages", async (c) => {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const state = STATUSES.find((one) => one === c.req.query("state"));
    const to = c.req.query("to")?.trim() ?? "";
    const { phone, fault } = phoneIn(to, deps.countryCode, cx);
    const before = /^msg_\w{1,60}$/.test(c.req.query("before") ?? "") ? c.req.query("before") : undefined;
    const seen = c.req.query("seen");
    const page = { limit: seen === undefined ? PAGE : PAGE + MOST_NEW, before };
    const found = fault !== undefined
      ? []
      : phone === undefined
      ? await deps.messageRows.list({ tenantId, status: state }, page)
      : await messagesTo(deps.messageRows, {
        tenantId,
        status: state,
        phone,
        countryCode: deps.countryCode,
      }, page);
    const newer = Math.max(0, found.findIndex(({ id }) => id === seen));
    const rows = found.slice(newer, newer + PAGE);
    return await draw(c, {
      title: cx.t.shell.messages,
      at: "messages",
      status: fault === undefined ? 200 : 422,
      live: before === undefined && fault === undefined ? followed(cx, rows.at(0)?.id) : undefined,
      main: <MessagesPage cx={cx} rows={rows} newer={newer} state={state} to={to} fault={fault} />,
    });
  });

  routes.get("/messages/:id", async (c) => {
    const cx = c.get("cx");
    const trace = await deps.tracing.message(cx.visit.tenant.id, c.req.param("id"));
    const devices = await deps.deviceRows.list({ tenantId: cx.visit.tenant.id, limit: 1_000 });
    const device = devices.find(({ id }) => id === trace.message.deviceId);
    const all = deps.webhooksOf(cx.visit.tenant.id);
    const webhooks = new Map(all.map((webhook) => [webhook.id, webhook]));
    const { message } = trace;
    return await draw(c, {
      title: titleOf(message, cx),
      at: "messages",
      live: true,
      main: (
        <MessagePage
          cx={cx}
          trace={trace}
          answer={device && await answerOf(message, device)}
          device={device?.label}
          webhooks={webhooks}
          probed={new Set(deps.probed(all))}
        />
      ),
    });
  });

  return routes;
}

function phoneIn(
  text: string,
  countryCode: string,
  { t }: Cx,
): { readonly phone?: string; readonly fault?: string } {
  if (text === "") return {};
  try {
    return { phone: readPhoneNumber(text, { countryCode }).phone };
  } catch (error) {
    if (error instanceof InvalidError) return { fault: t.events.badPhone };
    throw error;
  }
}
