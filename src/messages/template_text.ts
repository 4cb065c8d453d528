const GAP = /\{\{\s*([\w.-]{1,64})\s*\}\}/g;

export type Variables = Readonly<Record<string, string>>;

/** The variables that a text has gaps for, each once: `Halo {{name}}` has `name`. */
export function gapsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(GAP)].map(([, name]) => name))];
}

/** Fills the gaps. One without a variable becomes empty: look for those first. */
export function fill(text: string, variables: Variables): string {
  return text.replace(GAP, (_, name: string) => valueOf(name, variables) ?? "");
}

export function valueOf(name: string, variables: Variables): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}
