import { Hono } from "@hono/hono";
import type { AddressBook } from "../../devices/address_book.ts";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import { InvalidError } from "../../errors.ts";
import { DEFAULT_FORMAT, isFormatName } from "../../formats/mod.ts";
import type { Jid } from "../../events/person.ts";
import type { OutgoingFiles } from "../../media/outgoing.ts";
import type { HistoryAsking } from "../../history/requests.ts";
import { markRead } from "../../messages/mark_read.ts";
import type { MessageActions } from "../../messages/actions.ts";
import type { MessageSearch } from "../../messages/search.ts";
import type { SendMessage } from "../../messages/request.ts";
import type { TenantId, WebhookId } from "../../ids.ts";
import type { Tracing } from "../../insight/trace.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { Device } from "../../store/devices.ts";
import type { Messages, OutgoingMessage } from "../../store/messages.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { ChatReads } from "../../store/chat_reads.ts";
import type { ChatAt, HistoryEnd, Inbox } from "../../store/inbox.ts";
import { parseRecipient } from "../../whatsapp/jid.ts";
import type { ReadInbox, Told } from "../../whatsapp/read_inbox.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readFileForm } from "../http/file_forms.ts";
import type { ChatRow } from "./chat_facts.ts";
import { ChatsPage } from "./chats_view.tsx";
import { invalidSays } from "../words/refusals.ts";

const MOST_DEVICES = 200;
const CHATS = 50;
const MESSAGES = 50;
const FOUND = 30;
/** Messages in which the name of the other side is looked for. */
const LOOKED_FOR_NAME = 8;
/** Older messages that a phone is asked for at a time. */
const ASKED_FOR = 50;

export interface ChatPageDeps {
  readonly devices: DeviceService;
  readonly inbox: Pick<Inbox, "chats" | "history">;
  readonly chatReads: Pick<ChatReads, "unread">;
  readonly readInbox: ReadInbox;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly sessionFor: SessionFor;
  readonly historyAsking: Pick<HistoryAsking, "ask">;
  readonly sendMessage: SendMessage;
  readonly files: Pick<OutgoingFiles, "receive" | "discardUpload">;
  readonly countryCode: string;
  readonly messageActions: Pick<MessageActions, "remove">;
  readonly searching: Pick<MessageSearch, "messages" | "people">;
  readonly messageRows: Pick<Messages, "byWaMessageId">;
  readonly tracing: Pick<Tracing, "told" | "deliveriesOf">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly probed: (webhooks: readonly Webhook[]) => readonly WebhookId[];
}

