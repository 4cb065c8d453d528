import { MOST_UNREAD, type Unread } from "../../store/chat_reads.ts";
import type { Device } from "../../store/devices.ts";
import type { Told } from "../../whatsapp/read_inbox.ts";
import type { Cx } from "../cx.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Face } from "../parts/face.tsx";
import { Icon } from "../parts/icon.tsx";
import { EmptyPage, Head } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { jidShown } from "../parts/phone.ts";
import { Clock } from "../parts/time.tsx";
import { type ChatRow, type ChatsFacts } from "./chat_facts.ts";
import { Conversation } from "./conversation_view.tsx";
import { Gets } from "./chat_gets.tsx";
import { latestOf, lineOf, nameOf, timeOf } from "./chat_lines.ts";

/** Chats, one conversation, and what an application gets for the message that is chosen. */
export function ChatsPage(facts: ChatsFacts) {
  const { cx, devices, device, rows, chat, fault } = facts;
  const { t } = cx;
  if (device === undefined) {
    const add = <a class="button main" href="/ui/devices/new">{t.devices.add}</a>;
    return (
      <EmptyPage cx={cx} page={t.shell.chats} icon="messages-square" title={t.chats.noDevices} action={add}>
        {t.chats.noDevicesWhy}
      </EmptyPage>
    );
  }
  const picker = (
    <form action="/ui/chats" class="inline">
      <select name="device" aria-label={t.chats.device} data-send>
        {devices.map(({ id, label, jid }) => (
          <option value={id} selected={id === device.id} hx-ignore>
            {`${label.slice(0, 60).toWellFormed()}${jid === null ? "" : `, ${jidShown(jid)}`}`}
          </option>
        ))}
      </select>
      <button class="button" type="submit" data-unscripted>{t.chats.show}</button>
    </form>
  );
  return (
    <>
      <Head cx={cx} title={t.shell.chats} sub={t.chats.sub} actions={picker} />
      <div class={chat === undefined ? "panel chats" : "panel chats open"}>
        <section class="chat-list" aria-label={t.chats.list}>
          <form action="/ui/chats" class="inline pad">
            <input type="hidden" name="device" value={device.id} />
            <input
              name="chat"
              value={fault?.field === "chat" ? fault.text : ""}
              placeholder={t.chats.find}
              aria-label={t.chats.find}
              aria-invalid={fault?.field === "chat" ? "true" : undefined}
              aria-describedby={fault?.field === "chat" ? "chat-fault" : undefined}
              hx-ignore
            />
            <button class="button" type="submit">{t.chats.open}</button>
          </form>
          {fault?.field === "chat"
            ? (
              <p class="fault pad-x" id="chat-fault">
                <Icon name="triangle-alert" />
                <Foreign text={fault.sentence} max={300} />
              </p>
            )
            : ""}
          <form action="/ui/chats" class="inline pad-x">
            <input type="hidden" name="device" value={device.id} />
            <input
              name="q"
              type="search"
              value={facts.query}
              placeholder={t.chats.search}
              aria-label={t.chats.search}
              aria-invalid={fault?.field === "q" ? "true" : undefined}
              hx-ignore
            />
            <button class="button icon" type="submit" aria-label={t.shell.find} title={t.shell.find}>
              <Icon name="search" />
            </button>
          </form>
          {fault?.field === "q"
            ? (
              <p class="fault pad-x">
                <Icon name="triangle-alert" />
                <Foreign text={fault.sentence} max={300} />
              </p>
            )
            : ""}
          {facts.found === undefined ? "" : <FoundList {...facts} device={device} found={facts.found} />}
          <Live id="chats" class="">
            {rows.length === 0 ? <p class="pad hush">{t.chats.empty}</p> : (
              <ul class="picks" tabindex={0}>
                {rows.map((row) => (
                  <ChatLine
                    cx={cx}
                    device={device}
                    row={row}
                    from={facts.from}
                    current={row.chat === chat}
                  />
                ))}
              </ul>
            )}
          </Live>
          {facts.next === undefined && facts.from === undefined
            ? ""
            : (
              <nav class="row apart pad" aria-label={t.chats.pages}>
                {facts.from === undefined
                  ? <span />
                  : <a class="button small" href={listOf(device, chat, undefined)}>{t.chats.newestChats}</a>}
                {facts.next === undefined
                  ? ""
                  : <a class="button small" href={listOf(device, chat, facts.next)}>{t.shell.older}</a>}
              </nav>
            )}
        </section>
        {chat === undefined
          ? (
            <section class="conversation unlisted">
              <p class="empty hush">{t.chats.choose}</p>
            </section>
          )
          : <Conversation {...facts} device={device} chat={chat} />}
        {chat === undefined ? "" : <Gets {...facts} device={device} chat={chat} />}
      </div>
    </>
  );
}

