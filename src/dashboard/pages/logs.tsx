import { Hono } from "@hono/hono";
import type { Child } from "@hono/hono/jsx";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { LogLevel, SystemLog, SystemLogLine } from "../../store/system_log.ts";
import type { Cx } from "../cx.ts";
import { draw } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { Icon } from "../parts/icon.tsx";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { Empty, Head, Older, Panel, Segments } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { Ago } from "../parts/time.tsx";

const PAGE = 50;
const LONGEST = 200;
/** Lines of a file. */
const MOST_IN_FILE = 5_000;
const LEVELS = ["error", "warn", "info"] as const satisfies readonly LogLevel[];
const TONES = { error: "bad", warn: "warn", info: "info", debug: "idle" } as const;
/** Where the facts of a line lead, by their prefix. */
const PLACES = [
  [/^wh_\w+$/, "/ui/webhooks/"],
  [/^device_[\w.-]+$/, "/ui/devices/"],
  [/^dlv_\w+$/, "/ui/deliveries/"],
  [/^evt_\w+$/, "/ui/events/"],
  [/^msg_\w+$/, "/ui/messages/"],
  [/^blast_\w+$/, "/ui/blasts/"],
] as const;

/** The log: all of it for the operator, and for others what is about their own doings. */
export function createLogPages({ systemLog }: { readonly systemLog: Pick<SystemLog, "list"> }): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const askedOf = (c: UiContext) => {
    const { visit } = c.get("cx");
    const level = LEVELS.find((one) => one === c.req.query("level"));
    const text = (c.req.query("q") ?? "").trim().slice(0, LONGEST);
    const isOperator = visit.tenant.id === DEFAULT_TENANT && !visit.isStandIn;
    return {
      level,
      text,
      isOperator,
      filter: {
        level,
        text: text === "" ? undefined : text,
        tenantId: isOperator ? undefined : visit.tenant.id,
      },
    };
  };

  routes.get("/logs.jsonl", async (c) => {
    const lines = await systemLog.list(askedOf(c).filter, { limit: MOST_IN_FILE });
    const shown = lines.map(({ id, level, message, metadata, createdAt }) =>
      JSON.stringify({ id, at: new Date(createdAt).toISOString(), level, message, metadata })
    );
    return c.body(shown.map((line) => `${line}\n`).join(""), 200, {
      "Content-Type": "application/jsonl; charset=utf-8",
      "Content-Disposition": 'attachment; filename="logs.jsonl"',
    });
  });

  routes.get("/logs", async (c) => {
    const cx = c.get("cx");
    const cursor = c.req.query("before") ?? "";
    const before = /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
    const { level, text, isOperator, filter } = askedOf(c);
    const lines = await systemLog.list(filter, { limit: PAGE + 1, before });
    return await draw(c, {
      title: cx.t.shell.logs,
      at: "logs",
      live: before === undefined && text === "" ? true : undefined,
      main: <LogsPage cx={cx} lines={lines} level={level} text={text} isOperator={isOperator} />,
    });
  });
  return routes;
}

function LogsPage({ cx, lines: found, level, text, isOperator }: {
  readonly cx: Cx;
  readonly lines: readonly SystemLogLine[];
  readonly level: LogLevel | undefined;
  readonly text: string;
  readonly isOperator: boolean;
}) {
  const { t } = cx;
  const lines = found.slice(0, PAGE);
  const url = (change: Readonly<Record<string, string>>, path = "/ui/logs") => {
    const query = new URLSearchParams({
      ...(level && { level }),
      ...(text !== "" && { q: text }),
      ...change,
    });
    for (const [name, value] of [...query]) if (value === "") query.delete(name);
    return query.size === 0 ? path : `${path}?${query}`;
  };
  return (
    <>
      <Head
        cx={cx}
        title={t.shell.logs}
        sub={isOperator ? t.events.logsSub : t.events.logsOwnSub}
        actions={lines.length === 0 ? undefined : (
          <a class="button" href={url({}, "/ui/logs.jsonl")} download>
            <Icon name="download" />
            {t.shell.download}
          </a>
        )}
      />
      <Segments
        label={t.events.level}
        options={[
          { to: url({ level: "" }), label: t.events.anyLevel, on: level === undefined },
          ...LEVELS.map((one) => ({ to: url({ level: one }), label: one, on: one === level })),
        ]}
      />
      <form class="row" action="/ui/logs">
        {level === undefined ? "" : <input type="hidden" name="level" value={level} />}
        <input
          name="q"
          type="search"
          value={text}
          placeholder={t.events.logFind}
          aria-label={t.events.logFind}
          hx-ignore
        />
        <button class="button" type="submit">{t.shell.find}</button>
        {text === "" ? "" : (
          <a class="chip on" href={url({ q: "" })}>
            <Foreign text={text} max={40} />
            <Icon name="x" />
          </a>
        )}
      </form>
      <Panel bare>
        <Live id="lines">
          {lines.length === 0 && text !== ""
            ? <p class="pad hush">{t.shell.nothingMatches}</p>
            : lines.length === 0
            ? (
              <Empty icon="scroll-text" title={t.events.noLogs}>
                {isOperator ? t.events.noLogsWhy : t.events.noOwnLogsWhy}
              </Empty>
            )
            : (
              <ul class="items">
                {lines.map((line) => (
                  <li>
                    <span class={`tag ${TONES[line.level]}`}>{line.level}</span>
                    <span class="grow">
                      <Foreign text={line.message} max={200} />
                      <span class="row small">
                        {Object.entries(line.metadata ?? {}).slice(0, 8).map(([name, value]) => (
                          <span class="faint">
                            {name} <Fact value={value} />
                          </span>
                        ))}
                      </span>
                    </span>
                    <Ago cx={cx} at={line.createdAt} />
                  </li>
                ))}
              </ul>
            )}
        </Live>
        <Older
          cx={cx}
          to={found.length <= PAGE ? undefined : url({ before: String(lines[PAGE - 1].id) })}
        />
      </Panel>
    </>
  );
}

function Fact({ value }: { readonly value: unknown }): Child {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  const place = PLACES.find(([pattern]) => pattern.test(text));
  const shown = <ForeignCode text={text} max={80} />;
  if (place !== undefined) return <a href={place[1] + text}>{shown}</a>;
  // an id that has no page of its own: the lines that have it, too
  return /^(?=.*\d)[\w-]{8,80}$/.test(text)
    ? <a href={`/ui/logs?q=${encodeURIComponent(text)}`}>{shown}</a>
    : shown;
}
