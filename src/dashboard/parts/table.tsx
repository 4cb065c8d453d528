import type { Child } from "@hono/hono/jsx";

/** A column by its name; `look` as in the style sheet: `num`, `unlisted` (not on phones). */
export type Column = string | {
  readonly name: string;
  readonly look?: string;
  /** Only read out. */
  readonly hidden?: boolean;
};

/** A table in its frame: it scrolls by itself where it is too wide. Rows are `tr`. */
export function Table({ columns, children, class: name, cards = false, label }: {
  readonly columns: readonly Column[];
  readonly children?: Child;
  readonly class?: string;
  /** On phones each row stands as a card. */
  readonly cards?: boolean;
  /** Of a table without links that may scroll: it can then be reached by keyboard. */
  readonly label?: string;
}) {
  return (
    <div
      class={cards ? "scroll cards" : "scroll"}
      role={label === undefined ? undefined : "group"}
      aria-label={label}
      tabindex={label === undefined ? undefined : 0}
    >
      <table class={name}>
        <thead>
          <tr>
            {columns.map((column) =>
              typeof column === "string"
                ? <th scope="col">{column}</th>
                : (
                  <th scope="col" class={column.look}>
                    {column.hidden ? <span class="hide">{column.name}</span> : column.name}
                  </th>
                )
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
