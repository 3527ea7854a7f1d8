import { createHash } from 'node:crypto';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { foreignFormat } from './content.ts';
import { isIntelHex, readIntelHex } from './intel-hex.ts';
import type { GivenFile } from './load.ts';
import { parsePartitionCsv } from './partition-csv.ts';
import { PARTITION_TABLE_OFFSET, writePartitionTable } from './partition-table.ts';
import type { Piece } from './sparse.ts';
import { isUf2, readUf2 } from './uf2.ts';

/** A stretch of flash's content, out of the file that held it. */
export interface Unpacked {
  offset: number | undefined;
  name: string;
  data: Uint8Array;
  /** Of the file it came from, hex. */
  sha256: string;
  path: string | null;
  isEncrypted: boolean;
  /** What the container says it is for. */
  chip: string | null;
}

/**
 * Intel HEX and UF2 files taken apart, a partitions.csv made binary, anything else as it is. Fails with `flash/bad-file` {path,
 * reason}, for what no chip reads only without `force`.
 */
export function unpack(file: GivenFile, force: boolean): Unpacked[] {
  const { name, data, path, isEncrypted, offset } = file;
  const sha256 = createHash('sha256').update(data).digest('hex');
  const as = (change: Partial<Unpacked>): Unpacked => ({ offset, name, data, sha256, path, isEncrypted, chip: null, ...change });
  if (isIntelHex(data) || /\.(hex|ihex|ihx)$/i.test(name)) return asPieces(name, readIntelHex(data, name), as({}));
  if (isUf2(data)) {
    const { chip, pieces } = readUf2(data, name);
    return asPieces(name, pieces, as({ chip }));
  }
  if (/\.csv$/i.test(name)) {
    const table = tableOf(file);
    if (table !== null) return [as({ data: table })];
  }
  const reason = foreignFormat(data);
  if (reason !== null && !force) throw new TalkError('flash/bad-file', { path: name, reason });
  return [as({})];
}

/** Such a file says its addresses itself: one given with it would contradict. */
function asPieces(name: string, pieces: readonly Piece[], file: Unpacked): Unpacked[] {
  if (pieces.length === 0) throw new TalkError('flash/bad-file', { path: name, reason: 'nothing to write' });
  if (file.offset !== undefined && file.offset !== 0 && file.offset !== pieces[0]?.address)
    throw new TalkError('flash/bad-offset', { offset: file.offset, reason: 'own-addresses', name });
  return pieces.map(({ address, data }) => ({
    ...file,
    offset: address,
    data,
    name: pieces.length === 1 ? name : `${name} (0x${address.toString(16)})`,
  }));
}

/** Null for a CSV that has a place of its own, other than a table's, and is none: a file like any other. */
function tableOf({ name, data, offset = PARTITION_TABLE_OFFSET }: GivenFile): Uint8Array | null {
  const text = Buffer.from(data).toString('utf8');
  if (/^\s*key\s*,\s*type\s*,\s*encoding/i.test(text)) throw new TalkError('flash/no-offset', { name, reason: 'values' });
  try {
    return writePartitionTable(parsePartitionCsv(text, name, offset));
  } catch (error) {
    if (offset === PARTITION_TABLE_OFFSET) throw error;
    return null;
  }
}
