import type { BlastTurn } from "../../store/blasts.ts";
import type { Device } from "../../store/devices.ts";
import type { Cx } from "../cx.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Panel } from "../parts/layout.tsx";
import { type Standing, State } from "../parts/state.tsx";
import { Clock } from "../parts/time.tsx";
import { saidIn } from "../words/gateway_sentences.ts";

/** Turns that are seen at once; older ones are folded. */
const SHOWN = 6;

/** When a blast was paused and went on, newest first, and who or what did it. */
export function Turns({ cx, turns, devices, keyNames }: {
  readonly cx: Cx;
  /** Oldest first. */
  readonly turns: readonly BlastTurn[];
  readonly devices: readonly Device[];
  /** The names of keys by their ids. */
  readonly keyNames: ReadonlyMap<string, string>;
}) {
  const { t, f } = cx;
  const newest = turns.toReversed();
  const row = (turn: BlastTurn) => (
    <li class="row apart">
      <div class="grow">
        <State standing={turnStanding(turn, cx)} />
        <p class="small faint">
          <Why cx={cx} turn={turn} devices={devices} keyNames={keyNames} />
        </p>
      </div>
      <span class="small">
        <Clock cx={cx} at={turn.at} />
      </span>
    </li>
  );
  return (
    <Panel title={t.blasts.turns}>
      <ol class="stack tight">{newest.slice(0, SHOWN).map(row)}</ol>
      {newest.length <= SHOWN ? "" : (
        <details class="unfold">
          <summary>{t.blasts.olderTurns(f.number(newest.length - SHOWN))}</summary>
          <ol class="stack tight pad-y">{newest.slice(SHOWN).map(row)}</ol>
        </details>
      )}
    </Panel>
  );
}

function turnStanding({ what }: BlastTurn, { t }: Cx): Standing {
  switch (what) {
    case "paused":
      return { word: t.blasts.paused, icon: "pause", tone: "warn" };
    case "resumed":
      return { word: t.blasts.wentOn, icon: "play", tone: "info" };
    case "cancelled":
      return { word: t.blasts.cancelled, icon: "ban", tone: "idle" };
    case "device_stopped":
      return { word: t.blasts.withoutDevice, icon: "unplug", tone: "warn" };
    case "again":
      return { word: t.blasts.turnAgain, icon: "rotate-cw", tone: "info" };
  }
}

function Why({ cx, turn, devices, keyNames }: {
  readonly cx: Cx;
  readonly turn: BlastTurn;
  readonly devices: readonly Device[];
  readonly keyNames: ReadonlyMap<string, string>;
}) {
  const { t, lang } = cx;
  const { by, deviceId, reason } = turn;
  if (by !== null) {
    const places: Readonly<Record<string, string>> = {
      own_key: t.blasts.byOwnKey,
      dashboard: t.blasts.byDashboard,
      operator: t.blasts.byOperator,
    };
    return <Foreign text={places[by] ?? t.blasts.byKey(keyNames.get(by) ?? by)} max={160} />;
  }
  const device = devices.find(({ id }) => id === deviceId);
  const said = saidIn(reason ?? "", lang);
  return <Foreign text={device === undefined ? said : `${device.label}: ${said}`} max={300} />;
}
