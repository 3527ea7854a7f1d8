import { TalkError } from '../../../../preload/contract/errors.ts';
import { type FlashOptions, type FlashTask, flashOptions, type Partition } from '../../../../preload/contract/flash.ts';
import { readAppDescriptor } from '../image/esp-image.ts';
import { requireNvs } from '../nvs/likely.ts';
import { readNvs } from '../nvs/read.ts';
import type { FlashRun } from '../tool.ts';
import { EspBoard } from './board.ts';
import { readBoardTable, requirePartition } from './board-table.ts';
import { eraseAll, eraseRegion, requireSectors } from './erase.ts';
import { finish, putBack } from './finish.ts';
import { readFlash } from './read.ts';
import { requireUnsecured } from './secured.ts';

type EspTask = Exclude<FlashTask, { kind: 'write' }>;
type Where = Extract<EspTask, { kind: 'read' | 'erase' }>['what'];
type Range = { offset: number; sizeBytes: number; type?: string };

/** From an image's start to the end of its descriptor. */
const APP_HEAD_BYTES = 24 + 8 + 256;

/**
 * What is asked of a board that is not a write: `data` is what a read brought. Results and progress stand in `run.progress`. Fails
 * with `flash/…`, `port/…` and the signal's reason.
 */
export async function runEspTask(task: EspTask, run: FlashRun): Promise<{ data?: Uint8Array }> {
  const options = optionsOf(task);
  const board = new EspBoard(run, options);
  try {
    await board.open((identity) => {
      if (task.kind === 'erase') requireUnsecured(identity, options, run);
    });
    const result = await perform(task, board);
    const { boardState } = run.progress.job;
    await finish(board);
    // That it was reset says nothing about a board with nothing to run.
    if (boardState === 'erased') run.progress.update({ boardState });
    return result;
  } catch (error) {
    const { boardState } = run.progress.job;
    if (boardState === 'unknown' || boardState === 'download-mode') await putBack(board, error);
    throw error;
  }
}

async function perform(task: EspTask, board: EspBoard): Promise<{ data?: Uint8Array }> {
  const { progress } = board.run;
  if (task.kind === 'erase') {
    await erase(task.what, board);
    return {};
  }
  // A locked loader tells who it is, and nothing of its flash.
  if (board.isLocked && task.kind !== 'info') throw lockedError(board);
  progress.stage('read');
  if (task.kind === 'read') return { data: await read(task.what, board) };
  const partitions = await readBoardTable(board);
  progress.update({ partitions });
  if (task.kind === 'info') await readApps(partitions ?? [], board);
  else await readValues(requirePartition(partitions, task.partition, board.identity.flashBytes), board);
  return {};
}

async function readApps(partitions: readonly Partition[], board: EspBoard): Promise<void> {
  // A table made for a larger flash has some that are not there.
  const endBytes = board.identity.flashBytes ?? Number.POSITIVE_INFINITY;
  for (const { name, type, offset } of partitions) {
    if (type !== 'app' || offset + APP_HEAD_BYTES > endBytes) continue;
    const app = readAppDescriptor(await readFlash(board, offset, APP_HEAD_BYTES));
    const { apps } = board.run.progress.job;
    if (app !== null) board.run.progress.update({ apps: [...apps, { partition: name, app }] });
  }
}

/** Decoded here: only what may be shown of it leaves this place. */
async function readValues(range: Range, board: EspBoard): Promise<void> {
  const bytes = await readUnrecorded(range, board);
  requireNvs(bytes);
  board.run.progress.update({ nvs: readNvs(bytes) });
}

async function read(what: Where, board: EspBoard): Promise<Uint8Array> {
  return readUnrecorded(await rangeOf(what, board), board);
}

/** What a board keeps may be secret: it is for who asked for it, and not for the session's record of the line. */
async function readUnrecorded(range: Range, board: EspBoard): Promise<Uint8Array> {
  board.run.keepPrivate(true);
  try {
    return await readFlash(board, range.offset, range.sizeBytes, tellOf(board, range));
  } finally {
    board.run.keepPrivate(false);
  }
}

async function erase(what: Where, board: EspBoard): Promise<void> {
  const { progress } = board.run;
  progress.stage('erase');
  const range = what === 'all' && board.loader.isStub ? null : await rangeOf(what, board);
  if (range !== null) {
    requireSectors(range.offset, range.sizeBytes);
    board.loader.requireReach(range.offset, range.sizeBytes);
  }
  progress.update({ boardState: 'partially-written' });
  if (range === null) await eraseAll(board, (bytes) => progress.moved(bytes, bytes));
  else await eraseRegion(board, range.offset, range.sizeBytes, tellOf(board, range));
  // Without its data a firmware begins anew; without anything else there may be none.
  progress.update({ boardState: range?.type === 'data' ? 'download-mode' : 'erased' });
}

function tellOf({ run }: EspBoard, { sizeBytes }: Range): (doneBytes: number) => void {
  run.progress.moved(0, sizeBytes);
  return (bytes) => run.progress.moved(bytes, sizeBytes);
}

async function rangeOf(what: Where, board: EspBoard): Promise<Range> {
  const { flashBytes } = board.identity;
  if (what === 'all') {
    if (flashBytes === null) throw new TalkError('unsupported', { feature: 'all of the flash', why: 'its size is not known' });
    return { offset: 0, sizeBytes: flashBytes };
  }
  if ('partition' in what) return requirePartition(await readBoardTable(board), what.partition, flashBytes);
  if (flashBytes !== null && what.offset + what.sizeBytes > flashBytes) throw new TalkError('flash/too-big', { ...what, flashBytes });
  return what;
}

function lockedError(board: EspBoard): TalkError {
  const { secureBoot = false, flashEncryption = false, secureDownload = true } = board.identity.security ?? {};
  return new TalkError('flash/secured', { secureBoot, flashEncryption, secureDownload, kind: board.run.progress.job.kind });
}

/** What a request leaves out is as for a write. */
function optionsOf({ options }: EspTask): FlashOptions {
  return flashOptions.parse(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}
