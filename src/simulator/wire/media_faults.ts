// Media servers that fail on purpose: refuse, answer late or slowly, break off in the middle.
import { Buffer } from "node:buffer";

const SLICES_PER_SECOND = 20;

/** What goes wrong with transfers. */
export interface MediaFault {
  /** Default: downloads. */
  readonly on?: "download" | "upload";
  /** The path of the file that it happens to; any when left out. */
  readonly path?: string;
  /** Answers with this HTTP status: 403 is a link that is not valid any more, 404 or 410 an expired file. */
  readonly status?: number;
  /** Waits before the answer. */
  readonly delayMs?: number;
  readonly bytesPerSecond?: number;
  /** Breaks the connection after so many bytes of a download. */
  readonly cutAfterBytes?: number;
  /** Happens to the next transfers only. */
  readonly times?: number;
}

/** The faults of a media host. */
export class MediaFaults {
  #faults: { readonly fault: MediaFault; left: number }[] = [];

  /** Ends all faults, and begins these. */
  set(faults: readonly MediaFault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? Infinity }));
  }

  /** The first fault that this transfer meets. */
  next(on: "download" | "upload", path: string): MediaFault | undefined {
    const met = this.#faults.find(({ fault, left }) =>
      left > 0 && (fault.on ?? "download") === on && (fault.path ?? path) === path
    );
    if (met !== undefined) met.left--;
    return met?.fault;
  }
}

/** The answer with a file, as slow and as broken as the fault says. */
export function fileResponse(blob: Buffer, { bytesPerSecond, cutAfterBytes }: MediaFault = {}): Response {
  const headers = { "content-length": String(blob.length), "content-type": "application/octet-stream" };
  if (bytesPerSecond === undefined && cutAfterBytes === undefined) {
    return new Response(new Uint8Array(blob), { headers });
  }
  const end = Math.min(cutAfterBytes ?? blob.length, blob.length);
  const slice = bytesPerSecond === undefined
    ? end
    : Math.max(1, Math.ceil(bytesPerSecond / SLICES_PER_SECOND));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent >= end) {
        if (end < blob.length) controller.error(new Error("Cut off on purpose"));
        else controller.close();
        return;
      }
      if (bytesPerSecond !== undefined && sent > 0) {
        await new Promise((done) => setTimeout(done, 1_000 / SLICES_PER_SECOND));
      }
      controller.enqueue(new Uint8Array(blob.subarray(sent, Math.min(end, sent + slice))));
      sent += slice;
    },
  });
  return new Response(body, { headers });
}
