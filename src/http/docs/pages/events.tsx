import { FORMAT_NAMES, type FormatName } from "../../../formats/mod.ts";
import { guideIn } from "../../../events/guide_in.ts";
import type { CatalogueEntry } from "../../../formats/catalogue.ts";
import { Json } from "../code.tsx";
import { Page, type PageContext } from "../frame.tsx";
import { Inline, Markdown } from "../markdown.tsx";
import { FieldTable } from "./group.tsx";

/** `/docs/events`: every event with one line. */
export function EventsPage({ cx, catalogue }: {
  readonly cx: PageContext;
  readonly catalogue: readonly CatalogueEntry[];
}) {
  const groups = [...new Set(catalogue.map(({ group }) => group))];
  return (
    <Page
      cx={cx}
      title={cx.words.events}
      parts={groups.map((group) => ({ to: `#${group}`, label: cx.words.eventGroups[group] }))}
    >
      {groups.map((group) => (
        <section>
          <h2 id={group}>{cx.words.eventGroups[group]}</h2>
          <div class="scroll" tabindex={0}>
            <table class="names">
              <tbody>
                {catalogue.filter((entry) => entry.group === group).map(({ type }) => (
                  <tr>
                    <td>
                      <a href={`/docs/events/${type}`}>
                        <code>{type}</code>
                      </a>
                    </td>
                    <td>
                      <Inline text={guideIn(type, cx.language).summary} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </Page>
  );
}

/** `/docs/events/<name>`: one event, with a request in the format and of the kind that was chosen. */
export function EventPage({ cx, entry, format, kind }: {
  readonly cx: PageContext;
  readonly entry: CatalogueEntry;
  readonly format: FormatName;
  readonly kind: string;
}) {
  const { words } = cx;
  const guide = guideIn(entry.type, cx.language);
  const hasFields = entry.names.device.length > 0;
  const example = entry.examples.find((one) => one.kind === kind) ?? entry.examples[0];
  const to = (change: { readonly format?: string; readonly kind?: string }) => {
    const chosen = new URLSearchParams({ format, kind: example.kind, ...change });
    return `/docs/events/${entry.type}?${chosen}#example`;
  };
  return (
    <Page
      cx={cx}
      title={entry.type}
      sub={<Inline text={guide.summary} />}
      parts={[
        { to: "#when", label: words.whenItComes },
        { to: "#todo", label: words.whatToDo },
        { to: "#names", label: words.names },
        { to: "#example", label: words.examples },
        ...(hasFields ? [{ to: "#fields", label: words.fields }] : []),
      ]}
    >
      <h2 id="when">{words.whenItComes}</h2>
      <Markdown text={guide.when} />
      <h2 id="todo">{words.whatToDo}</h2>
      <Markdown text={guide.whatToDo} />
      <h2 id="names">{words.names}</h2>
      <div class="scroll" tabindex={0}>
        <table class="names">
          <tbody>
            {FORMAT_NAMES.map((name) => (
              <tr>
                <td>
                  <code>{name}</code>
                </td>
                <td>
                  {entry.names[name].length === 0
                    ? <span class="faint">{words.notIn}</span>
                    : entry.names[name].map((known) => (
                      <>
                        <code>{known}</code>
                        {" "}
                      </>
                    ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2 id="example">{words.examples}</h2>
      <Choice
        label={words.format}
        options={FORMAT_NAMES}
        chosen={format}
        to={(name) => to({ format: name })}
      />
      {entry.examples.length < 2 ? "" : (
        <Choice
          label={words.kind}
          options={entry.examples.map(({ kind }) => kind)}
          chosen={example.kind}
          to={(name) => to({ kind: name })}
        />
      )}
      {example.formats[format].length === 0 ? <p class="faint">{words.notIn}</p> : ""}
      {example.formats[format].map(({ name, headers, body }) => (
        <>
          <h3>
            <code>{name}</code>
          </h3>
          <Json value={JSON.parse(body)} />
          <details>
            <summary>{words.headers}</summary>
            <Json value={headers} />
          </details>
        </>
      ))}
      {hasFields
        ? (
          <>
            <h2 id="fields">{words.fields}</h2>
            <p class="note">
              <Inline text={words.fieldsOfDevice} /> {words.englishOnly}
            </p>
            <div lang="en">
              <FieldTable
                words={words}
                rows={entry.fields.map(({ path, type, optional, description }) => ({
                  path,
                  type,
                  required: !optional,
                  description,
                }))}
              />
            </div>
          </>
        )
        : ""}
    </Page>
  );
}

function Choice({ label, options, chosen, to }: {
  readonly label: string;
  readonly options: readonly string[];
  readonly chosen: string;
  readonly to: (option: string) => string;
}) {
  return (
    <nav class="choice" aria-label={label}>
      <span class="note">{label}</span>
      {options.map((option) => (
        <a href={to(option)} aria-current={option === chosen ? "true" : undefined}>{option}</a>
      ))}
    </nav>
  );
}
