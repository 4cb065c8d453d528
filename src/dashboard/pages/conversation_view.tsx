import { addressOf, type Jid } from "../../events/person.ts";
import type { Device } from "../../store/devices.ts";
import type { Told } from "../../whatsapp/read_inbox.ts";
import { DAY_MS } from "../../spans.ts";
import type { Cx } from "../cx.ts";
import { Face } from "../parts/face.tsx";
import { cleaned, Foreign } from "../parts/foreign.tsx";
import { Do, Form } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Live } from "../parts/live.tsx";
import { jidShown } from "../parts/phone.ts";
import { messageStanding } from "../parts/message_state.ts";
import type { OutgoingMessage } from "../../store/messages.ts";
import { Became } from "./chat_became.tsx";
import { type ChatsFacts } from "./chat_facts.ts";
import { fileUrl, isPicture, lineOf, nameOf, quotedOf, timeOf } from "./chat_lines.ts";

/** One conversation: its messages, and what is written next. */
export function Conversation(
  { cx, device, chat, told, picked, sent, became, probed, webhooks, format, fault, older, before, reply }:
    & ChatsFacts
    & {
      readonly device: Device;
      readonly chat: Jid;
    },
) {
  const { t } = cx;
  const query = new URLSearchParams({ device: device.id, chat });
  const here = new URLSearchParams({ device: device.id, chat, ...(before !== undefined && { before }) });
  const theirs = told.findLast(({ data }) => !data.fromMe);
  const name = nameOf(theirs, chat);
  const written = fault?.field === "text" || fault?.field === "file" ? fault : undefined;
  const last = told.at(-1)?.data.messageId ?? "none";
  const answered = reply === undefined ? undefined : told.find(({ data }) => data.messageId === reply);
  return (
    <section class="conversation" aria-labelledby="chat-name">
      <header class="row apart pad">
        <a
          class="button small icon listed"
          href={`/ui/chats?${new URLSearchParams({ device: device.id })}`}
          aria-label={t.chats.list}
        >
          <Icon name="chevron-left" />
        </a>
        <Face chat={chat} name={name} />
        <div class="grow">
          <h2 id="chat-name" class="cut">
            <Foreign text={name} max={80} />
          </h2>
          <p class="small faint cut">{chat.endsWith("@g.us") ? t.chats.group : jidShown(chat)}</p>
        </div>
        {device.status === "connected"
          ? (
            <Do
              cx={cx}
              action={`/ui/chats/read?${query}`}
              label={t.chats.markRead}
              icon="check-check"
              look="small"
            />
          )
          : ""}
      </header>
      <div class="messages" tabindex={0} role="log" aria-label={t.shell.messages}>
        <div class="stack tight">
          {older === undefined ? "" : (
            <p class="row center">
              <a class="button small" href={`/ui/chats?${query}&before=${encodeURIComponent(older)}`}>
                {t.chats.older}
              </a>
            </p>
          )}
          {older === undefined && told.length > 0 && device.status === "connected"
            ? <Do cx={cx} action={`/ui/chats/history?${query}`} label={t.chats.askPhone} look="small" />
            : ""}
          <Live id="messages" class="stack tight">
            {told.map((one, at) => (
              <>
                {at > 0 && cx.f.day(timeOf(told[at - 1])) === cx.f.day(timeOf(one))
                  ? ""
                  : <p class="day small">{dayOf(timeOf(one), cx)}</p>}
                <Bubble
                  cx={cx}
                  device={device}
                  one={one}
                  to={`/ui/chats?${here}&format=${format}&message=${
                    encodeURIComponent(one.data.messageId)
                  }#gets`}
                  current={one === picked}
                  sent={sent}
                />
                {became.has(one)
                  ? (
                    <Became
                      cx={cx}
                      deliveries={became.get(one) ?? []}
                      webhooks={webhooks}
                      probed={probed}
                    />
                  )
                  : ""}
              </>
            ))}
          </Live>
        </div>
      </div>
      {before === undefined ? "" : (
        <p class="pad-x">
          <a class="small" href={`/ui/chats?${query}`}>{t.chats.newest}</a>
        </p>
      )}
      {answered === undefined ? "" : (
        <p class="row apart pad-x small">
          <span class="quoted grow">
            {t.chats.replyTo} <Foreign text={lineOf(answered, cx)} max={120} />
          </span>
          <a href={`/ui/chats?${here}`}>{t.shell.cancel}</a>
        </p>
      )}
      <Form cx={cx} action={`/ui/chats/send?${query}`} class="inline pad composer" files>
        {answered === undefined ? "" : <input type="hidden" name="quoted" value={answered.data.messageId} />}
        <input type="hidden" name="once" value={`${last}-${cx.now}`} />
        <label class="attach" title={t.chats.attach}>
          <Icon name="paperclip" />
          <input
            type="file"
            name="file"
            aria-label={t.chats.attach}
            aria-invalid={fault?.field === "file" ? "true" : undefined}
            aria-describedby={fault?.field === "file" ? "composer-fault" : undefined}
          />
        </label>
        <textarea
          name="text"
          rows={1}
          placeholder={t.chats.writeTo(cleaned(name, 40))}
          aria-label={t.chats.writeTo(cleaned(name, 80))}
          aria-invalid={fault?.field === "text" ? "true" : undefined}
          aria-describedby={fault?.field === "text" ? "composer-fault" : undefined}
          hx-ignore
        >
          {written?.text ?? ""}
        </textarea>
        <button class="button main" type="submit">
          <Icon name="send" />
          {t.chats.send}
        </button>
      </Form>
      {written === undefined ? "" : (
        <p class="fault pad-x" id="composer-fault">
          <Icon name="triangle-alert" />
          <span>{written.sentence}</span>
        </p>
      )}
    </section>
  );
}

