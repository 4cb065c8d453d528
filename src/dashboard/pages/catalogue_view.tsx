import type { EventType } from "../../events/event.ts";
import type { EventGroup } from "../../events/guide.ts";
import type { CatalogueEntry } from "../../formats/catalogue.ts";
import { FORMAT_NAMES, type FormatName, formatOf } from "../../formats/mod.ts";
import type { Cx } from "../cx.ts";
import { Json } from "../parts/code.tsx";
import { guideOf, WithCode } from "../parts/guide.tsx";
import { Search } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Add, Head, Notice, Panel, Segments } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";

/** Kinds of an example that are shown before "more". */
const KINDS_SHOWN = 9;

interface CatalogueFacts {
  readonly cx: Cx;
  readonly entry: CatalogueEntry;
  readonly found: readonly EventType[];
  readonly counts: ReadonlyMap<EventType, number>;
  readonly lastAt: number | undefined;
  readonly query: string;
  /** One was asked for; on phones it then takes the place of the list. */
  readonly chosen: boolean;
  readonly format: FormatName;
  readonly kind: string | undefined;
}

/** The list of all events, and one of them explained. */
export function CataloguePage(facts: CatalogueFacts) {
  const { cx, entry, chosen } = facts;
  const { t } = cx;
  const example = exampleOf(facts);
  const body = example.formats[facts.format][0]?.body;
  return (
    <>
      <Head
        cx={cx}
        title={chosen ? <span class="mono">{entry.type}</span> : t.shell.catalogue}
        sub={chosen ? guideOf(entry.type, cx.lang).summary : t.catalogue.sub}
        crumbs={chosen
          ? [{ to: "/ui/catalogue", label: t.shell.catalogue }, { label: groupName(cx, entry.group) }]
          : []}
        actions={
          <>
            {body === undefined
              ? ""
              : (
                <button class="button" type="button" data-copy="#example" data-script hidden>
                  <Icon name="copy" />
                  {t.catalogue.asFixture}
                </button>
              )}
            <Add to={`/ui/webhooks/new?event=${entry.type}`}>{t.catalogue.subscribe}</Add>
          </>
        }
      />
      <div class="list-one">
        <div class={chosen ? "unlisted" : ""}>
          <TypeList {...facts} />
        </div>
        <div class={chosen ? "stack" : "stack unlisted"}>
          <Explained {...facts} />
        </div>
      </div>
    </>
  );
}

function groupName({ t }: Cx, group: EventGroup): string {
  return group === "webhooks" ? t.webhooks.webhooksGroup : t.webhooks[group];
}

function TypeList({ cx, entry, found, counts, query, chosen }: CatalogueFacts) {
  const { t, f } = cx;
  const groups = [...new Set(found.map((type) => guideOf(type, cx.lang).group))];
  return (
    <Panel label={t.catalogue.list} bare>
      <Search action="/ui/catalogue" label={t.catalogue.find} value={query} />
      <Live id="types" class="catalogue" role="group" name={t.catalogue.list}>
        {found.length === 0
          ? (
            <p class="pad hush">
              {t.shell.nothingMatches} <a href="/ui/catalogue">{t.shell.clearAll}</a>
            </p>
          )
          : groups.map((group) => (
            <>
              <h2>{groupName(cx, group)}</h2>
              <ul>
                {found.filter((type) => guideOf(type, cx.lang).group === group).map((type) => (
                  <li>
                    <a
                      href={`/ui/catalogue/${type}`}
                      aria-current={chosen && type === entry.type ? "page" : undefined}
                    >
                      <code>{type}</code>
                      {counts.has(type)
                        ? (
                          <span class="small faint" title={t.catalogue.today}>
                            {f.number(counts.get(type) ?? 0)}
                          </span>
                        )
                        : ""}
                    </a>
                  </li>
                ))}
              </ul>
            </>
          ))}
      </Live>
    </Panel>
  );
}

function Explained(facts: CatalogueFacts) {
  const { cx, entry, counts, lastAt, chosen } = facts;
  const { t, f } = cx;
  const { summary, when, whatToDo } = guideOf(entry.type, cx.lang);
  const count = counts.get(entry.type) ?? 0;
  const last = lastAt === undefined ? "" : f.relative(lastAt, cx.now);
  return (
    <>
      {chosen ? "" : (
        <div>
          <h2 class="mono large">{entry.type}</h2>
          <p class="hush">{summary}</p>
        </div>
      )}
      <Live id="seen">
        {lastAt === undefined
          ? <Notice icon="activity">{t.catalogue.never}</Notice>
          : (
            <Notice tone="ok" icon="activity">
              {count === 0 ? t.catalogue.cameBefore(last) : t.catalogue.came(f.number(count), last)}{" "}
              <a href={`/ui/events?types=${entry.type}`}>{t.catalogue.seeLive}</a>
            </Notice>
          )}
      </Live>
      <div class="two">
        <div class="stack tight">
          <h2>{t.catalogue.when}</h2>
          <p class="hush">
            <WithCode text={when} />
          </p>
        </div>
        <div class="stack tight">
          <h2>{t.catalogue.whatToDo}</h2>
          <p class="hush">
            <WithCode text={whatToDo} />
          </p>
        </div>
      </div>
      <ExamplePanel {...facts} />
      <NamesPanel {...facts} />
    </>
  );
}

