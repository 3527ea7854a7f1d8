import type { VirtualBoard } from '../../../../preload/contract/boards.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import { familyByUsb } from '../../flash/usb-family.ts';
import type { BoardPort } from '../bench.ts';

/** What kind of board is behind a port: by what it is known to be, its USB ids, what its log says, and last what the operator said. */
export function familyOf(seen: {
  board: Pick<VirtualBoard, 'kind'> | undefined;
  info: PortInfo | undefined;
  facts: DeviceState['facts'];
  boardKind: string;
}): BoardPort['family'] {
  const { board, info, facts, boardKind } = seen;
  if (board !== undefined) return board.kind === 'cat1' || board.kind === 'bk7258' ? board.kind : 'esp';
  const byUsb = info === undefined ? null : familyByUsb(info);
  if (byUsb !== null) return byUsb;
  const said = `${facts.chip ?? ''} ${facts.idfVersion === undefined ? '' : 'esp32'} ${facts.imei === undefined ? '' : 'cat1'} ${boardKind}`;
  if (/\besp(?:32)?/iu.test(said)) return 'esp';
  if (/\bcat[. -]?1|\bec(?:618|7\d\d)|\bair7\d\d|\blte\b|\b4g\b/iu.test(said)) return 'cat1';
  return /\bbk72/iu.test(said) ? 'bk7258' : 'other';
}
