import type { OptOut } from "../../store/opt_outs.ts";
import type { Cx } from "../cx.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Do, type Faults, FaultSummary, Field, Form, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty, Head, Notice, Older, Panel } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { jidShown } from "../parts/phone.ts";
import { Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";

/** What the forms hold. */
export interface OptOutValues {
  readonly person: string;
  readonly reason: string;
  /** One a line. */
  readonly stopWords: string;
  readonly startWords: string;
  readonly stopAnswer: string;
  readonly startAnswer: string;
}

interface PageFacts {
  readonly cx: Cx;
  readonly rows: readonly OptOut[];
  /** The number after which older ones begin. */
  readonly older: number | undefined;
  /** Who was looked for, and their entry. */
  readonly looked: { readonly who: string; readonly found: OptOut | undefined } | undefined;
  readonly lookText: string;
  readonly values: OptOutValues;
  readonly faults: Faults;
}

/** The list, an entry by hand, and the words. */
export function OptOutsPage(facts: PageFacts) {
  const { cx, rows, older, values, faults } = facts;
  const { t } = cx;
  return (
    <>
      <Head cx={cx} title={t.shell.optOuts} sub={t.optOuts.sub} />
      <FaultSummary cx={cx} faults={faults} />
      <div class="two">
        <Panel title={t.optOuts.enter}>
          <Form cx={cx} action="/ui/opt-outs" class="stack">
            <Field name="person" label={t.optOuts.person} faults={faults}>
              <input
                {...tied("person", faults)}
                type="tel"
                value={values.person}
                autocomplete="off"
                hx-ignore
              />
            </Field>
            <Field name="reason" label={t.optOuts.reason} faults={faults} hint={t.optOuts.reasonHint}>
              <input
                {...tied("reason", faults, true)}
                value={values.reason}
                maxlength={200}
                autocomplete="off"
                hx-ignore
              />
            </Field>
            <div class="row">
              <button class="button main" type="submit">{t.optOuts.enterDo}</button>
            </div>
          </Form>
        </Panel>
        <Panel title={t.optOuts.look}>
          <Look {...facts} />
        </Panel>
      </div>
      <Panel bare label={t.shell.optOuts}>
        <Live id="rows">
          {rows.length === 0
            ? <Empty icon="ban" title={t.optOuts.emptyTitle}>{t.optOuts.empty}</Empty>
            : <Rows cx={cx} rows={rows} />}
          <Older cx={cx} to={older === undefined ? undefined : `/ui/opt-outs?before=${older}`} />
        </Live>
      </Panel>
      <Panel title={t.optOuts.words} id="words">
        <p class="hush">{t.optOuts.wordsWhy}</p>
        <WordsForm cx={cx} values={values} faults={faults} />
      </Panel>
    </>
  );
}

function Look({ cx, looked, lookText, faults }: PageFacts) {
  const { t, f } = cx;
  return (
    <div class="stack">
      <form action="/ui/opt-outs">
        <Field name="look" label={t.optOuts.person} faults={faults}>
          <div class="inline">
            <input {...tied("look", faults)} name="person" type="tel" value={lookText} hx-ignore />
            <button class="button" type="submit">{t.shell.find}</button>
          </div>
        </Field>
      </form>
      {looked === undefined ? "" : (
        <Notice tone={looked.found === undefined ? "ok" : "warn"}>
          <Foreign
            text={looked.found === undefined
              ? t.optOuts.notOnList(looked.who)
              : t.optOuts.onList(looked.who, f.exact(looked.found.at))}
            max={300}
          />
        </Notice>
      )}
    </div>
  );
}

function Rows({ cx, rows }: { readonly cx: Cx; readonly rows: readonly OptOut[] }) {
  const { t } = cx;
  return (
    <Table
      columns={[
        t.optOuts.person,
        { name: t.optOuts.reason, look: "unlisted" },
        { name: t.optOuts.source, look: "unlisted" },
        t.optOuts.since,
        { name: t.shell.actions, hidden: true },
      ]}
    >
      {rows.map(({ pn, lid, reason, source, at }) => (
        <tr>
          <td>
            <Foreign text={jidShown(pn ?? lid ?? "")} max={60} />
          </td>
          <td class="unlisted">
            <Foreign text={reason ?? ""} max={80} />
          </td>
          <td class="unlisted">{source === "message" ? t.optOuts.byMessage : t.optOuts.byApi}</td>
          <td>
            <Ago cx={cx} at={at} />
          </td>
          <td class="num">
            <Do
              cx={cx}
              action="/ui/opt-outs/remove"
              hidden={{ person: pn ?? lid ?? "" }}
              label={t.optOuts.remove}
              look="small"
            />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function WordsForm({ cx, values, faults }: Pick<PageFacts, "cx" | "values" | "faults">) {
  const { t } = cx;
  const area = (name: "stopWords" | "startWords" | "stopAnswer" | "startAnswer", hint: string) => (
    <Field name={name} label={t.optOuts[name]} faults={faults} hint={hint}>
      <textarea {...tied(name, faults, true)} rows={3} hx-ignore>{values[name]}</textarea>
    </Field>
  );
  return (
    <Form cx={cx} action="/ui/opt-outs/words" class="stack">
      <div class="two">
        <div class="stack">
          {area("stopWords", t.optOuts.oneALine)}
          {area("stopAnswer", t.optOuts.noAnswer)}
        </div>
        <div class="stack">
          {area("startWords", t.optOuts.oneALine)}
          {area("startAnswer", t.optOuts.noAnswer)}
        </div>
      </div>
      <div class="row">
        <button class="button main" type="submit">
          <Icon name="check" />
          {t.shell.save}
        </button>
      </div>
    </Form>
  );
}