/** A page of the conversations, with the one that is open left open. */
function listOf(device: Device, chat: string | undefined, from: string | undefined): string {
  const query = {
    device: device.id,
    ...(chat !== undefined && { chat }),
    ...(from !== undefined && { from }),
  };
  return `/ui/chats?${new URLSearchParams(query)}`;
}

function ChatLine({ cx, device, row: { chat, lastAt, last, theirs, unread }, from, current }: {
  readonly cx: Cx;
  readonly device: Device;
  readonly row: ChatRow;
  readonly from: string | undefined;
  readonly current: boolean;
}) {
  const name = nameOf(theirs, chat);
  return (
    <li>
      <a
        href={listOf(device, chat, from)}
        aria-current={current ? "true" : undefined}
      >
        <Face chat={chat} name={name} />
        <span class="grow">
          <span class="ends">
            <span class="cut name">
              <Foreign text={name} max={60} />
            </span>
            <span class="small faint">
              <Clock cx={cx} at={lastAt} />
            </span>
          </span>
          <span class="ends">
            <span class="cut small faint">
              <Foreign text={last === undefined ? "" : latestOf(last, cx)} max={100} />
            </span>
            <UnreadCount cx={cx} unread={unread} />
          </span>
        </span>
      </a>
    </li>
  );
}

/** How many messages are not read; a chat that was only marked as unread has a dot. */
function UnreadCount(
  { cx: { t, f }, unread: { count, marked } }: { readonly cx: Cx; readonly unread: Unread },
) {
  if (count === 0 && !marked) return <></>;
  if (count === 0) return <span class="unread dot" role="img" aria-label={t.chats.markedUnread}></span>;
  const shown = count < MOST_UNREAD ? f.number(count) : `${f.number(MOST_UNREAD - 1)}+`;
  return (
    <span class="unread">
      <span aria-hidden="true">{shown}</span>
      <span class="hide">{t.chats.unread(shown, count)}</span>
    </span>
  );
}

/** Messages that have the words, each in its conversation. */
function FoundList({ cx, device, found }: ChatsFacts & {
  readonly device: Device;
  readonly found: readonly Told[];
}) {
  const { t } = cx;
  return (
    <div class="pad">
      <p class="small hush">
        {t.chats.foundMany(cx.f.number(found.length))}{" "}
        <a href={`/ui/chats?${new URLSearchParams({ device: device.id })}`}>{t.shell.clearAll}</a>
      </p>
      <ul class="picks" tabindex={0}>
        {found.map((one) => {
          const { messageId, chat } = one.data;
          const to = new URLSearchParams({
            device: device.id,
            chat: chat.jid,
            before: `${timeOf(one) + 1_000}.~`,
            message: messageId,
          });
          return (
            <li>
              <a href={`/ui/chats?${to}`}>
                <span class="grow cut small">
                  <Foreign text={lineOf(one, cx)} max={100} />
                </span>
                <span class="small faint">
                  <Clock cx={cx} at={timeOf(one)} />
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
