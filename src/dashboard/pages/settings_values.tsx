import {
  type Setting,
  type SettingName,
  SETTINGS,
  type Settings,
  type SettingSource,
  sourceOf,
} from "../../config.ts";
import type { Cx } from "../cx.ts";
import { WithCode } from "../parts/guide.tsx";
import { Panel } from "../parts/layout.tsx";
import { Table } from "../parts/table.tsx";
import { SETTINGS_ID, SUBJECTS } from "../words/settings.ts";

/** How the gateway is set, by subject; no value of a secret. */
export function SettingValues({ cx, settings }: { readonly cx: Cx; readonly settings: Settings }) {
  const { t, lang } = cx;
  return (
    <>
      <h2 id="values">{t.system.values}</h2>
      <p class="hush">{t.system.valuesNote}</p>
      {SUBJECTS.map(({ name: [en, id], settings: names }) => (
        <Panel title={lang === "id" ? id : en} bare>
          <Table
            cards
            class="settings"
            columns={[t.system.setting, t.system.value, t.system.from]}
          >
            {names.map((name) => (
              <Row cx={cx} name={name} value={settings[name]} source={sourceOf(settings, name)} />
            ))}
          </Table>
        </Panel>
      ))}
    </>
  );
}

function Row({ cx: { t, lang }, name, value, source }: {
  readonly cx: Cx;
  readonly name: SettingName;
  readonly value: unknown;
  readonly source: SettingSource;
}) {
  const { about, secret }: Setting<unknown> = SETTINGS[name];
  const from = { default: t.system.byDefault, environment: t.system.environment, file: t.system.envFile };
  return (
    <tr>
      <td class="whole">
        <code class="wrap">{name}</code>
        <span class="sub">
          <WithCode text={lang === "id" ? SETTINGS_ID[name] : about} />
        </span>
      </td>
      <td>
        {value === undefined
          ? <span class="faint">{t.system.notSet}</span>
          : secret
          ? <span class="tag ok">{t.system.isSet}</span>
          : <code class="wrap">{shown(value)}</code>}
      </td>
      <td class="faint">{from[source]}</td>
    </tr>
  );
}

/** As it was written; a URL without what it may hold of keys. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const url = /^\w+:\/\//.test(text) ? URL.parse(text) : null;
  return url === null ? text : `${url.protocol}//${url.host}${url.pathname}`;
}
