/** A 64-bit number as protobuf decodes it. */
interface Long {
  toNumber(): number;
}

/** A number of a protobuf message, whatever it was decoded to; 0 when it is not there. */
export function numberOf(value: number | Long | string | null | undefined): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === "object" ? value.toNumber() : Number(value);
  return Number.isFinite(number) ? number : 0;
}

/** WhatsApp's unix seconds as epoch milliseconds. */
export function fromSeconds(value: Parameters<typeof numberOf>[0]): number {
  return numberOf(value) * 1_000;
}
