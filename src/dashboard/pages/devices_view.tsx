import type { Child } from "@hono/hono/jsx";
import type { Device } from "../../store/devices.ts";
import type { Cx } from "../cx.ts";
import { deviceStanding } from "../parts/device_state.ts";
import { type Faults, FaultSummary, NO_FAULTS, Search } from "../parts/form.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Add, EmptyPage, Head, Panel } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { phoneShown } from "../parts/phone.ts";
import { State } from "../parts/state.tsx";
import { Ago } from "../parts/time.tsx";
import type { DeviceFacts } from "./device_facts.ts";
import { type Asked, Asking } from "./device_ask.tsx";
import { DeviceSettings, type DeviceSettingValues, settingValuesOf } from "./device_settings.tsx";
import { OneDevice } from "./device_view.tsx";

/** Devices of the list; more are found by their names. */
const SHOWN = 200;

interface ListFacts {
  readonly found: readonly Device[];
  readonly connected: number;
  readonly total: number;
}

/** The list, and one device beside it; on phones one or the other. */
export function DevicePage({ cx, list, query, facts, chosen, asked, faults, phone, settings }: {
  readonly cx: Cx;
  readonly list: ListFacts;
  readonly query: string;
  readonly facts: DeviceFacts | undefined;
  readonly chosen: boolean;
  readonly asked: Asked | undefined;
  readonly faults: Faults;
  readonly phone: string;
  /** What was written into the form of its settings. */
  readonly settings: DeviceSettingValues | undefined;
}) {
  const { t, f } = cx;
  const add = <Add to="/ui/devices/new">{t.devices.add}</Add>;
  if (list.total === 0) {
    return (
      <EmptyPage cx={cx} page={t.shell.devices} icon="smartphone" title={t.devices.emptyTitle} action={add}>
        {t.devices.empty}
      </EmptyPage>
    );
  }
  const sub = (
    <Live id="sub" class="sub">{t.devices.connectedOf(f.number(list.connected), f.number(list.total))}</Live>
  );
  return (
    <>
      <Head
        cx={cx}
        title={t.shell.devices}
        sub={sub}
        actions={chosen ? <span class="unlisted">{add}</span> : add}
        crumbs={chosen
          ? [{ to: "/ui/devices", label: t.shell.devices }, {
            label: facts === undefined ? "" : <Foreign text={facts.device.label} max={60} />,
          }]
          : []}
      />
      <FaultSummary cx={cx} faults={asked === "delete" ? NO_FAULTS : faults} />
      <div class="list-one">
        <div class={chosen ? "unlisted" : ""}>
          <Panel label={t.devices.list} bare>
            <Search action="/ui/devices" label={t.devices.find} value={query} />
            <Live id="devices">
              <DeviceList cx={cx} devices={list.found} current={facts?.device.id} />
            </Live>
          </Panel>
        </div>
        <div class={chosen ? "stack" : "stack unlisted"}>
          {facts === undefined ? "" : (
            <>
              {asked === undefined
                ? ""
                : <Asking cx={cx} device={facts.device} asked={asked} faults={faults} />}
              <Live id="device">
                <OneDevice cx={cx} facts={facts} faults={faults} phone={phone} />
              </Live>
              {facts.device.kind !== "whatsapp" ? "" : (
                <DeviceSettings
                  cx={cx}
                  device={facts.device}
                  proxy={facts.proxy}
                  values={settings ?? settingValuesOf(facts.device)}
                  faults={faults}
                />
              )}
            </>
          )}
        </div>
      </div>
    </>
  );
}

function DeviceList({ cx, devices, current }: {
  readonly cx: Cx;
  readonly devices: readonly Device[];
  readonly current: string | undefined;
}) {
  const { t } = cx;
  if (devices.length === 0) {
    return (
      <p class="pad hush">
        {t.shell.nothingMatches} <a href="/ui/devices">{t.shell.clearAll}</a>
      </p>
    );
  }
  return (
    <ul class="picks" tabindex={0}>
      {devices.slice(0, SHOWN).map((device) => (
        <li>
          <a href={`/ui/devices/${device.id}`} aria-current={device.id === current ? "true" : undefined}>
            <span class="grow">
              <span class="cut name">
                <Foreign text={device.label} max={100} />
              </span>
              <span class="cut small faint">{lineOf(cx, device)}</span>
            </span>
            <State standing={deviceStanding(device, t)} />
          </a>
        </li>
      ))}
      {devices.length <= SHOWN
        ? ""
        : <li class="pad small hush">{t.devices.narrow(cx.f.number(devices.length - SHOWN))}</li>}
    </ul>
  );
}

function lineOf(cx: Cx, device: Device): Child {
  const { t } = cx;
  if (device.phoneNumber !== null) return <span class="tabular">{phoneShown(device.phoneNumber)}</span>;
  if (device.disconnectedAt !== null) return <Ago cx={cx} at={device.disconnectedAt} />;
  return device.kind === "whatsapp" ? t.devices.neverLinked : t.devices.external;
}
