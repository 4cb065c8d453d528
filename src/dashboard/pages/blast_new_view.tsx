import type { Template } from "../../store/templates.ts";
import type { Device } from "../../store/devices.ts";
import type { Cx } from "../cx.ts";
import { deviceStanding } from "../parts/device_state.ts";
import { Foreign } from "../parts/foreign.tsx";
import { type Faults, FaultSummary, Field, Form, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Head, Panel } from "../parts/layout.tsx";
import { State } from "../parts/state.tsx";

const EXAMPLE = "name;phone;points\nIbu Sari;0812 3456 789;240";

/** What the form of a new blast holds. */
export interface NewBlastValues {
  readonly text: string;
  readonly list: string;
  readonly devices: readonly string[];
  /** A template's id; empty: the text of one's own. */
  readonly template: string;
  /** `YYYY-MM-DDTHH:MM` in the reader's zone; empty: at once. */
  readonly at: string;
  /** `HH:MM`; both empty: all day. */
  readonly from: string;
  readonly to: string;
}

/** The list, the text, the devices, the time. */
export function NewBlastPage({ cx, values, faults, devices, templates }: {
  readonly cx: Cx;
  readonly values: NewBlastValues;
  readonly templates: readonly Template[];
  readonly faults: Faults;
  readonly devices: readonly Device[];
}) {
  const { t } = cx;
  const fault = faults.get("devices");
  return (
    <Form cx={cx} action="/ui/blasts/drafts" files class="stack">
      <Head
        cx={cx}
        title={t.blasts.new}
        sub={t.blasts.sub}
        crumbs={[{ to: "/ui/blasts", label: t.shell.blasts }, { label: t.blasts.new }]}
        actions={
          <>
            <a class="button bare" href="/ui/blasts">{t.shell.cancel}</a>
            <button class="button main" type="submit">{t.blasts.check}</button>
          </>
        }
      />
      <FaultSummary cx={cx} faults={faults} />
      <div class="two">
        <Panel title={t.blasts.file}>
          <Field name="file" label={t.blasts.file} faults={faults} hint={t.blasts.fileHint}>
            <input {...tied("file", faults, true)} type="file" accept=".csv,.txt,.tsv,text/csv,text/plain" />
          </Field>
          <Field name="list" label={t.blasts.paste}>
            <textarea
              {...tied("list")}
              class="mono"
              rows={8}
              placeholder={EXAMPLE}
              spellcheck={false}
              hx-ignore
            >
              {values.list}
            </textarea>
          </Field>
        </Panel>
        <div class="stack">
          <Panel
            title={t.blasts.text}
            actions={<a class="small" href="/ui/templates">{t.shell.templates}</a>}
          >
            {templates.length === 0
              ? ""
              : (
                <Field name="template" label={t.blasts.template} faults={faults} hint={t.blasts.templateHint}>
                  <select {...tied("template", faults, true)}>
                    <option value="">{t.blasts.ownText}</option>
                    {templates.map(({ id, name }) => (
                      <option value={id} selected={id === values.template}>
                        {name.slice(0, 80).toWellFormed()}
                      </option>
                    ))}
                  </select>
                </Field>
              )}
            <Field name="text" label={t.blasts.ownText} faults={faults} hint={t.blasts.textHint}>
              <textarea
                {...tied("text", faults, true)}
                rows={6}
                placeholder="Halo {{name}}, poin Anda: {{points}}."
                hx-ignore
              >
                {values.text}
              </textarea>
            </Field>
          </Panel>
          <Panel title={t.blasts.through} id="devices">
            {fault === undefined ? "" : (
              <p class="fault">
                <Icon name="triangle-alert" />
                <span>{fault}</span>
              </p>
            )}
            {devices.length === 0 && fault === undefined ? <p class="hush">{t.blasts.noDevices}</p> : ""}
            {devices.map((device) => (
              <label class="choice">
                <input
                  type="checkbox"
                  name="devices"
                  value={device.id}
                  checked={values.devices.includes(device.id)}
                />
                <span class="grow">
                  <Foreign text={device.label} max={80} />
                </span>
                <State standing={deviceStanding(device, t)} />
              </label>
            ))}
          </Panel>
          <Panel title={t.blasts.whenToSend} note={cx.f.zone}>
            <Field name="at" label={t.blasts.begins} faults={faults} hint={t.blasts.atHint}>
              <input {...tied("at", faults, true)} type="datetime-local" value={values.at} />
            </Field>
            <Field name="from" label={t.blasts.hours} faults={faults} hint={t.blasts.hoursHint}>
              <div class="row">
                <input {...tied("from", faults, true)} class="time" type="time" value={values.from} />
                <span aria-hidden="true">–</span>
                <input
                  class="time"
                  type="time"
                  name="to"
                  value={values.to}
                  aria-label={t.blasts.hoursTo}
                />
              </div>
            </Field>
          </Panel>
        </div>
      </div>
    </Form>
  );
}
