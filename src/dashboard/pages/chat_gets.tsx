import { mediaOf } from "../../events/content.ts";
import { type Jid } from "../../events/person.ts";
import { FORMAT_NAMES, formatOf } from "../../formats/mod.ts";
import type { Device } from "../../store/devices.ts";
import { Ask } from "../parts/ask.tsx";
import { Json } from "../parts/code.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Icon } from "../parts/icon.tsx";
import { Segments } from "../parts/layout.tsx";
import { deliveryStanding } from "../parts/delivery_state.ts";
import { State } from "../parts/state.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { type ChatsFacts } from "./chat_facts.ts";
import { fileUrl } from "./chat_lines.ts";

/** What an application gets for the message that is chosen, and which webhooks have it. */
export function Gets(
  { cx, device, chat, picked: one, before, trace, sent, webhooks, probed, format, asks }: ChatsFacts & {
    readonly device: Device;
    readonly chat: Jid;
  },
) {
  const { t } = cx;
  const { says, render } = formatOf(format);
  const event = trace?.event ?? one;
  const name = event === undefined ? undefined : says(event)[0];
  const mine = one === undefined ? undefined : sent.get(one.data.messageId);
  const query = new URLSearchParams({
    device: device.id,
    chat,
    ...(before !== undefined && { before }),
    ...(one && { message: one.data.messageId }),
  });
  return (
    <section class="gets" id="gets" aria-labelledby="gets-title">
      <header class="pad stack tight">
        <h2 id="gets-title">{t.chats.gets}</h2>
        <Segments
          label={t.webhooks.format}
          options={FORMAT_NAMES.map((each) => ({
            to: `/ui/chats?${query}&format=${each}#gets`,
            label: each,
            on: each === format,
          }))}
        />
      </header>
      <div class="pad-x stack tight">
        {event === undefined
          ? <p class="hush">{t.chats.pick}</p>
          : name === undefined
          ? <p class="hush">{t.deliveries.notSaid}</p>
          : <Json value={JSON.parse(render(event, name))} tall />}
        {trace === undefined ? "" : (
          <ul class="got">
            {trace.deliveries.map(({ delivery, attempts }) => (
              <li class="row apart">
                <Foreign
                  text={hostOf(webhooks.get(delivery.webhookId)?.url) ?? t.tracking.removed}
                  max={40}
                />
                <a class="row" href={`/ui/deliveries/${deliveryIdOf(delivery.number)}`}>
                  <State standing={deliveryStanding(delivery, probed.has(delivery.webhookId), t)} />
                  {delivery.status !== "success" || attempts.length === 0
                    ? ""
                    : <span class="small faint">{cx.f.span(attempts[attempts.length - 1].durationMs)}</span>}
                </a>
              </li>
            ))}
            {trace.deliveries.length === 0 ? <li class="hush small">{t.events.nobody}</li> : ""}
          </ul>
        )}
        {one === undefined || one.type !== "message.received" ? "" : (
          <p class="row">
            <a
              class="button small"
              href={`/ui/chats?${query}&reply=${encodeURIComponent(one.data.messageId)}`}
            >
              <Icon name="messages-square" />
              {t.chats.reply}
            </a>
            {mediaOf(one.data.content) === undefined
              ? ""
              : (
                <a class="button small" href={fileUrl(device, one)}>
                  <Icon name="download" />
                  {t.chats.file}
                </a>
              )}
            {one.data.fromMe
              ? (
                <a class="button small danger" href={`/ui/chats?${query}&ask=delete`}>
                  <Icon name="trash-2" />
                  {t.chats.delete}
                </a>
              )
              : ""}
          </p>
        )}
        {one !== undefined && asks
          ? (
            <Ask
              cx={cx}
              title={t.chats.askDelete}
              action={`/ui/chats/delete?${query}`}
              label={t.chats.delete}
              back={`/ui/chats?${query}`}
            >
              {t.chats.askDeleteWhy}
            </Ask>
          )
          : ""}
        {mine === undefined && trace === undefined ? "" : (
          <p>
            <a
              class="small"
              href={mine === undefined ? `/ui/events/${trace?.event.id}` : `/ui/messages/${mine.id}`}
            >
              {mine === undefined ? t.chats.openEvent : t.chats.whatBecame}
            </a>
          </p>
        )}
      </div>
    </section>
  );
}
