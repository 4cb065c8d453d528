import { Hono } from "@hono/hono";
import { gapsIn } from "../../blasts/template_text.ts";
import { ConflictError, NotFoundError } from "../../errors.ts";
import { newId, type TenantId } from "../../ids.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { Blasts } from "../../store/blasts.ts";
import type { Template, Templates } from "../../store/templates.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readForm, type Sent } from "../http/forms.ts";
import { type Faults, NO_FAULTS } from "../parts/form.tsx";
import { samplesFor, type TemplateValues } from "./template_values.ts";
import { TemplateList, TemplatePage } from "./templates_view.tsx";

/** Blasts that are looked through for a template, the newest first. */
const LATEST_BLASTS = 1_000;

export interface TemplatePageDeps {
  readonly templates: Templates;
  readonly blasts: Pick<Blasts, "list">;
  readonly now: () => number;
}

/** Templates: the list, and one with its text, its gaps and how it reads. */
export function createTemplatePages({ templates, blasts, now }: TemplatePageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  const found = async (tenantId: TenantId, id: string): Promise<Template> => {
    const template = await templates.get(tenantId, id);
    if (template === undefined) throw new NotFoundError("template", id);
    return template;
  };

  const show = async (c: UiContext, facts: {
    readonly values: TemplateValues;
    readonly template?: Template;
    readonly faults?: Faults;
    readonly asked?: boolean;
  }) => {
    const cx = c.get("cx");
    const { template, faults = NO_FAULTS } = facts;
    const used = template === undefined || !facts.asked ? [] : (
      await blasts.list(template.tenantId, { limit: LATEST_BLASTS })
    ).filter(({ templateId }) => templateId === template.id);
    return await draw(c, {
      title: template?.name ?? cx.t.templates.new,
      at: "templates",
      status: faults.size === 0 ? 200 : 422,
      main: (
        <TemplatePage
          cx={cx}
          values={facts.values}
          template={template}
          faults={faults}
          asked={facts.asked ?? false}
          used={used}
        />
      ),
    });
  };

  routes.get("/templates", async (c) => {
    const cx = c.get("cx");
    const rows = await templates.list(cx.visit.tenant.id);
    return await draw(c, {
      title: cx.t.shell.templates,
      at: "templates",
      main: <TemplateList cx={cx} rows={rows} />,
    });
  });

  routes.get(
    "/templates/new",
    (c) => show(c, { values: { id: "", name: "", type: "", body: "", samples: {} } }),
  );

  routes.post("/templates", async (c) => {
    const cx = c.get("cx");
    const sent = await readForm(c, undefined);
    const values = valuesOf(sent);
    if (sent.text("do") === "preview") return await show(c, { values });
    const faults = faultsOf(values, cx);
    if (values.id !== "" && !/^[\w.-]{1,100}$/.test(values.id)) faults.set("id", cx.t.templates.idWrong);
    if (faults.size > 0) return await show(c, { values, faults });
    const { name, type, body } = values;
    const at = now();
    const id = values.id === "" ? newId("tpl") : values.id;
    try {
      await templates.create({
        id,
        tenantId: cx.visit.tenant.id,
        name,
        type: type === "" ? null : type,
        body,
        variables: gapsIn(body),
        qiscus: null,
        createdAt: at,
        updatedAt: at,
      });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return await show(c, { values, faults: new Map([["id", cx.t.templates.idTaken(id)]]) });
    }
    return goTo(c, `/ui/templates/${encodeURIComponent(id)}`, cx.t.templates.didCreate);
  });

  routes.get("/templates/:id", async (c) => {
    const template = await found(c.get("cx").visit.tenant.id, c.req.param("id"));
    const { id, name, type, body } = template;
    const values = { id, name, type: type ?? "", body, samples: samplesFor(gapsIn(body)) };
    return await show(c, { template, values, asked: c.req.query("ask") === "delete" });
  });

  routes.post("/templates/:id", async (c) => {
    const cx = c.get("cx");
    const template = await found(cx.visit.tenant.id, c.req.param("id"));
    const sent = await readForm(c, undefined);
    const values = { ...valuesOf(sent), id: template.id };
    if (sent.text("do") === "preview") return await show(c, { template, values });
    const faults = faultsOf(values, cx, template);
    if (faults.size > 0) return await show(c, { template, values, faults });
    const { name, type, body } = values;
    const variables = template.qiscus === null ? gapsIn(body) : template.variables;
    const change = { name, type: type === "" ? null : type, body, variables };
    await templates.update(template.tenantId, template.id, change, now());
    return goTo(c, `/ui/templates/${encodeURIComponent(template.id)}`, cx.t.templates.didSave);
  });

  routes.post("/templates/:id/delete", async (c) => {
    const { t, visit } = c.get("cx");
    const { id } = await found(visit.tenant.id, c.req.param("id"));
    await templates.remove(visit.tenant.id, id);
    return goTo(c, "/ui/templates", t.templates.didDelete);
  });

  return routes;
}

function valuesOf(sent: Sent): TemplateValues {
  const body = sent.asSent("body").replaceAll("\r\n", "\n").trim();
  return {
    id: sent.text("id"),
    name: sent.text("name"),
    type: sent.text("type"),
    body,
    samples: Object.fromEntries(gapsIn(body).map((gap) => [gap, sent.asSent(`sample.${gap}`)])),
  };
}

function faultsOf({ name, type, body }: TemplateValues, { t }: Cx, template?: Template): Map<string, string> {
  const faults = new Map<string, string>();
  if (name === "" || name.length > 200) faults.set("name", t.templates.nameWrong);
  if (type.length > 50) faults.set("type", t.templates.typeWrong);
  if (body === "" && !template?.qiscus) faults.set("body", t.templates.textEmpty);
  if (body.length > MOST_TEXT) faults.set("body", t.templates.textLong);
  if (gapsIn(body).includes("")) faults.set("body", t.templates.namelessGap);
  return faults;
}
