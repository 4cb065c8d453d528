import { dirname, join, normalize, relative } from "node:path";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A source file: its path from the top of the project, its text, and the files of ours that it imports. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Paths from the top of the project. */
  readonly imports: readonly string[];
  /** What it imports besides, such as `npm:` packages by their name in the import map. */
  readonly packages: readonly string[];
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g;

/** Reads all TypeScript below a folder, such as `src`. */
export async function sourcesIn(folder: string): Promise<readonly SourceFile[]> {
  const paths = await filesBelow(join(ROOT, folder));
  return await Promise.all(
    paths.filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts")).map(read),
  );
}

async function read(path: string): Promise<SourceFile> {
  const text = await Deno.readTextFile(path);
  const specifiers = [...text.matchAll(IMPORT)].map(([, specifier]) => specifier);
  return {
    path: relative(ROOT, path),
    text,
    imports: specifiers.filter((specifier) => specifier.startsWith("."))
      .map((specifier) => relative(ROOT, normalize(join(dirname(path), specifier)))),
    packages: specifiers.filter((specifier) => !specifier.startsWith(".")),
  };
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await filesBelow(path));
    else found.push(path);
  }
  return found.toSorted();
}

/** Groups of nodes that reach each other, each with more than one node. */
export function circlesIn(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const lowOf = (node: string) => low.get(node) ?? Infinity;

  function visit(node: string): void {
    const mine = index.size;
    index.set(node, mine);
    low.set(node, mine);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(lowOf(node), lowOf(next)));
    }
    if (lowOf(node) !== mine) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) found.push(circle.toSorted());
  }

  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}
