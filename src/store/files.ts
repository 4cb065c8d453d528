/** What is known of a file. */
export interface FileInfo {
  /** Bytes that are there by now. */
  readonly sizeBytes: number;
  /** All of it is there. */
  readonly complete: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
}

/**
 * Files that any gateway may ask for, whoever took them in. A file is written once, from its beginning to its end, and
 * can be read while it is still being written. Ids hold only letters, digits, `_`, `-` and `.`, and do not begin with
 * `.`.
 */
export interface Files {
  /**
   * Begins a file.
   * @throws {ConflictError} If there is one with this id.
   */
  create(id: string, createdAt: number): Promise<void>;
  /** Adds bytes at its end. One writer a file, one call after another. @throws {NotFoundError} If it was removed. */
  append(id: string, bytes: Uint8Array): Promise<void>;
  /** Says that all of it is there. */
  finish(id: string): Promise<void>;
  info(id: string): Promise<FileInfo | undefined>;
  /**
   * The bytes of a file that are there by now, in pieces.
   * @param range `from` is the first byte, `to` the one after the last.
   * @throws {NotFoundError} If there is none, or it is removed in the middle.
   */
  read(id: string, range?: { readonly from: number; readonly to?: number }): AsyncIterable<Uint8Array>;
  /**
   * Gives a file another id.
   * @throws {NotFoundError} If there is none. @throws {ConflictError} If there is one with the other id.
   */
  move(id: string, to: string): Promise<void>;
  remove(id: string): Promise<void>;
  /**
   * Removes at most `limit` files that were begun before `before`; returns how many.
   * @param prefix What their ids begin with; left out: any.
   */
  prune(before: number, limit: number, prefix?: string): Promise<number>;
}
