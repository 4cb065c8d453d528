import type { Child } from "@hono/hono/jsx";
import { Code } from "./code.tsx";
import { slugOf } from "./document.ts";

/**
 * Draws the part of Markdown that our own texts use: headings, paragraphs, lists, tables, code blocks, and within lines
 * code, bold, italics and links. Everything else is text.
 */
export function Markdown({ text }: { readonly text: string }) {
  return <>{blocksOf(text).map(drawn)}</>;
}

/** One line of Markdown: code, bold, italics and links. */
export function Inline({ text }: { readonly text: string }) {
  return <>{inline(text)}</>;
}

type Block =
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "list" | "steps"; readonly items: readonly string[] }
  | { readonly kind: "table"; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: "text"; readonly text: string };

/** Parts a text into blocks; blank lines part paragraphs. */
function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = text.trim().split("\n");
  while (lines.length > 0) {
    const line = lines.shift() ?? "";
    const [, level, title] = /^(#{1,4}) (.+)$/.exec(line) ?? [];
    if (line.trim() === "") continue;
    if (line.startsWith("```")) {
      blocks.push({ kind: "code", text: taken(lines, (next) => !next.startsWith("```")).join("\n") });
      lines.shift();
    } else if (level !== undefined) blocks.push({ kind: "heading", level: level.length, text: title });
    else if (line.startsWith("|")) {
      const rows = [line, ...taken(lines, (next) => next.startsWith("|"))];
      blocks.push({ kind: "table", rows: rows.filter((row) => !/^\|[\s|:-]+$/.test(row)).map(cellsOf) });
    } else if (/^(- |\d+\. )/.test(line)) {
      const rest = taken(lines, (next) => next.trim() !== "" && !/^(#|```|\|)/.test(next));
      const items: string[] = [];
      for (const part of [line, ...rest]) {
        if (/^(- |\d+\. )/.test(part)) items.push(part.replace(/^(- |\d+\. )/, ""));
        else items[items.length - 1] += ` ${part.trim()}`;
      }
      blocks.push({ kind: line.startsWith("-") ? "list" : "steps", items });
    } else {
      const rest = taken(lines, (next) => next.trim() !== "" && !/^(#|```|\||- )/.test(next));
      blocks.push({ kind: "text", text: [line, ...rest].join(" ") });
    }
  }
  return blocks;
}

function taken(lines: string[], isPart: (line: string) => boolean): readonly string[] {
  const end = lines.findIndex((line) => !isPart(line));
  return lines.splice(0, end === -1 ? lines.length : end);
}

function cellsOf(row: string): readonly string[] {
  return row.replaceAll(/^\||\|\s*$/g, "").split("|").map((cell) => cell.trim());
}

function drawn(block: Block) {
  switch (block.kind) {
    case "code":
      return <Code text={block.text} />;
    case "heading":
      return block.level <= 2
        ? <h2 id={slugOf(block.text)}>{inline(block.text)}</h2>
        : <h3 id={slugOf(block.text)}>{inline(block.text)}</h3>;
    case "list":
      return <ul>{block.items.map((item) => <li>{inline(item)}</li>)}</ul>;
    case "steps":
      return <ol>{block.items.map((item) => <li>{inline(item)}</li>)}</ol>;
    case "table": {
      const [head = [], ...rows] = block.rows;
      return (
        <div class="scroll" tabindex={0}>
          <table>
            <thead>
              <tr>{head.map((cell) => <th scope="col">{inline(cell)}</th>)}</tr>
            </thead>
            <tbody>{rows.map((row) => <tr>{row.map((cell) => <td>{inline(cell)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      );
    }
    case "text":
      return <p>{inline(block.text)}</p>;
  }
}

const MARKS = /`([^`]+)`|\*\*([^*]+)\*\*|_([^_]+)_(?!\w)|\[([^\]]+)\]\(((?:https:\/\/|\/|#)[^\s)]*)\)/;

function inline(text: string): Child {
  const parts: Child[] = [];
  let rest = text;
  for (let found = MARKS.exec(rest); found !== null; found = MARKS.exec(rest)) {
    const [whole, code, bold, italic, label, to] = found;
    parts.push(rest.slice(0, found.index));
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (bold !== undefined) parts.push(<strong>{bold}</strong>);
    else if (italic !== undefined) parts.push(<em>{italic}</em>);
    else parts.push(<a href={to}>{label}</a>);
    rest = rest.slice(found.index + whole.length);
  }
  parts.push(rest);
  return parts;
}
