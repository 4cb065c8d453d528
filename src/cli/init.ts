import { type Setting, SETTINGS } from "../config.ts";
import { messageOf } from "../errors.ts";
import { CommandError } from "./verb.ts";

/** Lines of comments are at most this long. */
const WIDTH = 100;

const HEAD = `# Settings of Kabar. A line without # sets one; the values shown are the defaults.
#   the executable      kabar --env-file <this file>
#   systemd             EnvironmentFile=/etc/kabar.env
#   a container         docker run --env-file <this file> …
# Without API_KEY the first start makes a key and prints it once.
`;

/**
 * Writes a file with every setting, its default and what it does, all switched off.
 * @throws {CommandError} If it cannot be written, or exists.
 */
export async function init(
  path: string,
  { force, print }: { readonly force: boolean; readonly print: (line: string) => void },
): Promise<void> {
  try {
    await Deno.writeTextFile(path, envFile(), { createNew: !force, mode: 0o600 }); // keys will be in it
  } catch (error) {
    const why = error instanceof Deno.errors.AlreadyExists
      ? "it exists. --force replaces it"
      : error instanceof Deno.errors.NotFound
      ? "its folder does not exist"
      : messageOf(error);
    throw new CommandError(`Cannot write ${path}: ${why}`, { cause: error });
  }
  print(`${path} holds ${Object.keys(SETTINGS).length} settings, all at their defaults`);
  print(`Change what you need, then: kabar --env-file ${path}`);
}

/** The text of the file, made from the one definition of the settings. */
export function envFile(): string {
  const parts = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { about, takes, fallback }]) => {
    const words = `${about} Takes ${takes}.`.replaceAll("`", "");
    return `${commented(words)}\n#${name}=${fallback}\n`;
  });
  return `${HEAD}\n${parts.join("\n")}`;
}

function commented(words: string): string {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines.join("\n");
}
