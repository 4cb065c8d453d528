import QRCode from "qrcode";

/** Draws a QR code for the terminal. */
export async function drawnQr(code: string): Promise<string> {
  const drawn: unknown = await QRCode.toString(code, { type: "terminal", small: true });
  return String(drawn);
}
