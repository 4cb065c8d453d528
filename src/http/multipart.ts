import { Buffer } from "node:buffer";
import { HttpError } from "./errors.ts";

/** What a part says of itself. */
export interface PartHead {
  readonly name: string;
  readonly fileName?: string;
  readonly mimeType?: string;
}

export interface Multipart<F> {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly (PartHead & { readonly file: F })[];
}

const MOST_HEAD_BYTES = 8 * 1024;
const MOST_FIELD_BYTES = 256 * 1024;
const MOST_PARTS = 50;

/**
 * Reads a `multipart/form-data` body as it comes: files are handed on piece by piece and never held in memory.
 * @param take Takes a file's bytes to their end; what it resolves to stands for the file.
 * @throws {HttpError} 400 if the body is malformed.
 * @see RFC 7578, and RFC 2046 section 5.1
 */
export async function readMultipart<F>(
  request: Request,
  take: (bytes: AsyncIterable<Uint8Array>, head: PartHead) => Promise<F>,
): Promise<Multipart<F>> {
  const boundary = boundaryOf(request.headers.get("Content-Type") ?? "");
  if (boundary === undefined || request.body === null) throw malformed("it has no boundary");
  const scanner = new Scanner(request.body);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const fields: Record<string, string> = {};
  const files: (PartHead & { readonly file: F })[] = [];
  try {
    await whole(scanner.until(delimiter), MOST_HEAD_BYTES); // what stands before the first part does not count
    for (let parts = 0;; parts++) {
      if ((await scanner.exactly(2)).toString("latin1") === "--") return { fields, files };
      if (parts === MOST_PARTS) throw malformed(`it has more than ${MOST_PARTS} parts`);
      const head = headOf((await whole(scanner.until(Buffer.from("\r\n\r\n")), MOST_HEAD_BYTES)).toString());
      const bytes = scanner.until(delimiter);
      if (head.fileName === undefined) {
        fields[head.name] = (await whole(bytes, MOST_FIELD_BYTES)).toString();
      } else {
        files.push({ ...head, file: await take(bytes, head) });
      }
    }
  } finally {
    await scanner.close();
  }
}

class Scanner {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** The body begins as if a line had ended before it, so that the first boundary looks like the others. */
  #held: Buffer = Buffer.from("\r\n");

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** The bytes before the delimiter, which is taken too. Read them to the end. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    while (true) {
      const found = this.#held.indexOf(delimiter);
      if (found >= 0) {
        const last = this.#held.subarray(0, found);
        this.#held = this.#held.subarray(found + delimiter.length);
        if (last.length > 0) yield last;
        return;
      }
      const sure = Math.max(0, this.#held.length - delimiter.length + 1);
      if (sure > 0) {
        const part = this.#held.subarray(0, sure);
        this.#held = this.#held.subarray(sure);
        yield part;
      }
      await this.#more();
    }
  }

  async exactly(length: number): Promise<Buffer> {
    while (this.#held.length < length) await this.#more();
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {}); // the client has gone already
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) throw malformed("it ends too early");
    this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
  }
}

async function whole(bytes: AsyncIterable<Buffer>, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > mostBytes) throw malformed(`a part of it has more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

function headOf(text: string): PartHead {
  const header = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(text)?.[1].trim();
  const disposition = header("content-disposition") ?? "";
  const parameter = (name: string) => {
    const [, quoted, plain] =
      new RegExp(`[;\\s]${name}=(?:"((?:\\\\.|[^"\\\\])*)"|([^;\\s]+))`, "i").exec(disposition) ??
        [];
    return quoted?.replace(/\\(["\\])/g, "$1").replaceAll("%22", '"') ?? plain;
  };
  const name = parameter("name");
  if (name === undefined) throw malformed("a part of it has no name");
  const fileName = parameter("filename");
  const mimeType = header("content-type");
  return {
    name,
    ...(fileName === undefined ? {} : { fileName }),
    ...(mimeType === undefined ? {} : { mimeType }),
  };
}

function malformed(why: string): HttpError {
  return new HttpError(400, "INVALID_MULTIPART", `The body is not valid multipart/form-data: ${why}`);
}
