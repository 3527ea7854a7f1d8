import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedFile {
  content: Buffer;
  etag?: string | null;
  lastModified?: string | null;
}

/** What happens to one request instead of a right answer; they are used up in order. */
export type FileFault =
  | { kind: 'cut'; afterBytes: number } // the connection ends in the middle
  | { kind: 'stall'; afterBytes: number } // nothing more comes, the connection stays
  | { kind: 'no-range' } // the whole file again
  | { kind: 'range-of-other' } // 206 of whatever is there now, If-Range or not
  | { kind: 'status'; status: number }
  | { kind: 'redirect'; to: string }
  | { kind: 'no-length' } // in chunks
  | null;

/** Files over HTTP on loopback: Range, If-Range, ETag, Last-Modified as RFC 9110 has them, and faults on demand. */
export class FileServer {
  readonly files = new Map<string, ServedFile>();
  readonly faults: FileFault[] = [];
  readonly requests: { path: string; range: string | undefined; ifRange: string | undefined }[] = [];
  readonly #server = createServer((request, response) => this.#serve(request, response));
  #stalled: (() => void) | null = null;
  #cut: { atBytes: number; response: ServerResponse } | null = null;

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return this.origin;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when a 'stall' has sent what it sends. */
  stalled(): Promise<void> {
    return new Promise((done) => {
      this.#stalled = done;
    });
  }

  /**
   * The client has so much by now. A 'cut' waits for that: what still lies in its buffers when the connection breaks is lost to it, and how
   * much that is nobody knows.
   */
  arrived(bytes: number): void {
    if (this.#cut?.atBytes !== bytes) return;
    this.#cut.response.destroy();
    this.#cut = null;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    const { range, 'if-range': ifRange } = request.headers;
    this.requests.push({ path, range, ifRange: Array.isArray(ifRange) ? ifRange[0] : ifRange });
    // Packed on the way, a range would be of something else.
    if (request.headers['accept-encoding'] !== 'identity') return void response.writeHead(400).end('packed?');
    const fault = this.faults.shift() ?? null;
    const file = this.files.get(path);
    if (fault?.kind === 'redirect') return void response.writeHead(302, { location: fault.to }).end('moved');
    if (fault?.kind === 'status') return void response.writeHead(fault.status).end('no');
    if (file === undefined) return void response.writeHead(404).end('not here');

    const headers: Record<string, string> = { 'accept-ranges': 'bytes' };
    if (file.etag != null) headers.etag = file.etag;
    if (file.lastModified != null) headers['last-modified'] = file.lastModified;
    const from = this.#from(file, range, ifRange, fault);
    if (from !== null && from >= file.content.length)
      return void response.writeHead(416, { 'content-range': `bytes */${file.content.length}` }).end();
    const body = file.content.subarray(from ?? 0);
    if (from !== null) headers['content-range'] = `bytes ${from}-${file.content.length - 1}/${file.content.length}`;
    if (fault?.kind !== 'no-length') headers['content-length'] = String(body.length);
    response.writeHead(from === null ? 200 : 206, headers);
    if (fault?.kind === 'cut') {
      this.#cut = { atBytes: (from ?? 0) + fault.afterBytes, response };
      return void response.write(body.subarray(0, fault.afterBytes));
    }
    if (fault?.kind === 'stall') return void response.write(body.subarray(0, fault.afterBytes), () => this.#stalled?.());
    response.end(body);
  }

  /** Where the answer begins; null: the whole file. */
  #from(file: ServedFile, range: string | undefined, ifRange: unknown, fault: FileFault): number | null {
    const [, from] = /^bytes=(\d+)-$/u.exec(range ?? '') ?? [];
    if (from === undefined || fault?.kind === 'no-range') return null;
    const isSame = ifRange === undefined || ifRange === file.etag || ifRange === file.lastModified;
    return isSame || fault?.kind === 'range-of-other' ? Number(from) : null;
  }
}
