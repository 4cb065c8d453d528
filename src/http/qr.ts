import { Buffer } from "node:buffer";
import qrcode from "qrcode/lib/core/qrcode.js";
import { qrImage } from "../formats/qr_image.ts";

/** Modules of white around, as the standard asks for. */
const MARGIN = 4;

/** A QR code as a PNG file. */
export function qrPng(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(qrImage(text).replace(/^data:image\/png;base64,/, ""), "base64"));
}

/** A QR code as an SVG document: one path, one unit a module. */
export function qrSvg(text: string): string {
  const { modules }: { modules: { size: number; data: Uint8Array } } = qrcode.create(text, {
    errorCorrectionLevel: "M",
  });
  const side = modules.size + 2 * MARGIN;
  const dark: string[] = [];
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.data[row * modules.size + column]) dark.push(`M${column + MARGIN} ${row + MARGIN}h1v1h-1z`);
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${dark.join("")}"/></svg>`;
}
