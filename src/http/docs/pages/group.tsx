import { Code, Json } from "../code.tsx";
import { curlOf } from "../curl.ts";
import { type ApiDocument, exampleOf, type Operation, type OperationGroup } from "../document.ts";
import { type FieldRow, fieldsOf, typeOf } from "../fields.ts";
import { Page, type PageContext } from "../frame.tsx";
import { Inline, Markdown } from "../markdown.tsx";
import type { Words } from "../words.ts";

/** `/docs/api/<group>`: every operation of one group, each with a link of its own. */
export function GroupPage({ cx, group, document }: {
  readonly cx: PageContext;
  readonly group: OperationGroup;
  readonly document: ApiDocument;
}) {
  const { words } = cx;
  return (
    <Page
      cx={cx}
      title={group.name}
      sub={words.englishOnly || words.operations(group.operations.length)}
      parts={group.operations.map(({ id, summary }) => ({ to: `#${id}`, label: <Inline text={summary} /> }))}
    >
      <div lang="en">
        {group.operations.map((operation) => (
          <OperationPanel words={words} operation={operation} document={document} />
        ))}
      </div>
    </Page>
  );
}

function OperationPanel({ words, operation, document }: {
  readonly words: Words;
  readonly operation: Operation;
  readonly document: ApiDocument;
}) {
  const { id, method, path, summary, description, parameters, bodies, answers, keyHeader } = operation;
  return (
    <article class="panel operation" id={id}>
      <h2>
        <a href={`#${id}`} title={words.link}>
          <Inline text={summary} />
        </a>
      </h2>
      <p class="address">
        <span class={`method ${method}`}>{method.toUpperCase()}</span>
        <code>{path}</code>
        <span class="note">{keyHeader === undefined ? words.needsNoKey : words.needsKey(keyHeader)}</span>
        <a class="button" href={`/docs/try#${id}`}>{words.tryIt}</a>
      </p>
      {description === undefined ? "" : <Markdown text={description} />}
      {bodies.length === 0
        ? <Code text={curlOf(operation, undefined)} />
        : bodies.map((body) => <Code text={curlOf(operation, body)} />)}
      {parameters.length === 0 ? "" : (
        <>
          <h3>{words.parameters}</h3>
          <FieldTable
            words={words}
            rows={parameters.map(({ name, in: place, required = false, schema, description }) => ({
              path: name,
              type: `${place}: ${typeOf(document, schema)}`,
              required,
              description: description ?? schema?.description ?? "",
            }))}
          />
        </>
      )}
      {bodies.map(({ type, schema }) => (
        <>
          <h3>
            {words.body} <small>{type}</small>
          </h3>
          <FieldTable words={words} rows={fieldsOf(document, schema)} />
        </>
      ))}
      <h3>{words.answers}</h3>
      {answers.map(({ status, description = "", content }) => {
        const schema = content?.["application/json"]?.schema;
        const shown = schema !== undefined && Number(status) < 400;
        return shown
          ? (
            <details>
              <summary>
                <code>{status}</code> <Inline text={description} />
              </summary>
              <Json value={exampleOf(document, schema)} />
              <FieldTable words={words} rows={fieldsOf(document, schema)} />
            </details>
          )
          : (
            <p>
              <code>{status}</code> <Inline text={description} />
            </p>
          );
      })}
    </article>
  );
}

/** A table of fields; nothing where there are none. */
export function FieldTable({ words, rows }: { readonly words: Words; readonly rows: readonly FieldRow[] }) {
  if (rows.length === 0) return <></>;
  return (
    <div class="scroll" tabindex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.field}</th>
            <th scope="col">{words.type}</th>
            <th scope="col">{words.meaning}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ path, type, required, description }) => (
            <tr>
              <td>
                <code>{path}</code>
              </td>
              <td>
                {type}
                <br />
                <small>{required ? words.required : words.optional}</small>
              </td>
              <td>
                <Inline text={description} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
