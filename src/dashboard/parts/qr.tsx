import qrcode from "qrcode/lib/core/qrcode.js";

/** Modules of white around, as the standard asks for. */
const MARGIN = 4;

/** A QR code, black on white in both themes: phones do not read it otherwise. Runs of modules are one stroke each. */
export function QrPicture({ code, label }: { readonly code: string; readonly label: string }) {
  const { modules }: { modules: { size: number; data: Uint8Array } } = qrcode.create(code, {
    errorCorrectionLevel: "L",
  });
  const { size, data } = modules;
  const side = size + 2 * MARGIN;
  const strokes: string[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let run = 0;
      while (column + run < size && data[row * size + column + run]) run++;
      if (run > 0) strokes.push(`M${column + MARGIN} ${row + MARGIN + .5}h${run}`);
      column += run;
    }
  }
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <path class="qr-ground" d={`M0 0h${side}v${side}H0z`} />
      <path class="qr-ink" d={strokes.join("")} />
    </svg>
  );
}
