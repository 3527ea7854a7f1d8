import { randomBytes } from 'node:crypto';
import type { OtaState, OtaUpdate } from '../../../../preload/contract/cloud/twetalk.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { textOrNumber } from '../../../json-object.ts';
import type { Observer } from '../../../observer.ts';
import { type DeviceName, deviceId } from '../../devices.ts';
import { asObject, type BoardJson } from '../board-text.ts';

/** A firmware file as the bench has it. */
export interface Firmware {
  fileId: string;
  /** What the URL ends in, for the reader of a log. */
  name: string;
  version: string;
  path: string;
  sizeBytes: number;
  md5: string;
}

export type OtaFault = 'none' | 'wrong-md5' | 'wrong-size' | 'cut';

/** One board's leave to fetch one file. */
export interface Download {
  device: DeviceName;
  firmware: Firmware;
  /** Once: the answer ends in the middle. */
  isCutNext: boolean;
}

/** Long enough for a board that comes back tomorrow to go on with its download. */
const LIFETIME_US = 86_400_000_000;
const MOST_VERSION_CHARACTERS = 64;
/** Of devices; a lab has tens. */
const MOST_UPDATES = 2000;
const states: readonly string[] = ['downloading', 'burning', 'done', 'fail'];

export interface OtaUpdatesDeps {
  clock: Clock;
  observer: Observer;
  onUpdate: (device: DeviceName, update: OtaUpdate) => void;
}

/** Updates of the boards' firmware: who may fetch what under which token, and how far each of them says it is (reference/twetalk.md §3.6). */
export class OtaUpdates {
  readonly #deps: OtaUpdatesDeps;
  readonly #downloads = new Map<string, Download & { expiresUs: number }>();
  readonly #updates = new Map<string, OtaUpdate>();

  constructor(deps: OtaUpdatesDeps) {
    this.#deps = deps;
  }

  /** Gives the board leave; returns what to tell it. `urlOf` makes the address of a token. */
  begin(device: DeviceName, firmware: Firmware, fault: OtaFault, urlOf: (token: string) => string): Record<string, BoardJson> {
    const nowUs = this.#deps.clock.nowUs();
    for (const [token, download] of this.#downloads) {
      if (download.expiresUs <= nowUs || deviceId(download.device) === deviceId(device)) this.#downloads.delete(token);
    }
    const token = randomBytes(16).toString('hex');
    this.#downloads.set(token, { device, firmware, isCutNext: fault === 'cut', expiresUs: nowUs + LIFETIME_US });
    const { fileId, version, sizeBytes, md5 } = firmware;
    const counts = { servedBytes: 0, requests: 0 };
    const startedWallMs = this.#deps.clock.wallMs();
    this.#set(device, { fileId, version, state: 'sent', percent: 0, resultCode: '', message: '', startedWallMs, ...counts });
    const md5sum = fault === 'wrong-md5' ? md5.replace(/./g, (digit) => (digit === '0' ? '1' : '0')) : md5;
    const file_size = fault === 'wrong-size' ? sizeBytes + 1 : sizeBytes;
    return { type: 'update_firmware', version, url: urlOf(token), md5sum, file_size };
  }

  /** What a token lets its holder fetch; undefined for one that is not or no longer good. */
  download(token: string): Download | undefined {
    const download = this.#downloads.get(token);
    return download !== undefined && download.expiresUs > this.#deps.clock.nowUs() ? download : undefined;
  }

  served(device: DeviceName, bytes: number): void {
    const update = this.#updates.get(deviceId(device));
    if (update !== undefined) this.#set(device, { ...update, servedBytes: update.servedBytes + bytes, requests: update.requests + 1 });
  }

  /** `report` of a report_progress; false for one that cannot be read. Percent and result code come as strings, and are taken as numbers too. */
  progress(device: DeviceName, report: unknown): boolean {
    const body = asObject(report);
    const progress = asObject(body?.progress);
    const state = progress?.state;
    if (progress === null || typeof state !== 'string' || !states.includes(state)) return false;
    const known = this.#updates.get(deviceId(device));
    const version = typeof body?.version === 'string' ? body.version.slice(0, MOST_VERSION_CHARACTERS) : '';
    const startedWallMs = this.#deps.clock.wallMs();
    // A board that goes on with what it was told by another bench.
    const update = known ?? { fileId: '', version, message: '', startedWallMs, servedBytes: 0, requests: 0, percent: 0 };
    const told = Number(textOrNumber(progress.percent) || Number.NaN);
    const percent =
      state === 'downloading' && Number.isFinite(told) ? Math.min(100, Math.max(0, told)) : state === 'fail' ? update.percent : 100;
    const resultCode = textOrNumber(progress.result_code).slice(0, 20);
    const message = typeof progress.result_msg === 'string' ? progress.result_msg.slice(0, 200) : '';
    this.#set(device, { ...update, state: state as OtaState, percent, resultCode, message });
    return true;
  }

  /** The device may fetch nothing any more. */
  revoke(device: DeviceName): void {
    for (const [token, download] of this.#downloads) if (deviceId(download.device) === deviceId(device)) this.#downloads.delete(token);
  }

  isFetched(fileId: string): boolean {
    return [...this.#updates.values()].some((update) => update.fileId === fileId && !['done', 'fail'].includes(update.state));
  }

  of(device: DeviceName): OtaUpdate | undefined {
    return this.#updates.get(deviceId(device));
  }

  #set(device: DeviceName, update: OtaUpdate): void {
    const before = this.#updates.get(deviceId(device));
    this.#updates.delete(deviceId(device)); // the one that was heard of last stays longest
    this.#updates.set(deviceId(device), update);
    const [oldest] = this.#updates.keys();
    if (this.#updates.size > MOST_UPDATES && oldest !== undefined) this.#updates.delete(oldest);
    this.#deps.onUpdate(device, update);
    if (before?.state === update.state && before.percent === update.percent && before.startedWallMs === update.startedWallMs) return;
    const { productId, deviceName } = device;
    const { version, state, percent, resultCode } = update;
    this.#deps.observer.event({
      atUs: this.#deps.clock.nowUs(),
      kind: 'device.ota',
      productId,
      deviceName,
      version,
      state,
      percent,
      resultCode,
    });
  }
}
