// The media servers on loopback: downloads over http and https, uploads over https.
import { Buffer } from "node:buffer";
import { sha256 } from "./media.ts";
import { fileResponse, type MediaFault, MediaFaults } from "./media_faults.ts";
import type { Secrets } from "./seed.ts";
import { createTlsIdentity, type TlsIdentity } from "./tls.ts";

/** Where a stored blob can be fetched: `path` on the https host, `url` plain http. */
export interface StoredMedia {
  readonly path: string;
  readonly url: string;
}

export class MediaHost {
  /** Forces an HTTP status for downloads of these paths: 404 or 410 is "expired". */
  readonly failures = new Map<string, number>();
  downloads = 0;
  uploads = 0;
  /** Delays every answer. */
  delayMs = 0;
  /** What goes wrong with transfers. */
  readonly faults = new MediaFaults();
  readonly #blobs = new Map<string, Buffer>();
  readonly #tls: TlsIdentity;
  readonly #hostname: string;
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  readonly #https: Deno.HttpServer<Deno.NetAddr>;

  /** @param advertised The name under which clients reach us; `hostname` is what to listen on. */
  constructor(hostname = "127.0.0.1", advertised = "127.0.0.1", secrets?: Secrets) {
    this.#hostname = advertised;
    this.#tls = createTlsIdentity(["localhost", advertised], secrets);
    const quiet = { hostname, port: 0, onListen: () => {} };
    this.#http = Deno.serve(quiet, (request) => this.#answer(request));
    this.#https = Deno.serve(
      { ...quiet, cert: this.#tls.certPem, key: this.#tls.keyPem },
      (request) => this.#answer(request),
    );
  }

  /** `host:port` of the https side, as `media_conn` announces it; Baileys puts https:// in front. */
  get host(): string {
    return `${this.#hostname}:${this.#https.addr.port}`;
  }

  /** The authority that a client must trust for the https side. */
  get caPem(): string {
    return this.#tls.caPem;
  }

  /** @param name Part of the path; the hash of the blob when left out. */
  put(blob: Buffer, name = sha256(blob).toString("hex")): StoredMedia {
    const path = `/v/${name}.enc`;
    this.#blobs.set(path, blob);
    return { path, url: `http://${this.#hostname}:${this.#http.addr.port}${path}` };
  }

  /** @param address A path, or a whole URL. */
  get(address: string): Buffer | undefined {
    return this.#blobs.get(new URL(address, "http://host").pathname);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#http.shutdown(), this.#https.shutdown()]);
  }

  async #answer(request: Request): Promise<Response> {
    if (this.delayMs > 0) await new Promise((done) => setTimeout(done, this.delayMs));
    const isUpload = request.method === "POST";
    const { pathname } = new URL(request.url);
    const fault = this.faults.next(isUpload ? "upload" : "download", pathname);
    if (fault?.delayMs) await new Promise((done) => setTimeout(done, fault.delayMs));
    if (fault?.status !== undefined) {
      await request.body?.cancel();
      return new Response(null, { status: fault.status });
    }
    return isUpload ? await this.#upload(request) : this.#download(pathname, fault);
  }

  async #upload(request: Request): Promise<Response> {
    const blob = Buffer.from(await request.arrayBuffer());
    const token = decodeURIComponent(new URL(request.url).searchParams.get("token") ?? "");
    const claimed = token.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
    if (sha256(blob).toString("base64").replace(/=+$/, "") !== claimed) {
      return Response.json({ error: "hash mismatch" }, { status: 400 });
    }
    this.uploads++;
    const { path } = this.put(blob);
    return Response.json({ url: `https://${this.host}${path}`, direct_path: path });
  }

  #download(pathname: string, fault: MediaFault | undefined): Response {
    const blob = this.#blobs.get(pathname);
    const status = this.failures.get(pathname) ?? (blob === undefined ? 404 : undefined);
    if (blob === undefined || status !== undefined) return new Response(null, { status });
    this.downloads++;
    return fileResponse(blob, fault);
  }
}
