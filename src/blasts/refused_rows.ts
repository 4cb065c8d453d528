import { InvalidError } from "../errors.ts";

/** So many rows are described; of the others only the number is told. */
const DESCRIBED = 10;

/** Rows of a list that cannot be taken: all are looked for, so that the sender mends the list once. */
export class RefusedRows {
  readonly #first: InvalidError[] = [];
  #count = 0;

  get any(): boolean {
    return this.#count > 0;
  }

  /** Notes why a row is refused; anything but an `InvalidError` is thrown on. */
  add(error: unknown): void {
    if (!(error instanceof InvalidError)) throw error;
    this.#count++;
    if (this.#first.length < DESCRIBED) this.#first.push(error);
  }

  /** @throws {InvalidError} If a row was refused: the first one's field, and a sentence for each of the first ten. */
  refuse(): void {
    const [first] = this.#first;
    if (first === undefined) return;
    const more = this.#count - this.#first.length;
    const sentences = this.#first.map(({ message }) => message);
    if (more > 0) sentences.push(`and ${more} more recipients cannot be taken`);
    const why = this.#count === 1 ? first.why : { kind: "recipients_refused", count: this.#count } as const;
    throw new InvalidError(first.field, sentences.join("; "), why);
  }
}
