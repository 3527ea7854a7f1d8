import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { requireFits } from '../image/checks.ts';
import { headerPatchOf, patchHeader } from '../image/header.ts';
import { type EspFlash, type Region, SECTOR_BYTES } from '../image/region.ts';
import type { FlashRun } from '../tool.ts';
import { EspBoard } from './board.ts';
import { readBoardTable } from './board-table.ts';
import { eraseAll } from './erase.ts';
import { finish, putBack } from './finish.ts';
import { provision } from './provision.ts';
import { requireUnsecured } from './secured.ts';
import { compareItems, verifyItems, type WriteItem, writeItem, writeItems } from './write-items.ts';

/**
 * One flashing from the first reset to the last, stage by stage. However it ends, `progress` names what the board was left
 * doing: one on which nothing was written is put back into its application, one half written stays in its loader.
 *
 * Fails with `flash/…`, `port/…`, `timeout`, what the provisioner fails with, and the signal's reason.
 */
export async function writeEsp(flash: EspFlash, run: FlashRun): Promise<void> {
  const { options } = flash.plan;
  const { progress } = run;
  const board = new EspBoard(run, options);
  // Deflating goes on while the board is being connected.
  const items = flash.regions.map((region, index) => writeItem(region, { index, isPrivate: false, isCompressed: options.compress }));
  try {
    await board.open((identity) => {
      requireFits(flash, identity, null);
      requireUnsecured(identity, options, run);
    });
    patchBootloader(board, flash, items);
    await addOwnValues(board, flash, items);
    if (options.eraseAll) await eraseFirst(board);
    else if (options.skipUnchanged && board.loader.isStub) {
      progress.stage('compare');
      await compareItems(board, items);
    }
    progress.stage('write');
    await writeItems(board, items, options.compress);
    if (options.verify && !board.isLocked) {
      progress.stage('verify');
      await verifyItems(board, items);
    }
    progress.update({ boardState: 'download-mode' });
    await finish(board);
  } catch (error) {
    const { boardState } = progress.job;
    if (boardState === 'unknown' || boardState === 'download-mode') await putBack(board, error);
    throw error;
  }
}

/** The bootloader carries the flash's mode, frequency and size; only there does the header count. */
function patchBootloader(board: EspBoard, { plan }: EspFlash, items: WriteItem[]): void {
  const { chip } = board.loader;
  const index = items.findIndex(({ offset }) => offset === chip.bootloaderOffset);
  const item = items[index];
  if (item === undefined) return;
  const data = patchHeader(item.data, headerPatchOf(plan.options), chip, board.identity.flashBytes);
  if (data !== item.data) items[index] = writeItem({ ...item, data }, { index, isPrivate: false, isCompressed: plan.options.compress });
}

/** What is left to check where the board has the table, and the NVS that makes it this board: the last thing before it is touched. */
async function addOwnValues(board: EspBoard, flash: EspFlash, items: WriteItem[]): Promise<void> {
  const { options } = flash.plan;
  const { run, identity } = board;
  const needsBoardTable = flash.table === null && !options.eraseAll;
  const table: Partition[] | null = needsBoardTable ? await readBoardTable(board) : flash.table;
  if (needsBoardTable) requireFits(flash, identity, table);
  const own = await provision(run, identity.mac, table);
  if (own === null) return;
  const region = { name: own.name, offset: own.offset, sizeBytes: own.data.length, data: own.data, isEncrypted: false };
  requireBeside(region, flash.regions);
  items.push(writeItem(region, { index: own.index, isPrivate: true, isCompressed: options.compress }));
}

/** Where the board's own table says what is where, only now can the two be compared. */
function requireBeside(own: Pick<Region, 'name' | 'offset' | 'sizeBytes'>, regions: readonly Region[]): void {
  const endOf = ({ offset, sizeBytes }: Pick<Region, 'offset' | 'sizeBytes'>) =>
    Math.ceil((offset + sizeBytes) / SECTOR_BYTES) * SECTOR_BYTES;
  const under = regions.find((region) => region.offset < endOf(own) && own.offset < endOf(region));
  if (under !== undefined) throw new TalkError('flash/overlap', { first: under.name, second: own.name });
}

async function eraseFirst(board: EspBoard): Promise<void> {
  const { progress } = board.run;
  progress.stage('erase');
  progress.update({ boardState: 'partially-written' });
  await eraseAll(board);
  progress.update({ boardState: 'erased' });
}
