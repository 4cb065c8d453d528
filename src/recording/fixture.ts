// A record of the wire: what WhatsApp sent one device, decrypted and redacted, so that the simulator can play it again.
// The file is JSON lines: a header, then one stanza a line, in the order in which the device handled them.

/** A node of the protocol as JSON. */
export interface RecordedNode {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children?: readonly RecordedNode[];
  readonly text?: string;
  readonly base64?: string;
  /** Instead of an encrypted part: what was inside, a `Message` protobuf without padding as base64. */
  readonly plain?: string;
  /** The device could not decrypt this part. */
  readonly unreadable?: boolean;
}

export interface RecordedStanza {
  /** Milliseconds since the record began. */
  readonly at: number;
  readonly stanza: RecordedNode;
}

export interface FixtureHeader {
  readonly format: "kabar-wire";
  readonly version: 1;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The account's own addresses, as they are called in the record. */
  readonly me: { readonly number: string; readonly lid?: string };
  /** "dropped": every text is a stand-in. */
  readonly texts: "dropped" | "kept";
}

export interface Fixture {
  readonly header: FixtureHeader;
  readonly stanzas: readonly RecordedStanza[];
}

/** One line of the file, with its line break. */
export function lineOf(part: FixtureHeader | RecordedStanza): string {
  return `${JSON.stringify(part)}\n`;
}
