import type { VirtualBoard } from '../../../../preload/contract/boards.ts';
import type { CheckReason } from '../../../../preload/contract/checks.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import { familyByUsb } from '../../flash/usb-family.ts';
import type { BoardPort } from '../bench.ts';

/**
 * What kind of board is behind a port: by what it is known to be, its USB ids, what its log says, what the operator said, and last by the boards
 * that the list is for, where those are of one family.
 */
export function familyOf(seen: {
  board: Pick<VirtualBoard, 'kind'> | undefined;
  info: PortInfo | undefined;
  facts: DeviceState['facts'];
  boardKind: string;
  listKinds: readonly string[];
}): BoardPort['family'] {
  const { board, info, facts, boardKind, listKinds } = seen;
  if (board !== undefined) return board.kind === 'cat1' || board.kind === 'bk7258' ? board.kind : 'esp';
  const byUsb = info === undefined ? null : familyByUsb(info);
  if (byUsb !== null) return byUsb;
  const told = `${facts.chip ?? ''} ${facts.idfVersion === undefined ? '' : 'esp32'} ${facts.imei === undefined ? '' : 'cat1'}`;
  for (const said of [familyIn(told), familyIn(boardKind)]) if (said !== 'other') return said;
  const [listed = 'other', ...others] = new Set(listKinds.map(familyIn));
  return others.length === 0 ? listed : 'other';
}

function familyIn(text: string): BoardPort['family'] {
  // Who says so first means what follows: other-4g.
  if (/^other(?![\p{L}\p{N}])/iu.test(text)) return 'known-other';
  if (/\besp(?:32)?/iu.test(text)) return 'esp';
  if (/\bcat[. -]?1|\bec(?:618|7\d\d)|\bair7\d\d|\blte\b|\b4g\b/iu.test(text)) return 'cat1';
  // Tuya's T5 is one.
  if (/\bbk72|\btuya[ _-]?t5|\bt5ai/iu.test(text)) return 'bk7258';
  // A name of somebody's own says nothing of what is inside, unless it says that it is another.
  return /\bjieli|\bac(?:69|79)|\brk3\d{3}/iu.test(text) ? 'known-other' : 'other';
}

/** Why a check for boards of one family is not for this one. Of a board whose family nobody knows it may be meant for it: that is left open. */
export function otherFamily({ family }: Pick<BoardPort, 'family'>, wanted: 'esp' | 'cat1'): CheckReason | null {
  if (family === wanted) return null;
  return family === 'other' ? 'unknown-board' : `not-${wanted}`;
}
