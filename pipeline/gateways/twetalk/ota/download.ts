import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Observer } from '../../../observer.ts';
import { deviceId } from '../../devices.ts';
import { pathOf } from '../../http.ts';
import { Allowance } from '../rate.ts';
import { readRange } from './range.ts';
import type { OtaUpdates } from './updates.ts';

export const otaPrefix = '/ota/';

/** A board that takes not even a piece of 64 KiB in so long has gone, or never wanted it. */
const STALLED_US = 300_000_000;
/** A flood of requests that no board makes is told of by its first ones. */
const STRANGERS_TOLD_PER_SECOND = 20;

/** What the token in a path is worth shows in no record. */
export function otaPath(token: string, name: string): string {
  return `${otaPrefix}${token}/${encodeURIComponent(name)}`;
}

export interface OtaDownloadDeps {
  clock: Clock;
  observer: Observer;
  updates: OtaUpdates;
  log: { error(details: object, message: string): void };
}

/**
 * Firmware for boards (reference/twetalk.md §3.6): whole or one range, never compressed whatever the board accepts, always with a length.
 * A path is a token and a name; the token alone decides which file it is, so no path reaches another one.
 */
export function createOtaDownload({
  clock,
  observer,
  updates,
  log,
}: OtaDownloadDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const told = new Allowance(clock, 1_000_000);
  return (request, response) => {
    const [token = ''] = pathOf(request).slice(otaPrefix.length).split('/', 1);
    const download = updates.download(token);
    const range = download === undefined ? null : readRange(request.headers.range, download.firmware.sizeBytes);
    const status = statusOf(request, download !== undefined, range);
    const isTold = download !== undefined || told.take('stranger', STRANGERS_TOLD_PER_SECOND);
    const event: PipelineEvent = {
      atUs: clock.nowUs(),
      kind: 'wire.message',
      gateway: 'twetalk',
      channel: 'http',
      direction: 'up',
      name: `${request.method ?? ''} ${otaPrefix}…`,
      ...(download === undefined ? { isUnknown: true as const } : { deviceId: deviceId(download.device) }),
      text: `${request.headers.range ?? 'the whole file'}`,
      note: `answered with ${status}`,
    };
    if (isTold) observer.event(event);
    if (download === undefined || status >= 400) {
      const contentRange = status === 416 && download ? { 'content-range': `bytes */${download.firmware.sizeBytes}` } : {};
      response.writeHead(status, { ...contentRange, 'content-length': 0, connection: 'close' }).end();
      return;
    }
    const { sizeBytes, path, md5 } = download.firmware;
    const { start, end } = range === null || range === 'unsatisfiable' ? { start: 0, end: sizeBytes - 1 } : range;
    response.writeHead(status, {
      'content-type': 'application/octet-stream',
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
      etag: `"${md5}"`,
      ...(status === 206 ? { 'content-range': `bytes ${start}-${end}/${sizeBytes}` } : {}),
    });
    if (request.method === 'HEAD' || sizeBytes === 0) {
      response.end();
      return;
    }
    const isCut = download.isCutNext;
    download.isCutNext = false;
    const last = isCut ? start + Math.floor((end - start) / 2) : end;
    const file = createReadStream(path, { start, end: last });
    let servedBytes = 0;
    const giveUpLater = () => clock.at((clock.nowUs() + STALLED_US) as MonoUs, () => response.destroy());
    let keepOn = giveUpLater();
    file.on('data', (chunk) => {
      servedBytes += chunk.length;
      keepOn();
      keepOn = giveUpLater();
    });
    // The length that was promised does not come: the connection is cut, as a bad network does.
    file.on('end', () => (isCut ? response.socket?.destroySoon() : response.end()));
    file.on('error', (error) => {
      log.error({ err: error }, 'firmware could not be read');
      response.destroy();
    });
    file.pipe(response, { end: false });
    const settle = () => {
      keepOn();
      file.destroy();
      updates.served(download.device, servedBytes);
    };
    finished(response).then(settle, settle);
  };
}

function statusOf(request: IncomingMessage, isKnown: boolean, range: ReturnType<typeof readRange>): number {
  if (request.method !== 'GET' && request.method !== 'HEAD') return 405;
  if (!isKnown) return 404;
  if (range === 'unsatisfiable') return 416;
  return range === null ? 200 : 206;
}
