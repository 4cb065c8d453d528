const GAP = /\{\{([^{}]*)\}\}/g;

export type Variables = Readonly<Record<string, string>>;

/**
 * The variables that a text has gaps for, each once: `Halo {{nama pelanggan}}` has `nama pelanggan`. A gap without a
 * name has the empty one, which nobody can fill: recipients would see the braces.
 */
export function gapsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(GAP)].map(([, name]) => variableName(name)))];
}

/** Fills the gaps. One without a variable becomes empty: look for those first. */
export function fill(text: string, variables: Variables): string {
  return text.replace(GAP, (_, name: string) => valueOf(variableName(name), variables) ?? "");
}

export function valueOf(name: string, variables: Variables): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/** A variable's name in one spelling: tables and forms write the same letter in several ways. */
export function variableName(text: string): string {
  return text.trim().replace(/\s+/g, " ").normalize("NFC");
}

/** Variables under their names in one spelling. */
export function named(variables: Readonly<Record<string, string>>): Variables {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [variableName(name), value]));
}
