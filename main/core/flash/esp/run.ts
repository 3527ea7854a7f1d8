import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { noImages } from '../image/boot-places.ts';
import { requireFits } from '../image/checks.ts';
import { headerPatchOf, patchHeader } from '../image/header.ts';
import { partitionAt } from '../image/partition-table.ts';
import { type EspFlash, type Region, SECTOR_BYTES } from '../image/region.ts';
import type { FlashRun } from '../tool.ts';
import { EspBoard } from './board.ts';
import { readBoardTable, requireNothingThere } from './board-table.ts';
import { bootingOf } from './booting.ts';
import { eraseAll, requireErasable } from './erase.ts';
import { finish, putBack } from './finish.ts';
import { provision } from './provision.ts';
import { requireUnsecured } from './secured.ts';
import { compareItems, verifyItems, type WriteItem, writeItem, writeItems } from './write-items.ts';

/** What is encrypted at once: by the ESP32; by the others half of it. */
const ENCRYPTED_UNIT_BYTES = 32;

/**
 * One flashing from the first reset to the last, stage by stage. However it ends, `progress` names what the board was left
 * doing: one on which nothing was written is put back into its application, one half written stays in its loader.
 *
 * Fails with `flash/…`, `port/…`, `timeout`, what the provisioner fails with, and the signal's reason; with `flash/not-booting` when all
 * is written, and the board says that it does not start it.
 */
export async function writeEsp(flash: EspFlash, run: FlashRun): Promise<void> {
  const { options } = flash.plan;
  const { progress } = run;
  const board = new EspBoard(run, options);
  // Deflating goes on while the board is being connected.
  const items = flash.regions.map((region, index) => {
    const isUnrecorded = mayHoldValues(region, flash.table);
    return writeItem({ ...region, isEncrypted: false }, { index, isPrivate: false, isUnrecorded, isCompressed: options.compress });
  });
  try {
    await board.open((identity) => {
      requireFits(flash, identity, null);
      requireUnsecured(identity, options, run);
    });
    for (const { offset, data } of items) board.loader.requireReach(offset, data.length);
    if (board.identity.security?.flashEncryption === true) encryptMarked(flash.regions, items);
    patchBootloader(board, flash, items);
    const table = await addOwnValues(board, flash, items);
    const isDoubtful = mayNotStart(board, flash, table);
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
    await finish(board, isDoubtful);
    requireBooting(board);
  } catch (error) {
    const { boardState } = progress.job;
    if (boardState === 'unknown' || boardState === 'download-mode') await putBack(board, error);
    throw error;
  }
}

/**
 * What the build marks for it is encrypted by a chip that has flash encryption on. Any other gets it in the clear, as by `idf.py flash`: its
 * bootloader encrypts it all at the first start, and could not read what was encrypted before without a key.
 */
function encryptMarked(regions: readonly Region[], items: WriteItem[]): void {
  for (const [index, item] of items.entries()) {
    if (regions[index]?.isEncrypted !== true) continue;
    const data = new Uint8Array(Math.ceil(item.data.length / ENCRYPTED_UNIT_BYTES) * ENCRYPTED_UNIT_BYTES).fill(0xff);
    data.set(item.data);
    items[index] = writeItem({ ...item, data, isEncrypted: true }, { ...item, isCompressed: false });
  }
}

/** The bootloader carries the flash's mode, frequency and size; only there does the header count. */
function patchBootloader(board: EspBoard, { plan }: EspFlash, items: WriteItem[]): void {
  const { chip } = board.loader;
  const index = items.findIndex(({ offset }) => offset === chip.bootloaderOffset);
  const item = items[index];
  if (item === undefined) return;
  const data = patchHeader(item.data, headerPatchOf(plan.options), chip, board.identity.flashBytes);
  if (data !== item.data) items[index] = writeItem({ ...item, data }, { ...item, isCompressed: plan.options.compress });
}

/**
 * What is left to check with the board's own table, and the NVS that makes it this board: the last thing before it is touched. Gives the
 * table that counts from now on, as far as it is known.
 */
async function addOwnValues(board: EspBoard, flash: EspFlash, items: WriteItem[]): Promise<Partition[] | null> {
  const { options } = flash.plan;
  const { run, identity } = board;
  // Of one that is erased nothing matters; where the files have a table, whether it replaces another one.
  const isReplaced = board.loader.isStub && flash.regions.some(({ kind }) => kind === 'partition-table' || kind === 'merged');
  const isOfUse = !options.eraseAll && (flash.table === null || isReplaced);
  const boardTable = isOfUse ? await readBoardTable(board) : null;
  const guessed = flash.regions.find(({ isGuessed }) => isGuessed);
  const isConfirmed = guessed === undefined || boardTable !== null || !isOfUse || board.isLocked || options.force;
  if (!isConfirmed) await requireNothingThere(board, guessed);
  const warnings = requireFits(flash, identity, boardTable);
  if (warnings.length > 0) run.progress.update({ warnings });
  const table = flash.table ?? boardTable;
  const own = await provision(run, identity.mac, table);
  if (own === null) return table;
  const region = { name: own.name, offset: own.offset, sizeBytes: own.data.length, data: own.data, isEncrypted: false };
  requireBeside(region, flash.regions);
  items.push(writeItem(region, { index: own.index, isPrivate: true, isUnrecorded: true, isCompressed: options.compress }));
  return table;
}

/**
 * What has no table, or no image where one starts, or something in the midst of an application, may not; a chip that decrypts starts only
 * what is encrypted with its key.
 */
function mayNotStart({ identity }: EspBoard, { regions }: EspFlash, table: readonly Partition[] | null): boolean {
  if (table === null || identity.security?.flashEncryption === true) return true;
  const isInside = ({ offset }: Region) => {
    const within = partitionAt(table, offset);
    return within?.type === 'app' && within.offset !== offset;
  };
  return regions.some(isInside) || noImages(regions, { chip: identity.chip, table }).length > 0;
}

/** Fails with `flash/not-booting`. */
function requireBooting({ run, loader }: EspBoard): void {
  if (run.progress.job.boardState !== 'not-booting') return;
  throw new TalkError('flash/not-booting', { said: bootingOf(loader.link.heard).said ?? '' });
}

/** Values of a device: an NVS image, or one of more than that with an NVS partition in it. */
function mayHoldValues(region: Region, table: readonly Partition[] | null): boolean {
  const partitions = (table ?? []).filter(({ type, subtype }) => type === 'data' && subtype.startsWith('nvs'));
  return region.kind === 'nvs' || partitions.some((partition) => overlaps(region, partition));
}

/** Where the board's own table says what is where, only now can the two be compared. */
function requireBeside(own: Pick<Region, 'name' | 'offset' | 'sizeBytes'>, regions: readonly Region[]): void {
  const under = regions.find((region) => overlaps(region, own));
  if (under !== undefined) throw new TalkError('flash/overlap', { first: under.name, second: own.name });
}

/** By whole sectors: that is what is erased. */
function overlaps(a: Pick<Region, 'offset' | 'sizeBytes'>, b: Pick<Region, 'offset' | 'sizeBytes'>): boolean {
  const endOf = ({ offset, sizeBytes }: typeof a) => Math.ceil((offset + sizeBytes) / SECTOR_BYTES) * SECTOR_BYTES;
  return a.offset < endOf(b) && b.offset < endOf(a);
}

async function eraseFirst(board: EspBoard): Promise<void> {
  const { progress } = board.run;
  progress.stage('erase');
  requireErasable(board);
  progress.update({ boardState: 'partially-written' });
  await eraseAll(board);
  progress.update({ boardState: 'erased' });
}