/** One message, which leads to what an application gets for it. */
function Bubble({ cx, device, one, to, current, sent }: {
  readonly cx: Cx;
  readonly device: Device;
  readonly one: Told;
  readonly to: string;
  readonly current: boolean;
  readonly sent: ChatsFacts["sent"];
}) {
  const quoted = quotedOf(one);
  return (
    <a
      id={`message-${one.data.messageId}`}
      class={one.data.fromMe ? "bubble mine" : "bubble"}
      href={to}
      aria-current={current ? "true" : undefined}
    >
      {one.data.fromMe || one.data.chat.kind === "person" ? "" : (
        <b class="small">
          <Foreign text={one.data.from.pushName ?? jidShown(addressOf(one.data.from))} max={60} />
        </b>
      )}
      {quoted === undefined ? "" : (
        <span class="quoted small">
          <Foreign text={quoted} max={200} />
        </span>
      )}
      {isPicture(one)
        ? (
          <img
            src={fileUrl(device, one)}
            alt={cx.t.chats.picture}
            loading="lazy"
            width="240"
            height="160"
          />
        )
        : ""}
      <Foreign text={lineOf(one, cx)} max={4_000} />
      <span class="small faint stamp">
        <time datetime={new Date(timeOf(one)).toISOString()} title={cx.f.exact(timeOf(one))}>
          {cx.f.clock(timeOf(one))}
        </time>
        <Ticks cx={cx} message={sent.get(one.data.messageId)} />
      </span>
    </a>
  );
}

/** The day of a message, as people say it. */
function dayOf(at: number, { f, t, now }: Cx): string {
  const day = f.day(at);
  if (day === f.day(now)) return t.chats.today;
  return day === f.day(now - DAY_MS) ? t.chats.yesterday : day;
}

/** How far a message of ours has come: a sign, and its word for those who do not see it. */
function Ticks({ cx, message }: { readonly cx: Cx; readonly message: OutgoingMessage | undefined }) {
  if (message === undefined) return <></>;
  const { word, icon, tone } = messageStanding(message, cx.t);
  return (
    <span class={tone === "bad" ? "bad" : ""} title={word}>
      {` · ${word.toLowerCase()} `}
      <Icon name={icon} />
    </span>
  );
}
