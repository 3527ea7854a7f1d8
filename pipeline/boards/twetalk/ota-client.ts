import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

/** What this chip's partition for an update holds. */
const PARTITION_BYTES = 16 * 1024 * 1024;
const ATTEMPTS = 5;
/** The SDK tells its progress each time it grew by so much. */
const STEP_PERCENT = 10;
const IDLE_TIMEOUT_MS = 10_000;

export interface OtaOrder {
  version: string;
  url: string;
  md5: string;
  sizeBytes: number;
}

/** The SDK's own numbers (reference/twetalk.md §3.6). */
export const otaFailures = { timeout: '-1', noFile: '-2', refused: '-3', md5: '-4', notInstalled: '-5' } as const;
export type OtaFailure = (typeof otaFailures)[keyof typeof otaFailures];

export interface OtaClientDeps {
  /** Like the SDK, which hands the URL's whole authority to the resolver: a URL with a port cannot be fetched. */
  isPortFixed: boolean;
  /** How this board opens connections, where it does it its own way. */
  connect?: (options: object) => Socket;
  onProgress: (percent: number) => void;
  /** Something for the log: a connection that ended early, and where it goes on. */
  onRetry: (offset: number, reason: string) => void;
  signal: AbortSignal;
}

/**
 * The SDK's download: plain HTTP, one range from where it stands to the end, again from there when the connection ends early, and the MD5
 * over the whole. Resolves with the image, or with the number of what went wrong.
 */
export async function downloadFirmware(order: OtaOrder, deps: OtaClientDeps): Promise<Uint8Array | OtaFailure> {
  const url = URL.canParse(order.url) ? new URL(order.url) : null;
  if (url === null || url.protocol !== 'http:' || (deps.isPortFixed && url.port !== '')) return otaFailures.timeout;
  if (!(order.sizeBytes > 0 && order.sizeBytes <= PARTITION_BYTES)) return otaFailures.notInstalled;
  const image = new Uint8Array(order.sizeBytes);
  let offset = 0;
  let told = 0;
  const take = (chunk: Buffer): void => {
    const part = chunk.subarray(0, image.length - offset);
    image.set(part, offset);
    offset += part.length;
    const percent = Math.floor((offset * 100) / image.length);
    if (percent < told + STEP_PERCENT) return;
    told = percent - (percent % STEP_PERCENT);
    deps.onProgress(percent);
  };
  for (let attempt = 0; attempt < ATTEMPTS && !deps.signal.aborted; attempt++) {
    const outcome = await fetchRange(url, { offset, size: image.length }, take, deps);
    if (offset === image.length) {
      const md5 = createHash('md5').update(image).digest('hex');
      return md5 === order.md5.toLowerCase() ? image : otaFailures.md5;
    }
    if (outcome === 404) return otaFailures.noFile;
    if (outcome === 401 || outcome === 403) return otaFailures.refused;
    // A file that is shorter than was said never gets whole.
    if (outcome === 416) return otaFailures.timeout;
    deps.onRetry(offset, typeof outcome === 'number' ? `http ${outcome}` : outcome);
  }
  return otaFailures.timeout;
}

/** One request; resolves with its status, or with the system's word for what went wrong. */
function fetchRange(
  url: URL,
  { offset, size }: { offset: number; size: number },
  take: (chunk: Buffer) => void,
  { connect, signal }: Pick<OtaClientDeps, 'connect' | 'signal'>,
): Promise<number | string> {
  return new Promise((resolve) => {
    // As the SDK writes it; it cannot inflate what it says it accepts.
    const headers = { Range: `bytes=${offset}-${size - 1}`, 'Accept-Encoding': 'gzip, deflate' };
    const connection = connect === undefined ? { agent: false as const } : { createConnection: connect };
    const asked = request(url, { headers, signal, ...connection, timeout: IDLE_TIMEOUT_MS }, (response) => {
      const status = response.statusCode ?? 0;
      const isWanted = (status === 206 || (status === 200 && offset === 0)) && response.headers['content-encoding'] === undefined;
      if (!isWanted) {
        response.resume();
        resolve(status);
        return;
      }
      response.on('data', take);
      response.on('close', () => resolve(status));
      response.on('error', () => resolve('connection lost'));
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}
