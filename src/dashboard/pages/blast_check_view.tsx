import type { Child } from "@hono/hono/jsx";
import { DAY_MS } from "../../spans.ts";
import type { BlastCheck, RowFinding } from "../../blasts/check.ts";
import type { Stretch } from "../../blasts/number_signs.ts";
import { variableName } from "../../blasts/template_text.ts";
import type { BlastDraft } from "../../blasts/list_drafts.ts";
import type { Pace } from "../../store/blasts.ts";
import type { Device } from "../../store/devices.ts";
import type { IconName } from "../assets/icon_names.ts";
import type { Cx } from "../cx.ts";
import type { Words } from "../words/mod.ts";
import { Ask } from "../parts/ask.tsx";
import { Filled } from "../parts/filled.tsx";
import { cleaned, Foreign, ForeignCode, signed } from "../parts/foreign.tsx";
import { Form } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Facts, Head, Notice, Panel, Segments } from "../parts/layout.tsx";
import { phoneShown } from "../parts/phone.ts";
import { State, type Tone } from "../parts/state.tsx";
import { invalidSays } from "../words/refusals.ts";

const MOST_SHOWN = 100;
/** So much of a cell is drawn. */
const MOST_OF_CELL = 80;
export type ProblemChoice = "all" | "check" | "cannot";

/** A number that is as new as this, and writes to as many strangers, is easily banned. */
const YOUNG_MS = 14 * DAY_MS;
const MANY = 50;

