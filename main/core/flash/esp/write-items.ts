import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Region } from '../image/region.ts';
import type { EspBoard } from './board.ts';
import { changedStretches, firstDifference, md5Of, type Stretch } from './compare.ts';
import type { Payload } from './deflated.ts';
import { stubPayload, writeRun } from './write.ts';

/** One file of the job on its way to the board. */
export interface WriteItem {
  /** Of the job's files. */
  index: number;
  name: string;
  offset: number;
  /** Without what pads `data`. */
  sizeBytes: number;
  data: Uint8Array;
  /** A device's own values: not even a digest of them is shown. */
  isPrivate: boolean;
  /** May hold what a device keeps to itself: its bytes are not recorded. */
  isUnrecorded: boolean;
  isEncrypted: boolean;
  /** Begun before the board is ready for it. */
  payload: Promise<Payload>;
  /** What of `data` is to be written; all of it until it was compared. */
  stretches: Stretch[];
}

export interface WriteItemOptions {
  isPrivate: boolean;
  isUnrecorded: boolean;
  isCompressed: boolean;
  index: number;
}

export function writeItem(
  region: Pick<Region, 'name' | 'offset' | 'sizeBytes' | 'data' | 'isEncrypted'>,
  options: WriteItemOptions,
): WriteItem {
  const { name, offset, sizeBytes, data, isEncrypted } = region;
  const { index, isPrivate, isUnrecorded, isCompressed } = options;
  const payload = stubPayload(data, isCompressed && !isEncrypted);
  // Told to who awaits it, if the job gets so far.
  payload.catch(() => {});
  return { index, name, offset, sizeBytes, data, isPrivate, isUnrecorded, isEncrypted, payload, stretches: [{ from: 0, to: data.length }] };
}

/** Finds what the board has already. */
export async function compareItems(board: EspBoard, items: readonly WriteItem[]): Promise<void> {
  const { progress, note } = board.run;
  let sameBytes = 0;
  for (const item of items) {
    if (item.isPrivate || item.isEncrypted) continue;
    item.stretches = await stretchesOf(board, item);
    const unchangedBytes = item.sizeBytes - changedBytes(item);
    if (unchangedBytes === 0) continue;
    sameBytes += unchangedBytes;
    progress.file(item.index, { unchangedBytes, writtenBytes: unchangedBytes });
  }
  if (sameBytes > 0) note('unchanged', { sizeBytes: sameBytes, ofBytes: items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) });
}

/** A line that fails here has cost what there was to save. */
async function stretchesOf(board: EspBoard, { offset, data, payload }: WriteItem): Promise<Stretch[]> {
  const { bytes } = await payload;
  try {
    const stretches = await changedStretches(board.loader, offset, data, bytes.length);
    board.worked();
    return stretches;
  } catch (error) {
    await board.recover(error);
    return [{ from: 0, to: data.length }];
  }
}

export async function writeItems(board: EspBoard, items: readonly WriteItem[], isCompressed: boolean): Promise<void> {
  const { progress } = board.run;
  for (const item of items) {
    const { index, offset, data, sizeBytes, isEncrypted } = item;
    let doneBytes = sizeBytes - changedBytes(item);
    const isWhole = item.stretches.length === 1 && item.stretches[0]?.to === data.length && item.stretches[0].from === 0;
    // The board is not sound any more from the first of them on.
    if (item.stretches.length > 0) progress.update({ boardState: 'partially-written' });
    for (const { from, to } of item.stretches) {
      const before = doneBytes;
      await inPrivate(board, item, () =>
        writeRun(board, {
          offset: offset + from,
          data: data.subarray(from, to),
          payload: isWhole ? item.payload : undefined,
          isCompressed: isCompressed && !isEncrypted,
          isEncrypted,
          onProgress: (bytes) => progress.file(index, { writtenBytes: Math.min(sizeBytes, before + bytes) }),
        }),
      );
      doneBytes += to - from;
    }
    // Of the file, without what pads it: what md5sum says of it.
    progress.file(index, { writtenBytes: sizeBytes, md5: item.isPrivate ? null : md5Of(data.subarray(0, sizeBytes)) });
  }
}

/** By the chip's own MD5 of each file. Fails with `flash/verify-mismatch` {file, offset of the first 64 KiB that differs}. */
export async function verifyItems(board: EspBoard, items: readonly WriteItem[]): Promise<void> {
  for (const item of items) {
    // What the chip encrypted reads back otherwise.
    if (item.isEncrypted) continue;
    await inPrivate(board, item, () => verifyItem(board, item));
    board.run.progress.file(item.index, { verified: true });
  }
}

async function verifyItem(board: EspBoard, { index, name, offset, data, isPrivate }: WriteItem): Promise<void> {
  for (;;) {
    try {
      if ((await board.loader.md5(offset, data.length)) === md5Of(data)) return;
      // Answers have no checksum: what differs is looked for, and when nothing does it was the answer.
      const difference = await firstDifference(board.loader, offset, data);
      if (difference === null) return;
      board.run.progress.file(index, { verified: false });
      const digests = isPrivate ? { expected: null, actual: null } : { expected: difference.expected, actual: difference.actual };
      throw new TalkError('flash/verify-mismatch', { file: name, offset: difference.offset, ...digests }, { retryable: true });
    } catch (error) {
      await board.recover(error);
    }
  }
}

async function inPrivate(board: EspBoard, { isPrivate, isUnrecorded }: WriteItem, work: () => Promise<void>): Promise<void> {
  if (!isUnrecorded) return work();
  const set = (isOn: boolean) => {
    board.run.keepPrivate(isOn);
    board.loader.link.keepPrivate(isOn && isPrivate);
  };
  set(true);
  try {
    await work();
  } finally {
    set(false);
  }
}

function changedBytes({ stretches, sizeBytes }: WriteItem): number {
  return stretches.reduce((sum, { from, to }) => sum + Math.min(to, sizeBytes) - from, 0);
}
