import { gapsIn } from "../../blasts/template_text.ts";
import type { Template } from "../../store/templates.ts";
import type { Cx } from "../cx.ts";
import { Ask } from "../parts/ask.tsx";
import { Filled } from "../parts/filled.tsx";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { type Faults, FaultSummary, Field, Form, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Add, EmptyPage, Head, Notice, Panel } from "../parts/layout.tsx";
import { Ago } from "../parts/time.tsx";
import type { TemplateValues } from "./template_values.ts";
import type { Blast } from "../../store/blasts.ts";

/** More blasts than these are only counted. */
const NAMED_BLASTS = 5;

/** What the preview of an empty template shows. */
const EXAMPLE = "Halo {{name}}, poin Anda: {{points}}.";

/** A row each. */
export function TemplateList({ cx, rows }: { readonly cx: Cx; readonly rows: readonly Template[] }) {
  const { t } = cx;
  const add = <Add to="/ui/templates/new">{t.templates.new}</Add>;
  if (rows.length === 0) {
    return (
      <EmptyPage
        cx={cx}
        page={t.shell.templates}
        icon="file-text"
        title={t.templates.emptyTitle}
        action={add}
      >
        {t.templates.empty}
      </EmptyPage>
    );
  }
  return (
    <>
      <Head cx={cx} title={t.shell.templates} sub={t.templates.sub} actions={add} />
      <Panel bare label={t.shell.templates}>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>{t.templates.name}</th>
                <th>{t.templates.gaps}</th>
                <th class="unlisted">{t.templates.text}</th>
                <th class="num unlisted">{t.templates.changed}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, name, type, body, variables, updatedAt }) => (
                <tr class="goes">
                  <td>
                    <a class="goes-to" href={`/ui/templates/${encodeURIComponent(id)}`} data-id={id}>
                      <Foreign text={name} max={80} />
                    </a>
                    <span class="sub">
                      <ForeignCode text={id} max={60} />
                      {type === null ? "" : (
                        <>
                          {" · "}
                          <Foreign text={type} max={50} />
                        </>
                      )}
                    </span>
                    <span class="sub listed">
                      <Foreign text={body} max={120} />
                    </span>
                  </td>
                  <td class="small">
                    {variables.length === 0
                      ? <span class="faint">–</span>
                      : <ForeignCode text={variables.join(", ")} max={80} />}
                  </td>
                  <td class="unlisted small">
                    <Foreign text={body} max={120} />
                  </td>
                  <td class="num unlisted small">
                    <Ago cx={cx} at={updatedAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </>
  );
}

/** A template, or the form of a new one: the text on the left, how it reads on the right. */
export function TemplatePage({ cx, values, template, faults, asked, used }: {
  readonly cx: Cx;
  readonly values: TemplateValues;
  readonly template: Template | undefined;
  readonly faults: Faults;
  readonly asked: boolean;
  /** Blasts that were sent with it. */
  readonly used: readonly Blast[];
}) {
  const { t, f } = cx;
  const to = template === undefined ? "/ui/templates" : `/ui/templates/${encodeURIComponent(template.id)}`;
  const gaps = gapsIn(values.body).filter((gap) => gap !== "");
  return (
    <>
      {template !== undefined && asked
        ? (
          <Ask
            cx={cx}
            title={t.templates.askDelete(template.name)}
            action={`${to}/delete`}
            label={t.shell.delete}
            back={to}
          >
            {t.templates.askDeleteWhy} {used.length === 0 ? "" : (
              <>
                {t.templates.usedBy(f.number(used.length))}{" "}
                {used.slice(0, NAMED_BLASTS).map(({ id, createdAt }, at) => (
                  <>
                    {at === 0 ? "" : ", "}
                    <a href={`/ui/blasts/${id}`}>{t.blasts.title(f.when(createdAt))}</a>
                  </>
                ))}
                {used.length > NAMED_BLASTS ? ", …" : "."}
              </>
            )}
          </Ask>
        )
        : ""}
      <Form cx={cx} action={to} class="stack">
        <Head
          cx={cx}
          title={template === undefined ? t.templates.new : <Foreign text={template.name} max={80} />}
          crumbs={[
            { to: "/ui/templates", label: t.shell.templates },
            {
              label: template === undefined ? t.templates.new : <ForeignCode text={template.id} max={60} />,
            },
          ]}
          actions={
            <>
              {template === undefined ? <a class="button bare" href="/ui/templates">{t.shell.cancel}</a> : (
                <>
                  <a class="button danger" href={`${to}?ask=delete`}>
                    <Icon name="trash-2" />
                    {t.shell.delete}
                  </a>
                  <a class="button" href={`/ui/blasts/new?template=${encodeURIComponent(template.id)}`}>
                    <Icon name="megaphone" />
                    {t.templates.blastWith}
                  </a>
                </>
              )}
              <button class="button main" type="submit">
                {template === undefined ? t.shell.create : t.shell.save}
              </button>
            </>
          }
        />
        <FaultSummary cx={cx} faults={faults} />
        {template?.qiscus ? <Notice>{t.templates.atQiscus}</Notice> : ""}
        <div class="two">
          <Panel>
            <Field name="name" label={t.templates.name} faults={faults}>
              <input
                {...tied("name", faults)}
                value={values.name}
                autocomplete="off"
                maxlength={200}
                autofocus={template === undefined && faults.size === 0 && values.body === ""}
              />
            </Field>
            <div class="fields">
              {template === undefined
                ? (
                  <Field name="id" label={t.templates.id} faults={faults} hint={t.templates.idHint}>
                    <input
                      {...tied("id", faults, true)}
                      class="mono"
                      value={values.id}
                      placeholder="promo-poin"
                      autocomplete="off"
                      maxlength={100}
                    />
                  </Field>
                )
                : ""}
              <Field name="type" label={t.templates.type} faults={faults} hint={t.templates.typeHint}>
                <input
                  {...tied("type", faults, true)}
                  value={values.type}
                  autocomplete="off"
                  maxlength={50}
                />
              </Field>
            </div>
            <Field name="body" label={t.templates.text} faults={faults} hint={t.templates.textHint}>
              <textarea
                {...tied("body", faults, true)}
                rows={10}
                placeholder={EXAMPLE}
                data-fills="#filled"
                hx-ignore
              >
                {values.body}
              </textarea>
            </Field>
          </Panel>
          <div class="stack">
            <Panel title={t.templates.asTheySee}>
              <div class="chat-ground">
                <div class="bubble mine" dir="auto" id="filled" hx-ignore>
                  <Filled text={values.body || EXAMPLE} values={values.samples} />
                </div>
              </div>
            </Panel>
            <Panel
              title={t.templates.sample}
              note={gaps.length === 0 ? undefined : t.templates.gapsFound(f.number(gaps.length), gaps.length)}
              actions={
                <button class="button small" type="submit" name="do" value="preview">
                  <Icon name="eye" />
                  {t.templates.preview}
                </button>
              }
            >
              {gaps.length === 0
                ? <p class="hush">{t.templates.noGaps}</p>
                : gaps.map((gap, index) => (
                  <div class="field">
                    <label for={`sample-${index}`}>
                      <ForeignCode text={gap} max={60} />
                    </label>
                    <input
                      id={`sample-${index}`}
                      name={`sample.${gap}`}
                      value={values.samples[gap] ?? ""}
                      data-gap={gap}
                      autocomplete="off"
                      hx-ignore
                    />
                  </div>
                ))}
            </Panel>
          </div>
        </div>
      </Form>
    </>
  );
}