/** Which rows each choice shows. */
const SHOWN: Readonly<Record<ProblemChoice, readonly RowFinding["kind"][]>> = {
  all: ["number", "gap", "twice", "guess"],
  check: ["guess"],
  cannot: ["number", "gap"],
};
/** Every problem row before anything is sent. */
export function CheckPage({ cx, draft, check, devices, pace, show, from, person, asks, fault }: {
  readonly cx: Cx;
  readonly draft: BlastDraft;
  readonly check: BlastCheck;
  readonly devices: readonly Device[];
  readonly pace: Pace;
  /** Which problem rows are listed, and from which on. */
  readonly show: ProblemChoice;
  readonly from: number;
  /** Whose message is shown, from 0. */
  readonly person: number;
  readonly asks: boolean;
  readonly fault: string | undefined;
}) {
  const { t, f } = cx;
  const to = `/ui/blasts/drafts/${draft.id}`;
  const count = check.recipients.length;
  const of = (...kinds: readonly RowFinding["kind"][]) =>
    check.findings.filter(({ kind }) => kinds.includes(kind)).length;
  const shown = check.recipients[person];
  const problems = check.findings.filter(({ kind }) => SHOWN[show].includes(kind));
  const page = problems.slice(from, from + MOST_SHOWN);
  const begins = draft.scheduledAt !== null && draft.scheduledAt > cx.now ? draft.scheduledAt : null;
  const eachMs = (pace.minGapMs + pace.maxGapMs) / 2 / Math.max(1, devices.length);
  const takesMs = Math.max(1_000, count * eachMs);
  return (
    <>
      <Head
        cx={cx}
        title={t.blasts.checkTitle}
        sub={
          <Foreign
            text={t.blasts.checkSub(
              draft.fileName,
              f.number(draft.table.rows.length),
              draft.table.separator === "\t" ? "Tab" : draft.table.separator,
            )}
          />
        }
        crumbs={[{ to: "/ui/blasts", label: t.shell.blasts }, { to: "/ui/blasts/new", label: t.blasts.new }, {
          label: t.blasts.check,
        }]}
        actions={
          <>
            <a class="button" href="/ui/blasts/new">
              <Icon name="upload" />
              {t.blasts.anotherFile}
            </a>
            {count === 0 ? "" : (
              <a class="button main" href={`${to}?ask=send`}>
                <Icon name="megaphone" />
                {t.blasts.sendTo(f.number(count))}
              </a>
            )}
          </>
        }
      />
      {asks
        ? (
          <Ask
            cx={cx}
            title={t.blasts.askSend(f.number(count))}
            action={`${to}/send`}
            label={t.blasts.sendTo(f.number(count))}
            back={to}
            must={String(count)}
            mustLabel={t.blasts.typeNumber(String(count))}
            fault={fault}
          >
            {begins === null ? t.blasts.askSendWhy : t.blasts.askSendLater(f.when(begins))}
          </Ask>
        )
        : ""}
      {count === 0 ? <Notice tone="bad">{t.blasts.nobody}</Notice> : ""}
      <div class="numbers">
        <Tile cx={cx} icon="circle-check" tone="ok" count={count} word={t.blasts.willGet} />
        <Tile cx={cx} icon="triangle-alert" tone="warn" count={of("guess")} word={t.blasts.needLook} />
        <Tile cx={cx} icon="ban" tone="bad" count={of("number", "gap")} word={t.blasts.cannot} />
        <Tile cx={cx} icon="users" tone="idle" count={of("twice")} word={t.blasts.twice} />
      </div>
      <div class="wide-narrow">
        <Panel
          title={t.blasts.wrongRows}
          bare={check.findings.length > 0}
          actions={check.findings.length === 0 ? undefined : (
            <>
              <Segments
                label={t.blasts.wrongRows}
                options={[
                  { to, label: `${t.blasts.all} ${f.number(check.findings.length)}`, on: show === "all" },
                  {
                    to: `${to}?show=check`,
                    label: `${t.blasts.toCheck} ${f.number(of("guess"))}`,
                    on: show === "check",
                  },
                  {
                    to: `${to}?show=cannot`,
                    label: `${t.blasts.cannotShort} ${f.number(of("number", "gap"))}`,
                    on: show === "cannot",
                  },
                ]}
              />
              <a class="button small" href={`${to}/problems.csv`}>
                <Icon name="download" />
                CSV
              </a>
            </>
          )}
        >
          {check.findings.length === 0
            ? <p class="hush">{t.blasts.noneWrong}</p>
            : (
              <Form cx={cx} action={`${to}/fix`}>
                {/* what Enter in a field presses is the first button, which must not be one that makes rows */}
                <button class="hide" type="submit" tabindex={-1} aria-hidden="true">
                  {t.blasts.checkAgain}
                </button>
                <div class="scroll cards">
                  <table>
                    <thead>
                      <tr>
                        <th class="num">{t.blasts.row}</th>
                        <th>{t.blasts.asInFile}</th>
                        <th>{t.blasts.what}</th>
                        <th>{t.blasts.fixHere}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {page.map((finding) => (
                        <FindingRow cx={cx} finding={finding} check={check} header={draft.table.header} />
                      ))}
                    </tbody>
                  </table>
                </div>
                <div class="row apart pad">
                  <span class="small faint">
                    {problems.length > page.length
                      ? t.blasts.shownOf(
                        `${f.number(from + 1)}–${f.number(from + page.length)}`,
                        f.number(problems.length),
                      )
                      : ""} {t.blasts.fixNote}
                  </span>
                  <span class="row">
                    {from === 0 ? "" : (
                      <a
                        class="button small"
                        href={`${to}?show=${show}&from=${Math.max(0, from - MOST_SHOWN)}`}
                      >
                        <Icon name="chevron-left" />
                        {t.blasts.before}
                      </a>
                    )}
                    {from + page.length >= problems.length
                      ? ""
                      : (
                        <a class="button small" href={`${to}?show=${show}&from=${from + MOST_SHOWN}`}>
                          {t.blasts.more}
                          <Icon name="chevron-right" />
                        </a>
                      )}
                    <button class="button small" type="submit">
                      <Icon name="check" />
                      {t.blasts.checkAgain}
                    </button>
                  </span>
                </div>
              </Form>
            )}
        </Panel>
        <div class="stack">
          <Panel
            title={t.blasts.asTheySee}
            actions={count === 0 ? undefined : (
              <>
                <a
                  class="button small icon"
                  href={`${to}?person=${Math.max(0, person - 1)}`}
                  aria-label="−1"
                >
                  <Icon name="chevron-left" />
                </a>
                <span class="small faint">{t.webhooks.ofGroup(person + 1, count)}</span>
                <a
                  class="button small icon"
                  href={`${to}?person=${Math.min(count - 1, person + 1)}`}
                  aria-label="+1"
                >
                  <Icon name="chevron-right" />
                </a>
              </>
            )}
          >
            {shown === undefined ? "" : (
              <div class="chat-ground">
                <div class="bubble mine" dir="auto" hx-ignore>
                  <Filled text={draft.text} values={shown.variables} />
                </div>
                <p class="small faint">{phoneShown(shown.phone)}</p>
              </div>
            )}
          </Panel>
          <Panel title={t.blasts.howItGoes}>
            <Facts
              rows={[
                [t.blasts.through, devices.map(({ label }) => <Foreign text={`${label} `} max={80} />)],
                [
                  t.blasts.pace,
                  pace.maxGapMs === 0
                    ? t.blasts.paceNone
                    : t.blasts.paceEach(f.number(pace.minGapMs / 1_000), f.number(pace.maxGapMs / 1_000)),
                ],
                [t.blasts.begins, begins === null ? t.blasts.atOnce : f.when(begins)],
                draft.window === null ? undefined : [
                  t.blasts.hours,
                  `${draft.window.from}–${draft.window.to}, ${draft.window.timeZone}`,
                ],
                [t.blasts.takes, f.span(takesMs)],
                // hours without sending in between are not reckoned with
                draft.window === null
                  ? [t.blasts.endsAbout, <b>{f.when((begins ?? cx.now) + takesMs)}</b>]
                  : undefined,
              ]}
            />
            {count < MANY
              ? ""
              : devices.filter(({ createdAt }) => createdAt > cx.now - YOUNG_MS).map((device) => (
                <Notice tone="warn">
                  <Foreign
                    text={t.blasts.young(device.label, f.relative(device.createdAt, cx.now))}
                    max={300}
                  />
                </Notice>
              ))}
          </Panel>
        </div>
      </div>
    </>
  );
}

