/** The header in which webhook requests name the gateways that the event has come through, the sender last. */
export const FROM_HEADER = "X-Kabar-From";

/** A chain of more gateways than this is taken for a loop among gateways that do not know each other's marks. */
export const MOST_GATEWAYS = 8;

/** The marks in an `X-Kabar-From`; none when it is left out. */
export function passedGateways(header: string | undefined): readonly string[] {
  return (header ?? "").split(",", MOST_GATEWAYS + 1).map((mark) => mark.trim().slice(0, 64)).filter((mark) =>
    mark !== ""
  );
}
