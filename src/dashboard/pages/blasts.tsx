import { Hono } from "@hono/hono";
import { type BlastCheck, checkBlast, mended } from "../../blasts/check.ts";
import { knownUnsentOf } from "../../blasts/again.ts";
import type { BlastControl, BlastProgress } from "../../blasts/control.ts";
import { intoRows } from "../../blasts/number_signs.ts";
import { decodeTable, isTooLong, lacksNames, readTable, type Table } from "../../blasts/csv.ts";
import { YEAR_MS } from "../../messages/leaving.ts";
import type { BlastDraft, BlastDrafts } from "../../blasts/list_drafts.ts";
import type { DeviceService } from "../../devices/devices.ts";
import type { TenantId } from "../../ids.ts";
import type { Keyring } from "../../tenants/keyring.ts";
import type { Visit } from "../../tenants/sessions.ts";
import type { Blast, BlastActivity, BlastReplies, Blasts, BlastTurn, Pace } from "../../store/blasts.ts";
import type { Templates } from "../../store/templates.ts";
import type { MessageFilter, Messages } from "../../store/messages.ts";
import { atOf } from "../local_time.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { offsetIn } from "../http/offset.ts";
import { readForm, type Sent } from "../http/forms.ts";
import { type Faults, NO_FAULTS } from "../parts/form.tsx";
import { CheckPage, kindWord, numberSays } from "./blast_check_view.tsx";
import { NewBlastPage, type NewBlastValues } from "./blast_new_view.tsx";
import { BlastList, OneBlast, PEOPLE_CHOICES, type PeopleChoice } from "./blasts_view.tsx";
import { csvCell } from "../csv_cell.ts";

const PAGE = 50;
const MOST_DEVICES = 200;
/** As many of a blast's failed ones begin a new one. */
const MOST_AGAIN = 50_000;
/** Minutes of a chart. */
/** People whose conversations are looked at for replies: larger blasts are not counted while somebody watches. */
const MOST_LOOKED_AT = 20_000;
const MINUTES = 60;
const COUNTED_MS = 5_000;
const BLANK = { text: "", list: "", template: "", at: "", from: "", to: "" };

/** Which messages each choice of people shows. */
const PEOPLE: Readonly<Record<PeopleChoice, Pick<MessageFilter, "status" | "reached">>> = {
  sent: { reached: "sent" },
  delivered: { reached: "delivered" },
  read: { reached: "read" },
  failed: { status: "failed" },
  queued: { status: "queued" },
};

/** What a blast's page shows beside its counts, as it was a moment ago. */
interface SeenBlast {
  readonly at: number;
  readonly activity: BlastActivity;
  readonly replies: BlastReplies | undefined;
}

export interface BlastPageDeps {
  readonly devices: DeviceService;
  readonly blasts: Pick<Blasts, "list" | "counts" | "activity" | "replies">;
  readonly templates: Pick<Templates, "list" | "get">;
  readonly blastControl: BlastControl;
  readonly keyring: Pick<Keyring, "list">;
  readonly blastDrafts: BlastDrafts;
  readonly blastPace: Pace;
  readonly submitBlast: (request: {
    readonly tenantId: TenantId;
    readonly recipients: readonly {
      readonly phone: string;
      readonly name?: string;
      readonly row?: number;
      readonly variables: Readonly<Record<string, string>>;
    }[];
    readonly fields: Readonly<Record<string, unknown>>;
    readonly idempotencyKey: string;
  }) => Promise<Blast>;
  readonly messages: Pick<Messages, "list">;
  readonly countryCode: string;
}

