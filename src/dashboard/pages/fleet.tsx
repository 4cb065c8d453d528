import { Hono } from "@hono/hono";
import { NotFoundError } from "../../errors.ts";
import type { FleetShown } from "../../http/shapes/fleet.ts";
import type { Cx } from "../cx.ts";
import { draw } from "../http/draw.tsx";
import type { UiEnv } from "../http/env.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Head, Notice, Panel } from "../parts/layout.tsx";
import { State } from "../parts/state.tsx";
import { Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";

/** Devices that are listed; a fleet may hold thousands, and who holds one is told by its own page's gateway. */
const MOST_DEVICES = 200;

export interface FleetPageDeps {
  /** Who works on the store, as it is now. */
  readonly fleet: () => Promise<FleetShown>;
}

/** The gateways that work together, for whoever signed in with the master key. For all others it does not exist. */
export function createFleetPages({ fleet }: FleetPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  routes.get("/fleet", async (c) => {
    const cx = c.get("cx");
    const { isOperator, isStandIn } = cx.visit;
    if (!isOperator || isStandIn) throw new NotFoundError("page", c.req.path);
    return await draw(c, {
      title: cx.t.fleet.title,
      at: "fleet",
      main: <FleetView cx={cx} fleet={await fleet()} />,
    });
  });

  return routes;
}

function FleetView(
  { cx, fleet: { gateways, devices, tasks } }: { readonly cx: Cx; readonly fleet: FleetShown },
) {
  const { t, f } = cx;
  const unheldFirst = devices.toSorted((a, b) => Number(a.gateway !== null) - Number(b.gateway !== null));
  return (
    <>
      <Head cx={cx} title={t.fleet.title} sub={t.fleet.sub} />
      {gateways.filter(({ differing }) => differing.length > 0).map(({ name, differing }) => (
        <Notice tone="warn">
          <b>{t.fleet.differ(name, differing.join(", "))}</b> {t.fleet.differWhy}
        </Notice>
      ))}
      <Panel label={t.fleet.title} bare>
        <Table
          columns={[
            t.fleet.gateway,
            t.fleet.state,
            { name: t.fleet.devices, look: "num" },
            { name: t.fleet.roles, look: "unlisted" },
            { name: t.fleet.weight, look: "num unlisted" },
            { name: t.fleet.version, look: "unlisted" },
            { name: t.fleet.since, look: "unlisted" },
          ]}
        >
          {gateways.map((gateway) => (
            <tr>
              <td>
                <Foreign text={gateway.name} max={60} />
                {gateway.isThis ? <span class="sub">{t.fleet.thisOne}</span> : ""}
              </td>
              <td>
                <State
                  standing={gateway.draining
                    ? { word: t.fleet.draining, icon: "log-out", tone: "warn" }
                    : { word: t.fleet.beating, icon: "circle-check", tone: "ok" }}
                />
              </td>
              <td class="num">{f.number(gateway.devices)}</td>
              <td class="unlisted">{gateway.roles.join(", ")}</td>
              <td class="num unlisted">{f.number(gateway.weight)}</td>
              <td class="unlisted">{gateway.version}</td>
              <td class="unlisted">
                <Ago cx={cx} at={gateway.startedAt} />
              </td>
            </tr>
          ))}
        </Table>
      </Panel>
      <div class="two">
        <Held
          cx={cx}
          title={t.fleet.devices}
          what={t.fleet.device}
          empty={t.fleet.noDevices}
          rows={unheldFirst.slice(0, MOST_DEVICES).map(({ deviceId, gateway }) => ({
            name: deviceId,
            gateway,
          }))}
          more={Math.max(0, devices.length - MOST_DEVICES)}
        />
        {tasks.length === 0 ? "" : (
          <Held
            cx={cx}
            title={t.fleet.tasks}
            note={t.fleet.tasksNote}
            what={t.fleet.task}
            rows={tasks.map(({ task, gateway }) => ({ name: task, gateway }))}
          />
        )}
      </div>
    </>
  );
}

function Held({ cx: { t, f }, title, note, what, rows, empty, more = 0 }: {
  readonly cx: Cx;
  readonly title: string;
  readonly note?: string;
  readonly what: string;
  readonly rows: readonly { readonly name: string; readonly gateway: string | null }[];
  readonly empty?: string;
  readonly more?: number;
}) {
  return (
    <Panel title={title} note={note} bare foot={more === 0 ? undefined : t.fleet.more(f.number(more))}>
      {rows.length === 0
        ? (
          <div class="body">
            <p class="hush">{empty}</p>
          </div>
        )
        : (
          <Table columns={[what, t.fleet.gateway]} label={title}>
            {rows.map(({ name, gateway }) => (
              <tr>
                <td class="mono">{name}</td>
                <td class={gateway === null ? "warn" : ""}>
                  {gateway === null ? t.fleet.nobody : <Foreign text={gateway} max={60} />}
                </td>
              </tr>
            ))}
          </Table>
        )}
    </Panel>
  );
}
