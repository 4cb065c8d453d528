import type { EventType } from "../../events/event.ts";
import { examplesOf } from "../../events/examples/mod.ts";
import type { EventGroup } from "../../events/guide.ts";
import { type FormatName, formatOf } from "../../formats/mod.ts";
import type { UnsavedTest } from "../../webhooks/test_unsaved.ts";
import type { Cx } from "../cx.ts";
import { Json, Text } from "../parts/code.tsx";
import { EVENT_TYPES, guideOf } from "../parts/guide.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/layout.tsx";

/** Names that a preset chooses. */
const PRESETS = {
  presetBot: "message.received message.status message.reaction message.edited device.disconnected",
  presetCrm: "message.* call.* contact.updated identity.resolved",
  presetLine: "device.* webhook.* alert.messages_failed",
  presetAll: "*",
} as const;

/** Events by group, each explained. */
export function EventChoice({ cx, chosen }: { readonly cx: Cx; readonly chosen: readonly EventType[] }) {
  const { t } = cx;
  const names: Readonly<Record<EventGroup, string>> = {
    messages: t.webhooks.messages,
    devices: t.webhooks.devices,
    calls: t.webhooks.calls,
    groups: t.webhooks.groups,
    people: t.webhooks.people,
    files: t.webhooks.files,
    webhooks: t.webhooks.webhooksGroup,
  };
  const entries = EVENT_TYPES.map((type) => [type, guideOf(type, cx.lang)] as const);
  return (
    <>
      <div class="row" hidden data-script>
        {Object.entries(PRESETS).map(([word, wanted]) => (
          <button class="chip" type="button" data-preset={wanted}>
            {t.webhooks[word as keyof typeof PRESETS]}
          </button>
        ))}
      </div>
      <div>
        {(Object.entries(names) as [EventGroup, string][]).map(([group, name]) => {
          const own = entries.filter(([, guide]) => guide.group === group);
          const on = own.filter(([type]) => chosen.includes(type)).length;
          return (
            <details class="event-group" open={on > 0 || group === "messages"} data-group>
              <summary>
                <b>{name}</b>
                <span
                  class="small faint grow"
                  data-count-of={t.webhooks.ofGroup(0, own.length).replace("0", "#")}
                >
                  {t.webhooks.ofGroup(on, own.length)}
                </span>
                <Icon name="chevron-down" />
              </summary>
              {own.map(([type, { summary }]) => (
                <label class="choice">
                  <input
                    type="checkbox"
                    name="types"
                    value={type}
                    checked={chosen.includes(type)}
                    data-of={group}
                  />
                  <span>
                    <code>{type}</code>
                    <small class="faint">{summary}</small>
                  </span>
                </label>
              ))}
            </details>
          );
        })}
      </div>
    </>
  );
}

/** A format with the body that it would post. */
export function FormatCard(
  { cx, format, on }: { readonly cx: Cx; readonly format: FormatName; readonly on: boolean },
) {
  const { t, f } = cx;
  const [{ event }] = examplesOf("message.received");
  const { says, render, ownHeaders, retry } = formatOf(format);
  const about: Readonly<Partial<Record<FormatName, string>>> = {
    device: t.webhooks.forDevice,
    session: t.webhooks.forSession,
    account: t.webhooks.forAccount,
    instance: t.webhooks.forInstance,
    cloud: t.webhooks.forCloud,
  };
  const signature = ownHeaders.find((name) => /signature/i.test(name));
  return (
    <label class="format">
      <span class="format-head">
        <input type="radio" name="format" value={format} checked={on} />
        <b>{format}</b>
        <span class="small faint">{about[format]}</span>
      </span>
      <Json value={JSON.parse(render(event, says(event)[0] ?? ""))} flat />
      <span class="format-foot small hush">
        <span class="row">
          <Icon name={signature === undefined ? "ban" : "shield-check"} />
          {signature ?? t.webhooks.noHeader}
        </span>
        <span class="row">
          <Icon name="rotate-cw" />
          {retry.waitsMs.length === 0
            ? t.webhooks.noRetry
            : retry.waitsMs.map((ms) => f.span(ms).replace(/[.,]0 /, " ")).join(", ")}
        </span>
      </span>
    </label>
  );
}

/** What was posted, and what came back. */
export function TestResult(
  { cx, test: { request, outcome } }: { readonly cx: Cx; readonly test: UnsavedTest },
) {
  const { t, f } = cx;
  const took = f.span(outcome.durationMs);
  const sent = [
    `POST ${new URL(request.url).pathname}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name.toLowerCase()}: ${value}`),
    "",
    request.body,
  ].join("\n");
  return (
    <section class="panel" id="test" aria-label={t.webhooks.tested} tabindex={-1}>
      <header>
        <h2>{t.webhooks.tested}</h2>
      </header>
      <div class="body">
        {outcome.ok
          ? <Notice tone="ok">{t.webhooks.testedOk(outcome.statusCode, took)}</Notice>
          : <Notice tone="bad">{t.webhooks.testedBad(outcome.error)}</Notice>}
        <div class="two">
          <div class="stack tight">
            <h3>{t.webhooks.sentBy}</h3>
            <Text text={sent} tall />
          </div>
          <div class="stack tight">
            <h3>{t.webhooks.response}</h3>
            <Text
              text={outcome.response === null
                ? t.webhooks.noResponse
                : `HTTP ${outcome.statusCode}\n\n${outcome.response}`}
              tall
            />
          </div>
        </div>
      </div>
    </section>
  );
}
