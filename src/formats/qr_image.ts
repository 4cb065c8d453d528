import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import qrcode from "qrcode/lib/core/qrcode.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Pixels a module: eight, so that at one bit a pixel a module's width is one byte. */
const SCALE = 8;
/** Modules of white around. */
const MARGIN = 4;
/** As many bytes as the largest QR code holds at error correction level M. */
const MAX_BYTES = 2331;

interface QrCode {
  /** One entry a module, row by row; dark when not 0. */
  readonly modules: { readonly size: number; readonly data: Uint8Array };
}

/**
 * Draws a QR code as a PNG of one bit a pixel, in a data URL. Here and not by `qrcode` because that draws
 * asynchronously, and what an event looks like must be known at once.
 * @returns What cannot be drawn as it is: another system may have drawn its code already.
 * @see PNG specification, third edition, "Datastream structure"
 */
export function qrImage(text: string): string {
  const data = Buffer.from(text);
  if (data.length === 0 || data.length > MAX_BYTES || text.startsWith("data:")) return text;
  const { modules }: QrCode = qrcode.create([{ data, mode: "byte" }], { errorCorrectionLevel: "M" });
  const rowBytes = modules.size + 2 * MARGIN;
  const side = rowBytes * SCALE;
  const pixels = Buffer.alloc((rowBytes + 1) * side, 0xff);
  for (let y = 0; y < side; y++) {
    const start = y * (rowBytes + 1);
    pixels[start] = 0; // this row is not filtered
    const row = Math.floor(y / SCALE) - MARGIN;
    if (row < 0 || row >= modules.size) continue;
    for (let column = 0; column < modules.size; column++) {
      if (modules.data[row * modules.size + column]) pixels[start + 1 + MARGIN + column] = 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // bits a pixel; grey, deflated, unfiltered, not interlaced follow as zeros
  const png = Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${png.toString("base64")}`;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