function exampleOf({ entry, kind }: CatalogueFacts) {
  return entry.examples.find((one) => one.kind === kind) ?? entry.examples[0];
}

function ExamplePanel(facts: CatalogueFacts) {
  const { cx, entry, format } = facts;
  const { t } = cx;
  const example = exampleOf(facts);
  const to = (change: { readonly format?: FormatName; readonly kind?: string }) =>
    `/ui/catalogue/${entry.type}?${new URLSearchParams({ format, kind: example.kind, ...change })}#examples`;
  const rendered = example.formats[format];
  const kinds = entry.examples.map(({ kind }) => kind);
  const chip = (kind: string) => (
    <a
      class={kind === example.kind ? "chip on" : "chip"}
      href={to({ kind })}
      aria-current={kind === example.kind ? "true" : undefined}
    >
      {kind}
    </a>
  );
  return (
    <Panel
      id="examples"
      title={t.catalogue.example}
      actions={
        <Segments
          label={t.webhooks.format}
          options={FORMAT_NAMES.map((name) => ({
            to: to({ format: name }),
            label: name,
            on: name === format,
          }))}
        />
      }
      bare
    >
      {entry.examples.length < 2 ? "" : (
        <nav class="stack tight pad" aria-label={t.catalogue.kind}>
          <div class="row">{kinds.slice(0, KINDS_SHOWN).map(chip)}</div>
          {kinds.length <= KINDS_SHOWN
            ? ""
            : (
              <details class="unfold" open={kinds.indexOf(example.kind) >= KINDS_SHOWN}>
                <summary>{t.catalogue.moreKinds(cx.f.number(kinds.length - KINDS_SHOWN))}</summary>
                <div class="row pad-y">{kinds.slice(KINDS_SHOWN).map(chip)}</div>
              </details>
            )}
        </nav>
      )}
      <div class="example">
        <div>
          {rendered.length === 0
            ? <p class="pad hush">{t.catalogue.notIn}</p>
            : rendered.map((one, index) => (
              <>
                {rendered.length < 2 ? "" : (
                  <p class="pad small">
                    <code>{one.name}</code>
                  </p>
                )}
                <Json value={JSON.parse(one.body)} id={index === 0 ? "example" : undefined} tall flat />
                <details class="unfold pad">
                  <summary>{t.catalogue.headers}</summary>
                  <Json value={one.headers} />
                </details>
              </>
            ))}
        </div>
        {entry.fields.length === 0 || format !== "device" ? "" : (
          <div class="fields-of">
            <h3 class="hide">{t.catalogue.fields}</h3>
            <ul class="items" lang="en" tabindex={0} aria-label={t.catalogue.fields}>
              {entry.fields.map(({ path, type, optional, description }) => (
                <li>
                  <span class="grow">
                    <span class="row apart">
                      <code class="wrap">{path}</code>
                      <span class="tag idle">{type.length > 24 ? `${type.slice(0, 23)}…` : type}</span>
                    </span>
                    <span class="sub">
                      {description}
                      {optional ? <i lang={cx.lang}>{` (${t.catalogue.optional})`}</i> : ""}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Panel>
  );
}

function NamesPanel({ cx, entry }: CatalogueFacts) {
  const { t } = cx;
  return (
    <Panel
      title={t.catalogue.names}
      actions={<a class="small" href={`/docs/events/${entry.type}`}>{t.catalogue.publicPage}</a>}
      bare
    >
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>{t.webhooks.format}</th>
              <th>{t.catalogue.name}</th>
              <th class="unlisted">{t.catalogue.signature}</th>
              <th class="unlisted">{t.catalogue.forWhom}</th>
            </tr>
          </thead>
          <tbody>
            {FORMAT_NAMES.map((format) => (
              <tr>
                <td>
                  <b>{format}</b>
                </td>
                <td>
                  {entry.names[format].length === 0
                    ? <span class="faint">{t.catalogue.notIn}</span>
                    : entry.names[format].map((name, index) => (
                      <>
                        {index === 0 ? "" : ", "}
                        <code>{name}</code>
                      </>
                    ))}
                </td>
                <td class="unlisted">
                  <code>
                    {formatOf(format).ownHeaders.find((name) => /signature/i.test(name)) ?? "–"}
                  </code>
                </td>
                <td class="unlisted small">{t.catalogue[`for_${format}`]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
