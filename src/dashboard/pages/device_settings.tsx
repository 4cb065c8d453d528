import { InvalidError } from "../../errors.ts";
import type { OwnersChange } from "../../devices/devices.ts";
import type { Device, Pacing } from "../../store/devices.ts";
import type { ShownProxy } from "../../store/device_proxies.ts";
import type { Cx } from "../cx.ts";
import type { Sent } from "../http/forms.ts";
import { type Faults, Field, Form, tied } from "../parts/form.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Notice, Panel } from "../parts/layout.tsx";
import { saidIn } from "../words/gateway_sentences.ts";

const MAX_GAP_SECONDS = 300;

/** What the form holds, as it was written. */
export interface DeviceSettingValues {
  readonly paced: boolean;
  /** Seconds. */
  readonly minGap: string;
  readonly maxGap: string;
  readonly typing: boolean;
  /** A new proxy; empty: it stays as it is. */
  readonly proxy: string;
  readonly noProxy: boolean;
}

export function settingValuesOf({ pacing }: Device): DeviceSettingValues {
  return {
    paced: pacing !== null,
    minGap: String((pacing?.minGapMs ?? 1_000) / 1_000),
    maxGap: String((pacing?.maxGapMs ?? 4_000) / 1_000),
    typing: pacing?.typing ?? true,
    proxy: "",
    noProxy: false,
  };
}

export function settingValuesIn(form: Sent): DeviceSettingValues {
  return {
    paced: form.has("paced"),
    minGap: form.text("minGap"),
    maxGap: form.text("maxGap"),
    typing: form.has("typing"),
    proxy: form.text("proxy"),
    noProxy: form.has("noProxy"),
  };
}

/** What the form asks for, or what is wrong with it. */
export function settingsAsked(
  values: DeviceSettingValues,
  { t }: Cx,
): { readonly change?: OwnersChange; readonly faults: Faults } {
  const [min, max] = [values.minGap, values.maxGap].map((text) => Number(text.replace(",", ".")) * 1_000);
  const isGap = (ms: number) => Number.isInteger(ms) && ms >= 0 && ms <= MAX_GAP_SECONDS * 1_000;
  if (values.paced && !(isGap(min) && isGap(max) && min <= max)) {
    return { faults: new Map([["minGap", t.devices.gapWrong]]) };
  }
  const pacing: Pacing | null = values.paced ? { minGapMs: min, maxGapMs: max, typing: values.typing } : null;
  const proxy = values.noProxy ? null : values.proxy === "" ? undefined : values.proxy;
  return { change: { pacing, ...(proxy !== undefined && { proxy }) }, faults: new Map() };
}

/** What a refused proxy is told of; whatever else goes on. */
export function proxyFault(error: unknown, { t }: Cx): Faults {
  if (error instanceof InvalidError) return new Map([["proxy", t.devices.proxyWrong]]);
  throw error;
}

/** How fast a device sends, and by which way it connects. */
export function DeviceSettings({ cx, device, proxy, values, faults }: {
  readonly cx: Cx;
  readonly device: Device;
  readonly proxy: ShownProxy | undefined;
  readonly values: DeviceSettingValues;
  readonly faults: Faults;
}) {
  const { t } = cx;
  return (
    <Panel title={t.devices.settings} id="settings">
      <Form cx={cx} action={`/ui/devices/${device.id}/settings`} class="stack">
        <fieldset class="stack tight">
          <legend class="label">{t.devices.pacing}</legend>
          <label class="choice">
            <input type="checkbox" name="paced" checked={values.paced} />
            <span>{t.devices.paced}</span>
          </label>
          <div class="two">
            <Field name="minGap" label={t.devices.minGap} faults={faults}>
              <input
                {...tied("minGap", faults)}
                inputmode="decimal"
                value={values.minGap}
                autocomplete="off"
              />
            </Field>
            <Field name="maxGap" label={t.devices.maxGap}>
              <input {...tied("maxGap")} inputmode="decimal" value={values.maxGap} autocomplete="off" />
            </Field>
          </div>
          <label class="choice">
            <input type="checkbox" name="typing" checked={values.typing} />
            <span>{t.devices.typing}</span>
          </label>
        </fieldset>
        <fieldset class="stack tight">
          <legend class="label">{t.devices.proxy}</legend>
          {proxy === undefined ? <p class="hush">{t.devices.noProxy}</p> : (
            <p>
              <code class="wrap">{proxy.address}</code>
              {proxy.hasCredentials ? ` ${t.devices.withPassword}` : ""}
            </p>
          )}
          {proxy?.error == null ? "" : (
            <Notice tone="warn">
              <Foreign text={saidIn(proxy.error, cx.lang)} max={300} />
            </Notice>
          )}
          <Field name="proxy" label={t.devices.newProxy} faults={faults} hint={t.devices.proxyHint}>
            <input
              {...tied("proxy", faults, true)}
              class="mono"
              value={values.proxy}
              placeholder="socks5://proxy.example:1080"
              autocomplete="off"
              spellcheck={false}
              hx-ignore
            />
          </Field>
          {proxy === undefined ? "" : (
            <label class="choice">
              <input type="checkbox" name="noProxy" checked={values.noProxy} />
              <span>{t.devices.dropProxy}</span>
            </label>
          )}
        </fieldset>
        <div class="row">
          <button class="button" type="submit">{t.shell.save}</button>
        </div>
      </Form>
    </Panel>
  );
}
