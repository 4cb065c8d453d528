import { createLate } from "../async/late.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";

const log = logOf("media");

/** As many bytes of a text as tell what it is. */
const TELLING_BYTES = 512;

/** As many bytes as tell of any file what it is. */
export const HEAD_BYTES = 262_144;

// Loaded for the first file: it knows hundreds of types, and many gateways never send one.
const late = createLate(async () => new (await import("file-type")).FileTypeParser());

/**
 * The type that a file's bytes give away, with its codec where that matters (`audio/ogg; codecs=opus`); undefined when
 * they could be anything.
 */
export async function seenTypeOf(path: string): Promise<string | undefined> {
  const parser = await late.loaded();
  try {
    return (await parser.fromFile(path))?.mime ?? textType(await headOf(path));
  } catch (error) { // bytes that no rule foresees: the file has no type then, and is no worse for it
    log.warn("media.type_unseen", { error: messageOf(error) });
    return undefined;
  }
}

/** The same of a file whose beginning is known: `HEAD_BYTES` of it, or all that it has. */
export async function seenTypeOfHead(head: Uint8Array): Promise<string | undefined> {
  const parser = await late.loaded();
  try {
    return (await parser.fromBuffer(head))?.mime ??
      textType(new TextDecoder().decode(head.subarray(0, TELLING_BYTES)));
  } catch (error) { // as above
    log.warn("media.type_unseen", { error: messageOf(error) });
    return undefined;
  }
}

async function headOf(path: string): Promise<string> {
  using file = await Deno.open(path);
  const head = new Uint8Array(TELLING_BYTES);
  return new TextDecoder().decode(head.subarray(0, await file.read(head) ?? 0));
}

/** Pages and drawings, which are texts: no rule for bytes finds them. */
function textType(head: string): string | undefined {
  if (/^\s*<svg/i.test(head)) return "image/svg+xml";
  if (/^\s*<(!doctype html|html)/i.test(head)) return "text/html";
  return undefined;
}
