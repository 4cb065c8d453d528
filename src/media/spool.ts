/** What is kept in memory; more goes to a file. */
const MOST_MEMORY_BYTES = 1_048_576;

/** Bytes that are written once and then read again, in memory while they are few. */
export class Spool {
  readonly #folder: string | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #path: string | undefined;
  #file: Deno.FsFile | undefined;

  /** @param folder Where the file goes; undefined: where the system keeps such files. */
  constructor(folder?: string) {
    this.#folder = folder;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    if (this.#bytes > MOST_MEMORY_BYTES) await this.#flush();
  }

  async *read(): AsyncGenerator<Uint8Array> {
    if (this.#path === undefined) return yield* this.#chunks;
    await this.#flush();
    const file = await Deno.open(this.#path);
    yield* file.readable; // which closes the file at its end
  }

  async dispose(): Promise<void> {
    this.#chunks = [];
    this.#file?.close();
    if (this.#path !== undefined) await Deno.remove(this.#path);
    this.#file = this.#path = undefined;
  }

  async #flush(): Promise<void> {
    if (this.#file === undefined) {
      this.#path = await Deno.makeTempFile({ dir: this.#folder, prefix: "blast-" });
      this.#file = await Deno.open(this.#path, { write: true });
    }
    for (const chunk of this.#chunks.splice(0)) {
      for (let written = 0; written < chunk.length;) {
        written += await this.#file.write(chunk.subarray(written));
      }
    }
  }
}
