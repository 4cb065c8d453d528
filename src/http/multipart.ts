import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
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
/** Parts of these types without a file name are fields: some clients give every field a type. */
const FIELD_TYPES = /^(?:text\/|application\/(?:[\w.-]+\+)?json$)/i;

/**
 * Reads a `multipart/form-data` body as it comes: files are handed on piece by piece, one after another, and never held
 * in memory. A file input that was left empty (no name, no bytes) does not count.
 * @param take Takes a file's bytes to their end; what it resolves to stands for the file.
 * @throws {HttpError} 400 if the body is malformed.
 * @see RFC 7578
 */
export async function readMultipart<F>(
  request: Request,
  take: (bytes: AsyncIterable<Uint8Array>, head: PartHead) => Promise<F>,
): Promise<Multipart<F>> {
  const { body } = request;
  if (body === null) throw malformed("it is empty");
  const parser = parserFor(request.headers.get("Content-Type") ?? "");
  const given = new AbortController();
  const fields = new Map<string, string>();
  const files: (PartHead & { readonly file: F })[] = [];
  const streams: BusboyFileStream[] = [];
  let taking: Promise<void> = Promise.resolve();
  const refuse = (error: unknown) => given.abort(error);

  async function takeFile(stream: BusboyFileStream, head: PartHead): Promise<void> {
    const bytes = piecesOf(stream);
    const first = await bytes.next();
    if (first.done && head.fileName === undefined) return;
    const file = await take(rejoined(first, bytes), head);
    stream.resume(); // `take` may have left the end unread
    files.push({ ...head, file });
  }

  parser.on("partsLimit", () => refuse(malformed(`it has more than ${MOST_PARTS} parts`)));
  parser.on("field", (name, value, _nameCut, valueCut) => {
    if (name === undefined) return refuse(malformed("a part of it has no name"));
    if (valueCut) return refuse(malformed(`the field ${name} has more than ${MOST_FIELD_BYTES} bytes`));
    fields.set(name, value);
  });
  parser.on("file", (name, stream, fileName, _encoding, mimeType) => {
    if (name === undefined) return refuse(malformed("a part of it has no name"));
    const head = { name, ...(fileName && { fileName: plainName(fileName) }), mimeType };
    streams.push(stream);
    stream.on("error", refuse); // also while it waits for its turn
    // The next file waits for the one before it; a refusal ends the reading of the body.
    taking = taking.then(() => takeFile(stream, head));
    taking.catch(refuse);
  });

  try {
    await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), parser, {
      signal: given.signal,
    });
    await taking;
  } catch (error) {
    for (const stream of streams) stream.destroy();
    await taking.catch(() => {}); // so that nothing is left open; its own error has been seen
    const cause = given.signal.aborted ? given.signal.reason : error;
    throw breaksOff(cause) ? malformed("it ends too early, or a boundary in it is wrong") : cause;
  }
  return { fields: Object.fromEntries(fields), files };
}

function parserFor(contentType: string): BusboyInstance {
  if (!/^multipart\/form-data\b/i.test(contentType)) throw malformed("its type is another one");
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      limits: { fieldSize: MOST_FIELD_BYTES, headerSize: MOST_HEAD_BYTES, parts: MOST_PARTS },
      isPartAFile: (_name, type, fileName) =>
        fileName !== undefined || !FIELD_TYPES.test(type ?? "text/plain"),
    });
  } catch {
    throw malformed("its Content-Type has no boundary, or one that is too long");
  }
}

/** Whether the parser wanted more, rather than that the body could not be read. */
function breaksOff(error: unknown): boolean {
  return error instanceof Error && error.message.endsWith("nexpected end of multipart data");
}

async function* piecesOf(stream: BusboyFileStream): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) yield piece;
}

async function* rejoined(
  first: IteratorResult<Uint8Array, void>,
  others: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (!first.done) yield first.value;
  yield* others;
}

/**
 * A file's name as its sender meant it: browsers write quotes as `%22`, and .NET writes what is not ASCII as an encoded
 * word, for those who do not read `filename*` beside it.
 * @see RFC 2047, section 2
 */
function plainName(fileName: string): string {
  const word = /^=\?utf-8\?([bq])\?([^?]*)\?=$/i.exec(fileName);
  if (word === null) return fileName.replaceAll("%22", '"');
  const [, encoding, text] = word;
  if (encoding.toLowerCase() === "b") return Buffer.from(text, "base64").toString();
  const bytes = text.replaceAll("_", " ").replace(
    /=([0-9a-f]{2})/gi,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}

function malformed(why: string): HttpError {
  return new HttpError(400, "INVALID_MULTIPART", `The body is not valid multipart/form-data: ${why}`);
}
