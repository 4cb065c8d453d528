import type { DevicePace } from "../../blasts/device_pace.ts";
import type { Blast, BlastActivity } from "../../store/blasts.ts";
import type { Device } from "../../store/devices.ts";
import type { Cx } from "../cx.ts";
import { deviceStanding } from "../parts/device_state.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Notice, Panel } from "../parts/layout.tsx";
import { State } from "../parts/state.tsx";
import { saidIn } from "../words/gateway_sentences.ts";

/** The devices of a blast: what each sent and how it stands, how fast it sends and how fast it may. */
export function BlastDevices({ cx, blast, devices, paces, activity }: {
  readonly cx: Cx;
  readonly blast: Blast;
  /** Those of the blast that are still there. */
  readonly devices: readonly Device[];
  readonly paces: readonly DevicePace[];
  readonly activity: BlastActivity;
}) {
  const { t, f } = cx;
  const did = new Map(activity.devices.map((each) => [each.deviceId, each]));
  const paceOf = new Map(paces.map((pace) => [pace.deviceId, pace]));
  return (
    <Panel title={t.shell.devices}>
      {devices.map((device) => (
        <div class="row apart blast-device">
          <div class="grow">
            <Foreign text={device.label} max={80} />
            <p class="small faint">
              {t.blasts.deviceDid(
                f.number(did.get(device.id)?.sent ?? 0),
                f.number(did.get(device.id)?.failed ?? 0),
              )}
            </p>
            <Pace cx={cx} pace={paceOf.get(device.id)} isRunning={blast.status === "running"} />
          </div>
          <State standing={deviceStanding(device, t)} />
          {blast.stopped[device.id] === undefined ? "" : (
            <span class="small bad">
              <Foreign text={saidIn(blast.stopped[device.id], cx.lang)} max={200} />
            </span>
          )}
        </div>
      ))}
      {blast.status === "running" && devices.some(({ status }) => status !== "connected")
        ? <Notice tone="info">{t.blasts.nobodyTwice}</Notice>
        : ""}
    </Panel>
  );
}

function Pace({ cx, pace, isRunning }: {
  readonly cx: Cx;
  readonly pace: DevicePace | undefined;
  readonly isRunning: boolean;
}) {
  const { t, f } = cx;
  if (pace === undefined) return "";
  const now = isRunning ? rateShown(pace.perMinute ?? 0, cx) : undefined;
  const allowed = pace.allowedPerMinute === null
    ? t.blasts.noPaceLimit
    : t.blasts.paceAllows(rateShown(pace.allowedPerMinute, cx));
  const bounds = [
    { used: pace.hour, says: t.blasts.ofHour },
    { used: pace.day, says: t.blasts.ofDay },
  ];
  return (
    <>
      <p class="small faint">{now === undefined ? allowed : `${now}, ${allowed}`}</p>
      {bounds.map(({ used, says }) =>
        used === null ? "" : (
          <p class={used.sent >= used.most ? "small warn" : "small faint"}>
            {says(f.number(used.sent), f.number(used.most))}
            {used.sent >= used.most ? `, ${t.blasts.waitsForBound}` : ""}
          </p>
        )
      )}
    </>
  );
}

/** Messages a minute, or in a longer span where these are less than one. */
function rateShown(perMinute: number, { t, f }: Cx): string {
  const tenths = (rate: number) => f.number(Math.round(rate * 10) / 10);
  if (perMinute >= 1 || perMinute === 0) return t.blasts.aMinute(tenths(perMinute));
  const perHour = perMinute * 60;
  return perHour >= 1 ? t.blasts.anHour(tenths(perHour)) : t.blasts.aDay(tenths(perHour * 24));
}
