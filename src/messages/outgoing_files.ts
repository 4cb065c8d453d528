import type { MediaKind } from "../events/content.ts";
import type { TenantId } from "../ids.ts";

/** Where a file that is to be sent comes from. */
export type FileRequest =
  & {
    /** What the sender says the file is; else what its source says. */
    readonly mimeType?: string;
  }
  & (
    | { readonly from: "url"; readonly url: string }
    | { readonly from: "base64"; readonly data: string }
    | { readonly from: "body"; readonly stream: ReadableStream<Uint8Array>; readonly fileName?: string }
  );

export interface BroughtFile {
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly fileName?: string;
}

/** The files of messages that are not sent yet, each under the media id of its message. */
export interface OutgoingFiles {
  pathOf(mediaId: string): string;
  /** @throws {RefusedError} If it cannot be had, is too large, or is nothing that this kind of message takes. */
  bring(
    file: FileRequest,
    message: { readonly mediaId: string; readonly kind: MediaKind; readonly tenantId: TenantId },
  ): Promise<BroughtFile>;
  /** The file is not needed any more; harmless when there is none. */
  discard(mediaId: string): Promise<void>;
}
