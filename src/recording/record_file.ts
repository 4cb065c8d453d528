// The files of one record: lines are appended in order; a full file is followed by another with a header of its own.
import { messageOf } from "../errors.ts";

export interface RecordFileDeps {
  readonly folder: string;
  /** The name of the first file, without its ending. */
  readonly name: string;
  /** So many characters go into one file. */
  readonly mostCharacters: number;
  /** Nothing more is written once a write has failed. */
  readonly onFailure: (path: string, message: string) => void;
}

export interface RecordFile {
  /** Adds a line with its line break; `header` gives the first one of a new file. */
  add(line: string, header: () => string): void;
  /** Resolves when everything is written so far. */
  written(): Promise<void>;
}

/** Makes the files, which only their owner can read, with the first line that is added. */
export function createRecordFile({ folder, name, mostCharacters, onFailure }: RecordFileDeps): RecordFile {
  let part = 0;
  let size = Infinity; // the first line begins the first file
  let hasFailed = false;
  const waiting = new Map<number, string[]>(); // lines by the part that they belong to
  let writing = Promise.resolve();

  function push(line: string): void {
    size += line.length;
    const lines = waiting.get(part) ?? [];
    waiting.set(part, lines);
    if (lines.push(line) === 1) writing = writing.then(flush);
  }

  async function flush(): Promise<void> {
    for (const [number, lines] of [...waiting]) {
      waiting.delete(number);
      await append(`${folder}/${name}${number === 1 ? "" : `.${number}`}.jsonl`, lines.join(""));
    }
  }

  async function append(path: string, text: string): Promise<void> {
    if (hasFailed) return;
    try {
      await Deno.mkdir(folder, { recursive: true });
      await Deno.writeTextFile(path, text, { append: true, mode: 0o600 });
    } catch (error) {
      hasFailed = true;
      onFailure(path, messageOf(error));
    }
  }

  return {
    add(line, header) {
      if (hasFailed) return;
      if (size >= mostCharacters) {
        part++;
        size = 0;
        push(header());
      }
      push(line);
    },
    written: () => writing,
  };
}
