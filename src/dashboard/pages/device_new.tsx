import type { Cx } from "../cx.ts";
import { type Faults, FaultSummary, Field, Form, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Head, Panel } from "../parts/layout.tsx";

/** The form of a new device. */
export function NewDevicePage({ cx, faults, values }: {
  readonly cx: Cx;
  readonly faults: Faults;
  readonly values: { readonly label: string; readonly alias: string };
}) {
  const { t } = cx;
  return (
    <>
      <Head
        cx={cx}
        title={t.devices.new}
        sub={t.devices.newSub}
        crumbs={[{ to: "/ui/devices", label: t.shell.devices }, { label: t.devices.new }]}
      />
      <FaultSummary cx={cx} faults={faults} />
      <div class="narrow">
        <Panel>
          <Form cx={cx} action="/ui/devices" class="stack">
            <Field name="label" label={t.devices.name} faults={faults}>
              <input
                {...tied("label", faults)}
                value={values.label}
                placeholder={t.devices.namePlaceholder}
                autocomplete="off"
                autofocus={faults.size === 0}
              />
            </Field>
            <Field name="alias" label={t.devices.alias} faults={faults} hint={t.devices.aliasHint}>
              <input
                {...tied("alias", faults, true)}
                class="mono"
                value={values.alias}
                autocomplete="off"
                spellcheck={false}
              />
            </Field>
            <div class="row">
              <button class="button main" type="submit">
                <Icon name="qr-code" />
                {t.devices.create}
              </button>
              <a class="button" href="/ui/devices">{t.shell.cancel}</a>
            </div>
          </Form>
        </Panel>
      </div>
    </>
  );
}
