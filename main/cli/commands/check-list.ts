import { readFile } from 'node:fs/promises';
import type { BoardFaultName } from '../../../preload/contract/board-faults.ts';
import { unfoundFaults } from '../../../preload/contract/check-words/fault-words.ts';
import type { CheckListDocument } from '../../../preload/contract/checks.ts';
import type { Client } from '../../../preload/contract/client.ts';
import type { CallRequest } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { builtInLists } from '../../core/checks/lists/built-in/index.ts';
import { nearNames } from '../../core/checks/lists/near.ts';
import type { CheckList } from '../../core/checks/lists/read.ts';
import { requireSerialNumber } from '../../core/checks/lists/serial-number.ts';
import type { CheckOptions } from '../check-options.ts';
import { snapshotOf } from '../snapshot.ts';

/** What is to be checked by, as `checks.start` takes it; `unfound`: faults of the virtual board that no check of it looks for. */
export interface WantedList {
  list: CallRequest<'checks.start'>['list'];
  unfound: BoardFaultName[];
}

/**
 * The list, read and held against the serial number before a core is begun for it. Null: it is neither a file nor the product's, and only the
 * library knows it: names of lists may look like paths. Throws TalkError 'not-found', 'check/bad-list', 'check/serial-number',
 * 'check/no-serial-number', 'bad-request'.
 */
export async function listBefore(options: CheckOptions): Promise<WantedList | null> {
  const wanted = wantedName(options);
  const inFile = isPath(wanted) ? await textIfThere(wanted) : null;
  if (inFile !== null) return held({ text: inFile }, await readText(inFile), options);
  for (const { id, text } of builtInLists) {
    const list = await readText(text);
    if (id === wanted || list.name.en === wanted || list.name.zh === wanted) return held({ id }, list, options);
  }
  return null;
}

/** One of the library's own, else a file. Throws as above. */
export async function listOfLibrary(client: Client, options: CheckOptions): Promise<WantedList> {
  const wanted = wantedName(options);
  const all = await snapshotOf(client, 'checks.lists', {});
  const kept = listNamed(all, wanted);
  if (kept !== undefined) return held({ id: kept.id }, await readText(kept.text), options);
  const text = isPath(wanted) ? await textOf(wanted) : await readFile(wanted, 'utf8').catch(() => unknownList(all, wanted));
  return held({ text }, await readText(text), options);
}

/** A list by its id, or by its name in either language. */
export function listNamed(lists: readonly CheckListDocument[], wanted: string): CheckListDocument | undefined {
  return lists.find(({ id, names }) => id === wanted || names.en === wanted || names.zh === wanted);
}

export function unknownList(lists: readonly CheckListDocument[], id: string): never {
  const ids = lists.map((list) => list.id);
  throw new TalkError('not-found', { what: 'check list', id, near: nearNames(id, ids) });
}

export function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => unreadable(file, error));
}

export function bytesOf(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => unreadable(file, error));
}

function unreadable(file: string, error: unknown): never {
  const { code = 'unreadable' } = error as NodeJS.ErrnoException;
  throw new TalkError('not-found', { what: 'file', id: file, reason: code }, { cause: error });
}

function wantedName({ list, board }: CheckOptions): string {
  return list ?? (board.startsWith('cat1') ? 'cat1-full' : board.startsWith('esp') ? 'esp32-full' : 'twetalk-suitability');
}

/** What looks like a path is spoken of as a file; another word that is no file either was to be a list. */
function isPath(wanted: string): boolean {
  return /[\\/]|\.(?:ya?ml|json)$/iu.test(wanted);
}

/** Null where no file is. */
function textIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' || error.code === 'ENOTDIR' ? null : unreadable(file, error),
  );
}

/** Loaded only here: the checks bring half the core with them. */
async function readText(text: string): Promise<CheckList> {
  const [{ readList }, { allChecks }] = await Promise.all([
    import('../../core/checks/lists/read.ts'),
    import('../../core/checks/kinds/index.ts'),
  ]);
  return readList(text, allChecks);
}

function held(list: WantedList['list'], { items, serialNumber }: CheckList, options: CheckOptions): WantedList {
  const { only, faults = [], serial } = options;
  if (serialNumber !== null) requireSerialNumber(serialNumber, serial.trim());
  const unknown = only?.find((id) => !items.some((item) => item.id === id));
  if (unknown !== undefined) throw new TalkError('bad-request', { issues: [{ path: 'only', message: `the list has no ${unknown}` }] });
  const done = items.filter(({ id }) => only?.includes(id) ?? true).map(({ check }) => check.name);
  const names = faults.map(({ name }) => name);
  return { list, unfound: unfoundFaults(names, done) };
}