/** Many messages from one list: write, check every row, send, follow. */
export function createBlastPages(deps: BlastPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const linked = async (tenantId: TenantId) => {
    const { devices } = await deps.devices.list(tenantId, { limit: MOST_DEVICES, offset: 0 });
    return devices.filter(({ kind, jid }) => kind === "whatsapp" && jid !== null);
  };

  routes.get("/blasts", async (c) => {
    const cx = c.get("cx");
    const offset = offsetIn(c);
    const found = await deps.blasts.list(cx.visit.tenant.id, { limit: PAGE + 1, offset });
    const rows = await Promise.all(
      found.slice(0, PAGE).map(async (blast) => ({ blast, counts: await deps.blasts.counts(blast.id) })),
    );
    const next = found.length > PAGE ? offset + PAGE : undefined;
    const main = <BlastList cx={cx} rows={rows} next={next} />;
    return await draw(c, { title: cx.t.shell.blasts, at: "blasts", live: true, main });
  });

  const drawNew = async (
    c: UiContext,
    values: NewBlastValues,
    faults: Faults = NO_FAULTS,
  ) => {
    const cx = c.get("cx");
    const devices = await linked(cx.visit.tenant.id);
    const templates = (await deps.templates.list(cx.visit.tenant.id)).filter(({ body }) => body !== "");
    const main = (
      <NewBlastPage cx={cx} values={values} faults={faults} devices={devices} templates={templates} />
    );
    return await draw(c, {
      title: cx.t.blasts.new,
      at: "blasts",
      status: faults.size === 0 ? 200 : 422,
      main,
    });
  };

  routes.get("/blasts/new", async (c) => {
    const devices = await linked(c.get("cx").visit.tenant.id);
    return await drawNew(c, {
      ...BLANK,
      template: c.req.query("template") ?? "",
      devices: devices.slice(0, 1).map(({ id }) => id),
    });
  });

  routes.post("/blasts/drafts", async (c) => {
    const cx = c.get("cx");
    const { t, visit } = cx;
    const form = await readForm(c, undefined);
    const file = form.file("file");
    const list = form.asSent("list");
    const text = form.asSent("text").replaceAll("\r\n", "\n").trim();
    const mine = new Set((await linked(visit.tenant.id)).map(({ id }) => id));
    const chosen = form.all("devices").filter((id) => mine.has(id));
    const faults = new Map<string, string>();
    let table: Table = { separator: ",", header: [], rows: [] };
    if (file === undefined && list.trim() === "") faults.set("file", t.blasts.noFile);
    else {
      table = readTable(file === undefined ? list : decodeTable(new Uint8Array(await file.arrayBuffer())));
      if (table.rows.length === 0) faults.set("file", t.blasts.noRows);
      if (lacksNames(table)) faults.set("file", t.blasts.noNames);
      if (isTooLong(table)) faults.set("file", t.blasts.tooLong);
    }
    const { template: templateId, at, from, to } = whenAndWhat(form);
    const template = templateId === "" ? undefined : await deps.templates.get(visit.tenant.id, templateId);
    if (templateId === "" && text === "") faults.set("text", t.blasts.noText);
    if (templateId !== "" && (template?.body ?? "") === "") faults.set("template", t.blasts.noTemplate);
    const scheduledAt = at === "" ? null : atOf(at, cx.f);
    if (scheduledAt !== null && !(scheduledAt > cx.now)) faults.set("at", t.blasts.atWrong);
    if (scheduledAt !== null && scheduledAt > cx.now + YEAR_MS) faults.set("at", t.blasts.atFar);
    const isWindow = from !== "" || to !== "";
    if (isWindow && !(isTime(from) && isTime(to) && from !== to)) faults.set("from", t.blasts.windowWrong);
    if (chosen.length === 0) faults.set("devices", mine.size === 0 ? t.blasts.noDevices : t.blasts.noDevice);
    if (faults.size > 0) {
      const values = { text, list, devices: chosen, template: templateId, at, from, to };
      return await drawNew(c, values, faults);
    }
    const draft = await deps.blastDrafts.keep({
      tenantId: visit.tenant.id,
      fileName: file?.name.slice(0, 200) ?? t.blasts.pasted,
      table,
      text: template?.body ?? text,
      templateId: template?.id ?? null,
      deviceIds: chosen,
      scheduledAt,
      window: isWindow ? { from, to, timeZone: cx.f.zone } : null,
    });
    return goTo(c, `/ui/blasts/drafts/${draft.id}`);
  });

  const drawCheck = async (
    c: UiContext,
    draft: BlastDraft,
    check: BlastCheck,
    asks: boolean,
    fault?: string,
  ) => {
    const cx = c.get("cx");
    const devices = (await linked(draft.tenantId)).filter(({ id }) => draft.deviceIds.includes(id));
    const person = Math.max(
      0,
      Math.min(check.recipients.length - 1, Number(c.req.query("person") ?? 0) || 0),
    );
    const show = c.req.query("show");
    return await draw(c, {
      title: cx.t.blasts.checkTitle,
      at: "blasts",
      status: fault === undefined ? 200 : 422,
      main: (
        <CheckPage
          cx={cx}
          draft={draft}
          check={check}
          devices={devices}
          pace={deps.blastPace}
          show={show === "check" || show === "cannot" ? show : "all"}
          from={offsetIn(c)}
          person={person}
          asks={asks}
          fault={fault}
        />
      ),
    });
  };

  /** A draft as it would be sent now: a template's text may have changed. */
  const checked = async (c: UiContext, id: string) => {
    const kept = await deps.blastDrafts.get(c.get("cx").visit.tenant.id, id);
    const template = kept.templateId === null
      ? undefined
      : await deps.templates.get(kept.tenantId, kept.templateId);
    const draft = { ...kept, text: template?.body ?? kept.text, templateId: template?.id ?? null };
    return { draft, check: checkBlast(draft.table, draft.text, deps.countryCode) };
  };

  routes.get("/blasts/drafts/:id", async (c) => {
    const { draft, check } = await checked(c, c.req.param("id"));
    return await drawCheck(c, draft, check, c.req.query("ask") === "send" && check.recipients.length > 0);
  });

  routes.post("/blasts/drafts/:id/send", async (c) => {
    const { t } = c.get("cx");
    const { draft, check } = await checked(c, c.req.param("id"));
    const typed = (await readForm(c, undefined)).text("must").replaceAll(/[.,\s]/g, "");
    if (check.recipients.length === 0) return await drawCheck(c, draft, check, false);
    if (typed !== String(check.recipients.length)) {
      return await drawCheck(c, draft, check, true, t.blasts.numberWrong);
    }
    const blast = await deps.submitBlast({
      tenantId: draft.tenantId,
      recipients: check.recipients.map(({ line, phone, name, variables }) => ({
        phone: `+${phone}`,
        name,
        row: line,
        variables,
      })),
      fields: {
        channels: ["whatsapp"],
        devices: draft.deviceIds,
        ...(draft.templateId === null ? { message: draft.text } : { templateId: draft.templateId }),
        ...(draft.scheduledAt !== null && draft.scheduledAt > c.get("cx").now &&
          { scheduledAt: new Date(draft.scheduledAt).toISOString() }),
        ...(draft.window !== null && { window: draft.window }),
      },
      idempotencyKey: draft.id, // a form that is sent twice makes one blast
    });
    return goTo(c, `/ui/blasts/${blast.id}`);
  });

  routes.post("/blasts/drafts/:id/fix", async (c) => {
    const { draft, check } = await checked(c, c.req.param("id"));
    const form = await readForm(c, undefined);
    const cells = form.names().flatMap((name) => {
      const [, line, column] = /^cell\.(\d+)\.(\d+)$/.exec(name) ?? [];
      return line === undefined
        ? []
        : [{ line: Number(line), column: Number(column), text: form.asSent(name) }];
    });
    const to = `/ui/blasts/drafts/${draft.id}`;
    const table = mended(draft.table, cells);
    const split = form.text("split");
    if (split === "") {
      await deps.blastDrafts.change({ ...draft, table });
      return goTo(c, to);
    }
    const places = { column: check.phoneIndex, countryCode: deps.countryCode };
    const made = intoRows(table, Number(split), places);
    await deps.blastDrafts.change({ ...draft, table: made?.table ?? table });
    const { t } = c.get("cx");
    return goTo(c, to, made === undefined ? t.blasts.notSplit : t.blasts.didSplit(made.lines.join(", ")));
  });

  routes.get("/blasts/drafts/:id/problems.csv", async (c) => {
    const { draft, check } = await checked(c, c.req.param("id"));
    const { t, lang } = c.get("cx");
    const lines = check.findings.map((finding) =>
      [
        String(finding.line),
        finding.given,
        finding.name ?? "",
        kindWord(finding.kind, t),
        finding.kind === "number" ? numberSays(finding, { t, lang }) : finding.detail,
      ].map(csvCell).join(",") + "\r\n"
    );
    return c.body("row,as_in_file,name,problem,detail\r\n" + lines.join(""), 200, {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="${draft.id}-problems.csv"`,
    });
  });

  routes.post("/blasts/:id/again", async (c) => {
    const { t, visit } = c.get("cx");
    const form = await readForm(c, undefined);
    const id = c.req.param("id");
    await deps.blastControl.again(visit.tenant.id, id, whoVisits(visit), form.text("message"));
    const state = form.text("state");
    return goTo(
      c,
      `/ui/blasts/${id}${state === "" ? "" : `?state=${encodeURIComponent(state)}`}`,
      t.blasts.didAgain,
    );
  });

  routes.post("/blasts/:id/anew", async (c) => {
    const { t, f, visit } = c.get("cx");
    const { blast } = await deps.blastControl.progress(visit.tenant.id, c.req.param("id"));
    const rows: Table["rows"][number][] = [];
    for await (const some of knownUnsentOf(blast, deps.messages)) {
      for (const { to, recipientPhone, recipientName, content } of some) {
        const text = "text" in content ? content.text ?? "" : "";
        rows.push({ line: rows.length + 2, cells: [recipientName ?? "", recipientPhone ?? to, text] });
      }
      if (rows.length >= MOST_AGAIN) break;
    }
    if (rows.length === 0) return goTo(c, `/ui/blasts/${blast.id}?state=failed`, t.blasts.noneAgain);
    const draft = await deps.blastDrafts.keep({
      tenantId: visit.tenant.id,
      fileName: t.blasts.failedOf(f.when(blast.createdAt)),
      table: { separator: ",", header: ["name", "phone", "message"], rows },
      text: "{{message}}", // each as it was written to them
      templateId: null,
      deviceIds: blast.deviceIds,
      scheduledAt: null,
      window: blast.pace.window,
    });
    return goTo(c, `/ui/blasts/drafts/${draft.id}`);
  });

  /** Charts of live pages: a blast is counted anew every few seconds at most. */
  const activities = new Map<string, SeenBlast>();
  const activityOf = async ({ id, total }: Blast, now: number): Promise<SeenBlast> => {
    for (const [known, { at }] of activities) if (at < now - COUNTED_MS) activities.delete(known);
    const known = activities.get(id);
    if (known !== undefined) return known;
    const activity = await deps.blasts.activity(id, MINUTES);
    const replies = total > MOST_LOOKED_AT ? undefined : await deps.blasts.replies(id);
    const seen = { at: now, activity, replies };
    activities.set(id, seen);
    return seen;
  };

  const show = async (c: UiContext, id: string, fault?: string) => {
    const cx = c.get("cx");
    const progress = await deps.blastControl.progress(cx.visit.tenant.id, id);
    const wanted = c.req.query("state");
    const choice = PEOPLE_CHOICES.find((each) => each === wanted);
    const people = await deps.messages.list(
      { tenantId: cx.visit.tenant.id, blastId: id, ...(choice && PEOPLE[choice]) },
      { limit: PAGE + 1, before: c.req.query("before") },
    );
    const devices = await linked(cx.visit.tenant.id);
    const asks = fault !== undefined || c.req.query("ask") === "cancel";
    const isGoing = progress.blast.status === "running";
    const seen = await activityOf(progress.blast, cx.now);
    return await draw(c, {
      title: cx.t.blasts.title(cx.f.when(progress.blast.createdAt)),
      at: "blasts",
      live: asks ? undefined : true,
      refresh: isGoing ? 15 : undefined,
      status: fault === undefined ? 200 : 422,
      main: (
        <OneBlast
          cx={cx}
          progress={progress}
          activity={seen.activity}
          replies={seen.replies}
          people={people.slice(0, PAGE)}
          more={people.length > PAGE}
          choice={choice}
          devices={devices}
          keyNames={await keyNamesOf(progress)}
          asks={asks}
          fault={fault}
        />
      ),
    });
  };

  /** The names of the keys by which a blast was paused and the like. */
  const keyNamesOf = async ({ blast, turns }: BlastProgress): Promise<ReadonlyMap<string, string>> => {
    if (!turns.some(({ by }) => by?.startsWith("key_"))) return new Map();
    const keys = await deps.keyring.list(blast.tenantId);
    return new Map(keys.map(({ id, name }) => [id, name]));
  };

  routes.get("/blasts/:id", (c) => show(c, c.req.param("id")));

  routes.get("/blasts/:id/results.csv", async (c) => {
    const { visit } = c.get("cx");
    const { blast } = await deps.blastControl.progress(visit.tenant.id, c.req.param("id"));
    const filter = { tenantId: visit.tenant.id, blastId: blast.id };
    const lines = async function* () {
      yield "row,phone,name,status,receipt,error,sent_at\r\n";
      let before: string | undefined;
      for (;;) {
        const page = await deps.messages.list(filter, { limit: 500, before });
        for (const { listRow, to, recipientPhone, recipientName, status, receipt, error, sentAt } of page) {
          const at = sentAt === null ? "" : new Date(sentAt).toISOString();
          const row = listRow === undefined ? "" : String(listRow);
          const cells = [row, recipientPhone ?? to, recipientName, status, receipt, error?.message, at];
          yield cells.map((cell) => csvCell(cell ?? "")).join(",") + "\r\n";
        }
        if (page.length < 500) return;
        before = page[page.length - 1].id;
      }
    };
    return c.body(ReadableStream.from(lines()).pipeThrough(new TextEncoderStream()), 200, {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="${blast.id}.csv"`,
      "X-Accel-Buffering": "no",
    });
  });

  routes.post("/blasts/:id/:verb{pause|resume}", async (c) => {
    const verb = c.req.param("verb") === "pause" ? "pause" : "resume";
    const { t, visit } = c.get("cx");
    const { blast } = await deps.blastControl[verb](visit.tenant.id, c.req.param("id"), whoVisits(visit));
    const to = `/ui/blasts/${blast.id}`;
    const undo = { action: `${to}/${verb === "pause" ? "resume" : "pause"}` };
    return goTo(c, to, verb === "pause" ? t.blasts.didPause : t.blasts.didResume, undo);
  });

  routes.post("/blasts/:id/cancel", async (c) => {
    const { t, visit } = c.get("cx");
    const id = c.req.param("id");
    const typed = (await readForm(c, undefined)).text("must").toLowerCase();
    if (typed !== t.blasts.cancelWord) return await show(c, id, t.blasts.wordWrong);
    await deps.blastControl.cancel(visit.tenant.id, id, whoVisits(visit));
    return goTo(c, `/ui/blasts/${id}`);
  });

  return routes;
}

/** Who asks for a turn of a blast. */
function whoVisits({ isOperator, isStandIn }: Visit): BlastTurn["by"] {
  return isOperator || isStandIn ? "operator" : "dashboard";
}

function whenAndWhat(form: Sent) {
  return {
    template: form.text("template"),
    at: form.text("at"),
    from: form.text("from"),
    to: form.text("to"),
  };
}

function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}