function Tile({ cx, icon, tone, count, word }: {
  readonly cx: Cx;
  readonly icon: IconName;
  readonly tone: Tone;
  readonly count: number;
  readonly word: string;
}) {
  return (
    <div class="panel tile">
      <p class="row">
        <Icon name={icon} tone={tone} />
        <b>{cx.f.number(count)}</b>
      </p>
      <p class="hush small">{word}</p>
    </div>
  );
}

/** What is wrong with a row, in words. */
export function kindWord(kind: RowFinding["kind"], t: Words): string {
  const words = {
    number: t.blasts.kindNumber,
    gap: t.blasts.kindGap,
    twice: t.blasts.kindTwice,
    guess: t.blasts.kindGuess,
  };
  return words[kind];
}

function FindingRow({ cx, finding, check, header }: {
  readonly cx: Cx;
  readonly finding: RowFinding;
  readonly check: BlastCheck;
  readonly header: readonly string[];
}) {
  const { t } = cx;
  const { line, kind, given, name, detail, wrong = [], numbers, lacks } = finding;
  const looks: Readonly<Record<RowFinding["kind"], readonly [icon: IconName, tone: Tone]>> = {
    number: ["ban", "bad"],
    gap: ["ban", "bad"],
    twice: ["users", "idle"],
    guess: ["triangle-alert", "warn"],
  };
  const [icon, tone] = looks[kind];
  const details = {
    number: numberSays(finding, cx),
    gap: t.blasts.gapDetail(detail),
    twice: t.blasts.twiceDetail,
    guess: t.blasts.sentTo(phoneShown(detail)),
  };
  const columnOf = (variable: string) => header.findIndex((column) => variableName(column) === variable);
  return (
    <tr id={`row-${line}`}>
      <td class="num faint beside-first">{line}</td>
      <td class="first-column">
        {kind === "number"
          ? <Marked cx={cx} text={given} wrong={wrong} />
          : <ForeignCode text={given === "" ? "–" : given} max={80} />}
        {name === undefined ? "" : (
          <span class="sub">
            <Foreign text={name} max={80} />
          </span>
        )}
      </td>
      <td class="whole">
        <State standing={{ word: kindWord(kind, t), icon, tone }} />
        <span class="sub">
          <Foreign text={details[kind]} max={300} />
        </span>
      </td>
      <td class="whole">
        <div class="fix">
          {kind === "twice"
            ? <span class="small hush">{t.blasts.leftOut}</span>
            : kind === "gap"
            ? lacks.map((variable) => {
              const column = columnOf(variable);
              return column < 0
                ? <span class="small hush">{t.blasts.noColumn(variable.slice(0, 60).toWellFormed())}</span>
                : <Cell line={line} column={column} label={variable} value="" />;
            })
            : <Cell line={line} column={check.phoneIndex} label={check.phoneColumn} value={given} />}
          {numbers === undefined
            ? ""
            : (
              <button class="button small" type="submit" name="split" value={String(line)}>
                {t.blasts.makeRows(numbers)}
                <span class="hide">{`, ${t.blasts.row} ${line}`}</span>
              </button>
            )}
        </div>
      </td>
    </tr>
  );
}

/** A cell that is no number, with the signs that no number has marked. */
function Marked({ cx: { t }, text, wrong }: {
  readonly cx: Cx;
  readonly text: string;
  readonly wrong: readonly Stretch[];
}) {
  if (text === "") return <mark class="sign">{t.blasts.emptyCell}</mark>;
  const shown = cleaned(text, MOST_OF_CELL); // as long as the text, up to there
  const parts: Child[] = [];
  let at = 0;
  for (const { from, to } of wrong) {
    if (from >= MOST_OF_CELL) break;
    parts.push(
      signed(shown.slice(at, from)),
      <mark class="sign">
        <span class="hide">{t.blasts.wrongSign}</span>
        {signed(shown.slice(from, Math.min(to, MOST_OF_CELL)))}
      </mark>,
    );
    at = Math.min(to, MOST_OF_CELL);
  }
  return <bdi class="mono" hx-ignore>{parts}{signed(shown.slice(at))}</bdi>;
}

/** What is wrong with a number, without what was given: that stands beside it. */
export function numberSays(
  { detail, why, numbers }: RowFinding,
  { t, lang }: Pick<Cx, "t" | "lang">,
): string {
  if (numbers !== undefined) return t.blasts.numberSeveral;
  return why?.kind === "phone"
    ? t.blasts.numberNone
    : lang === "en"
    ? detail.replace(/^Cannot use .* as phone: /su, "")
    : invalidSays({ message: detail, why }, lang);
}

/** A cell of the list, to be written anew. */
function Cell({ line, column, label, value }: {
  readonly line: number;
  readonly column: number;
  readonly label: string;
  readonly value: string;
}) {
  const shown = label.slice(0, 60).toWellFormed();
  return (
    <input
      name={`cell.${line}.${column}`}
      value={value.slice(0, 500).toWellFormed()}
      placeholder={shown}
      aria-label={`${shown}, ${line}`}
      autocomplete="off"
      hx-ignore
    />
  );
}
