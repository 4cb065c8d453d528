/** WhatsApp does not give a pairing code for this number now. */
export class PairingRefusedError extends Error {
  override readonly name = "PairingRefusedError";
}
