import { FORMAT_NAMES } from "../../formats/mod.ts";
import type { Device } from "../../store/devices.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { PreflightResult } from "../../webhooks/preflight.ts";
import type { UnsavedTest } from "../../webhooks/test_unsaved.ts";
import type { Cx } from "../cx.ts";
import { Foreign } from "../parts/foreign.tsx";
import { type Faults, FaultSummary, Field, Form, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Head, Notice, Panel } from "../parts/layout.tsx";
import { placeOf } from "../parts/webhook_state.ts";
import type { WebhookValues } from "./webhook_values.ts";
import { EventChoice, FormatCard, TestResult } from "./webhook_choice.tsx";
import { Folded } from "./webhook_folded.tsx";

/** The form of a webhook: where, which events, which format, all with the real body. */
export function WebhookForm({ cx, values, webhook, faults, test, found, devices, kept }: {
  readonly cx: Cx;
  readonly values: WebhookValues;
  /** When it exists. */
  readonly webhook?: Webhook;
  readonly faults: Faults;
  readonly test?: UnsavedTest;
  /** What stands behind the URL. */
  readonly found?: PreflightResult;
  readonly devices: readonly Pick<Device, "id" | "label">[];
  /** Names that it gets besides the events to choose from. */
  readonly kept: readonly string[];
}) {
  const { t } = cx;
  const action = webhook === undefined ? "/ui/webhooks" : `/ui/webhooks/${webhook.id}/edit`;
  const back = webhook === undefined ? "/ui/webhooks" : `/ui/webhooks/${webhook.id}`;
  const isSetting = webhook?.source === "environment";
  return (
    <Form cx={cx} action={action} id="webhook" class="stack">
      <Head
        cx={cx}
        title={webhook === undefined ? t.webhooks.new : <span hx-ignore>{placeOf(webhook)}</span>}
        crumbs={[
          { to: "/ui/webhooks", label: t.shell.webhooks },
          { label: webhook === undefined ? t.webhooks.newShort : t.shell.edit },
        ]}
        actions={
          <>
            <a class="button bare" href={back}>{t.shell.cancel}</a>
            {webhook === undefined
              ? (
                <button class="button" type="submit" name="do" value="test">
                  <Icon name="flask-conical" />
                  {t.webhooks.testFirst}
                </button>
              )
              : ""}
            <button class="button main" type="submit">
              {webhook === undefined ? t.shell.create : t.shell.save}
            </button>
          </>
        }
      />
      <FaultSummary cx={cx} faults={faults} />
      {test === undefined ? "" : <TestResult cx={cx} test={test} />}
      {isSetting ? <Notice>{t.webhooks.environment}</Notice> : ""}
      <Panel>
        <div class="where">
          <Field name="url" label={t.webhooks.where} faults={faults}>
            <input
              {...tied("url", faults)}
              class="mono"
              type="url"
              value={values.url}
              placeholder="https://your-app.example/webhook"
              autocomplete="off"
              spellcheck={false}
              readonly={isSetting}
              autofocus={faults.size === 0 && values.url === ""}
            />
            {found === undefined ? "" : <Found cx={cx} found={found} />}
            {webhook === undefined
              ? (
                <span>
                  <button class="link small" type="submit" name="do" value="look">{t.webhooks.look}</button>
                </span>
              )
              : ""}
          </Field>
          <DeviceChoice cx={cx} devices={devices} values={values} faults={faults} />
          <Field name="ordering" label={t.webhooks.order}>
            <select {...tied("ordering")}>
              {([["none", t.webhooks.orderNone], ["chat", t.webhooks.orderChat], [
                "device",
                t.webhooks.orderDevice,
              ]] as const)
                .map(([value, word]) => (
                  <option value={value} selected={value === values.ordering}>{word}</option>
                ))}
            </select>
          </Field>
        </div>
      </Panel>
      <Folded cx={cx} values={values} faults={faults} isNew={webhook === undefined} />
      <div class="choose">
        <Panel title={t.webhooks.whichEvents} id="types">
          <EventChoice cx={cx} chosen={values.types} />
          {kept.length === 0 ? "" : <p class="hint">{t.webhooks.keptToo(kept.join(", "))}</p>}
        </Panel>
        <Panel title={t.webhooks.whichFormat} note={t.webhooks.sameMessage}>
          <div class="formats" role="radiogroup" aria-label={t.webhooks.whichFormat}>
            {FORMAT_NAMES.map((format) => (
              <FormatCard
                cx={cx}
                format={format}
                on={format === values.format}
              />
            ))}
          </div>
          <p class="hint">{t.webhooks.standard}</p>
        </Panel>
      </div>
    </Form>
  );
}

/** Which devices' events go there: none chosen means all. */
function DeviceChoice({ cx: { t }, devices, values, faults }: {
  readonly cx: Cx;
  readonly devices: readonly Pick<Device, "id" | "label">[];
  readonly values: WebhookValues;
  readonly faults: Faults;
}) {
  const chosen = devices.filter(({ id }) => values.devices.includes(id));
  const [only] = chosen;
  const fault = faults.get("devices");
  return (
    <div class="field" id="devices" tabindex={-1}>
      <span class="label" id="devices-label">{t.webhooks.fromWhich}</span>
      <details class="menu start pick">
        <summary class="button" aria-describedby="devices-label">
          <span class="cut grow" hx-ignore>
            {only === undefined
              ? t.webhooks.allDevices
              : chosen.length === 1
              ? only.label.slice(0, 60).toWellFormed()
              : t.webhooks.some(chosen.length)}
          </span>
          <Icon name="chevron-down" />
        </summary>
        <div>
          <p class="hint pad-x">{t.webhooks.noneIsAll}</p>
          {devices.map(({ id, label }) => (
            <label class="item">
              <input type="checkbox" name="devices" value={id} checked={values.devices.includes(id)} />
              <Foreign text={label} max={60} />
            </label>
          ))}
        </div>
      </details>
      {fault === undefined ? "" : (
        <p class="fault">
          <Icon name="triangle-alert" />
          <span>{fault}</span>
        </p>
      )}
    </div>
  );
}

function Found({ cx: { t, f, now }, found }: { readonly cx: Cx; readonly found: PreflightResult }) {
  if (!found.ok) {
    return (
      <p class="fault" role="status">
        <Icon name="triangle-alert" />
        <span>
          <Foreign text={t.webhooks.notReached(found.error)} max={300} />
        </span>
      </p>
    );
  }
  const { port, certificateUntil } = found;
  return (
    <p class="state ok small" role="status">
      <Icon name="circle-check" />
      <span>
        {certificateUntil === null
          ? t.webhooks.reachedPlain(String(port))
          : t.webhooks.reached(String(port), f.span(Math.max(0, certificateUntil - now)))}
      </span>
    </p>
  );
}