/** Conversations: read them, write, and see what an application gets for each message. */
export function createChatPages(deps: ChatPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const jidOf = async (device: Device, text: string): Promise<Jid> => {
    const jid = parseRecipient(text, { countryCode: deps.countryCode, field: "chat" });
    return (await deps.addresses.chat(device.id, jid)).jid;
  };

  /** A page of conversations, and after which one the next page begins. */
  async function rowsOf(
    device: Device,
    after: ChatAt | undefined,
  ): Promise<{ readonly rows: readonly ChatRow[]; readonly next: ChatAt | undefined }> {
    const found = await deps.inbox.chats(device.id, { limit: CHATS + 1, offset: 0, after });
    const page = found.slice(0, CHATS);
    const reads = await deps.chatReads.unread(device.id, page.map(({ chat }) => chat));
    const rows = await Promise.all(page.map(async ({ chat, lastAt }) => {
      const unread = reads.get(chat) ?? { count: 0, marked: false };
      const [last] = await deps.readInbox(await deps.inbox.history(device.id, chat, { limit: 1 }), device);
      if (last?.data.fromMe !== true || chat.endsWith("@g.us")) {
        return { chat, lastAt, last, theirs: last, unread };
      }
      // the other side's name stands in what they wrote
      const latest = await deps.inbox.history(device.id, chat, { limit: LOOKED_FOR_NAME });
      const theirs = (await deps.readInbox(latest, device)).find(({ data }) => !data.fromMe);
      return { chat, lastAt, last, theirs, unread };
    }));
    return { rows, next: found.length > CHATS ? page.at(-1) : undefined };
  }

  /** What became of our own messages, by WhatsApp's ids. */
  async function sentOf(
    device: Device,
    told: readonly Told[],
  ): Promise<ReadonlyMap<string, OutgoingMessage>> {
    const ids = told.filter(({ type, data }) => type === "message.received" && data.fromMe)
      .map(({ data }) => data.messageId);
    const found = await Promise.all(
      [...new Set(ids)].map(async (id) => [id, await deps.messageRows.byWaMessageId(id, device.id)] as const),
    );
    return new Map(found.flatMap(([id, message]) => message === undefined ? [] : [[id, message]]));
  }

  async function show(
    c: UiContext,
    fault?: { readonly field: string; readonly sentence: string; readonly text: string },
  ) {
    const cx = c.get("cx");
    const { devices: all } = await deps.devices.list(cx.visit.tenant.id, { limit: MOST_DEVICES, offset: 0 });
    const devices = all.filter(({ kind, jid }) => kind === "whatsapp" && jid !== null);
    const wanted = c.req.query("device");
    const device = wanted === undefined ? devices[0] : await deps.devices.get(cx.visit.tenant.id, wanted);
    const chatAsked = c.req.query("chat")?.trim() ?? "";
    let chat: Jid | undefined;
    let unreadable = fault;
    if (device !== undefined && chatAsked !== "") {
      try {
        chat = await jidOf(device, chatAsked);
      } catch (error) {
        if (!(error instanceof InvalidError)) throw error;
        unreadable = { field: "chat", sentence: invalidSays(error, cx.lang), text: chatAsked };
      }
    }
    const before = c.req.query("before");
    const rows = chat === undefined || device === undefined
      ? []
      : await deps.inbox.history(device.id, chat, { limit: MESSAGES, before: endOf(before) });
    const query = c.req.query("q")?.trim().slice(0, 200) ?? "";
    let found: readonly Told[] | undefined;
    if (device !== undefined && query !== "") {
      try {
        found = (await deps.searching.messages(device, query, { limit: FOUND })).messages;
      } catch (error) {
        if (!(error instanceof InvalidError)) throw error;
        unreadable = { field: "q", sentence: invalidSays(error, cx.lang), text: query };
      }
    }
    const from = c.req.query("from");
    const listed = device === undefined
      ? { rows: [], next: undefined }
      : await rowsOf(device, chatAfter(from));
    const oldest = rows.length === MESSAGES ? rows.at(-1) : undefined;
    const told = device === undefined ? [] : await deps.readInbox(rows, device);
    const format = c.req.query("format") ?? "";
    const picked = told.find(({ data }) => data.messageId === c.req.query("message")) ??
      told.find(({ data }) => !data.fromMe);
    const tenantId = cx.visit.tenant.id;
    const webhooks = deps.webhooksOf(tenantId);
    const cameIn = told.filter(({ data }) => !data.fromMe);
    return await draw(c, {
      title: cx.t.shell.chats,
      at: "chats",
      status: unreadable === undefined ? 200 : 422,
      live: unreadable === undefined && device !== undefined && c.req.query("ask") === undefined &&
          query === ""
        ? true
        : undefined,
      refresh: chat === undefined ? undefined : 30,
      main: (
        <ChatsPage
          cx={cx}
          devices={devices}
          device={device}
          rows={listed.rows}
          from={chatAfter(from) && from}
          next={listed.next && `${listed.next.lastAt}.${listed.next.chat}`}
          chat={chat}
          told={told.toReversed()}
          query={query}
          found={found}
          older={oldest && `${oldest.sentAt}.${oldest.messageId}`}
          before={endOf(before) === undefined ? undefined : before}
          reply={c.req.query("reply")}
          asks={c.req.query("ask") === "delete" && picked?.data.messageId === c.req.query("message")}
          picked={picked}
          trace={picked && device && await deps.tracing.told(tenantId, device.id, picked)}
          became={device === undefined
            ? new Map()
            : await deps.tracing.deliveriesOf(tenantId, device.id, cameIn)}
          probed={new Set(deps.probed(webhooks))}
          sent={device === undefined ? new Map() : await sentOf(device, told)}
          webhooks={new Map(webhooks.map((webhook) => [webhook.id, webhook]))}
          format={isFormatName(format) ? format : DEFAULT_FORMAT}
          fault={unreadable}
        />
      ),
    });
  }

  routes.get("/chats", (c) => show(c));

  routes.post("/chats/send", async (c) => {
    const { t, f, visit } = c.get("cx");
    const { fields, upload, refused } = await readFileForm(c, deps.files);
    try {
      const device = await deps.devices.get(visit.tenant.id, c.req.query("device") ?? "");
      const text = (fields.text ?? "").replaceAll("\r\n", "\n");
      if (refused !== undefined) {
        const most = Number(refused.details?.max_bytes);
        const sentence = refused.code === "MEDIA_TOO_LARGE" && most > 0
          ? t.chats.fileTooLarge(f.bytes(most))
          : t.chats.fileEmpty;
        return await show(c, { field: "file", sentence, text });
      }
      if ((text.trim() === "" && upload === undefined) || text.length > MOST_TEXT) {
        return await show(c, { field: "text", sentence: t.chats.textEmpty, text });
      }
      const to = await jidOf(device, c.req.query("chat") ?? "");
      await deps.sendMessage({
        tenantId: visit.tenant.id,
        device,
        to,
        content: upload === undefined ? { kind: "text", text } : {
          kind: "any",
          file: { from: "upload", upload },
          ...(text.trim() !== "" && { caption: text }),
        },
        idempotencyKey: fields.once ? `ui-${fields.once.slice(0, 60)}` : undefined,
        ...(fields.quoted && { quotedId: fields.quoted.slice(0, 100) }),
        wait: false,
      });
      return goTo(c, `/ui/chats?${new URLSearchParams({ device: device.id, chat: to })}`);
    } finally {
      if (upload !== undefined) await deps.files.discardUpload(upload);
    }
  });

  routes.post("/chats/read", async (c) => {
    const { t, f, visit } = c.get("cx");
    const device = await deps.devices.get(visit.tenant.id, c.req.query("device") ?? "");
    const chat = await jidOf(device, c.req.query("chat") ?? "");
    const session = deps.sessionFor(device);
    const marked = await markRead({ session, inbox: deps.inbox, deviceId: device.id, chat });
    const to = `/ui/chats?${new URLSearchParams({ device: device.id, chat })}`;
    return goTo(c, to, t.chats.didRead(f.number(marked.length)));
  });

  routes.post("/chats/history", async (c) => {
    const { t, visit } = c.get("cx");
    const device = await deps.devices.get(visit.tenant.id, c.req.query("device") ?? "");
    const chat = await jidOf(device, c.req.query("chat") ?? "");
    deps.sessionFor(device); // it has to be connected
    await deps.historyAsking.ask(device, { chat, before: null, count: ASKED_FOR, since: null });
    return goTo(c, `/ui/chats?${new URLSearchParams({ device: device.id, chat })}`, t.chats.didAsk);
  });

  routes.post("/chats/delete", async (c) => {
    const { t, visit } = c.get("cx");
    const device = await deps.devices.get(visit.tenant.id, c.req.query("device") ?? "");
    const chat = await jidOf(device, c.req.query("chat") ?? "");
    await deps.messageActions.remove({ device, messageId: c.req.query("message") ?? "", to: chat });
    return goTo(c, `/ui/chats?${new URLSearchParams({ device: device.id, chat })}`, t.chats.didDelete);
  });

  return routes;
}

/** Where a page of conversations begins: `<lastAt>.<jid>` of the last one of the page before. */
function chatAfter(text: string | undefined): ChatAt | undefined {
  const [, lastAt, chat] = /^(\d{1,15})\.(.{1,200})$/.exec(text ?? "") ?? [];
  return lastAt === undefined ? undefined : { lastAt: Number(lastAt), chat };
}

/** Where a page of older messages begins: `<sentAt>.<message id>`. */
function endOf(text: string | undefined): HistoryEnd | undefined {
  const [, at, messageId] = /^(\d{1,15})\.(.{1,200})$/.exec(text ?? "") ?? [];
  return at === undefined ? undefined : { sentAt: Number(at), messageId };
}
