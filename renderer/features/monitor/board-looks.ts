import type { PortColour, PortInfo } from '../../../preload/contract/ports.ts';
import { shortAddress } from '../../lib/log-columns.ts';

/** Mid tones that stand out from both themes' surfaces. */
export const boardColours = {
  green: '#2fa87a',
  blue: '#4a8fe0',
  violet: '#9a6fe0',
  yellow: '#c99a2e',
  red: '#e0655c',
  cyan: '#2ea3b5',
  pink: '#d5689f',
  grey: '#8a949e',
} as const;
export type BoardColour = keyof typeof boardColours;

/** What people may give a board; the others only tell boards apart that nobody gave one. */
export const givenColours: readonly PortColour[] = ['green', 'blue', 'violet', 'yellow', 'red'];

export interface BoardFace {
  name: string;
  colour: BoardColour;
}

/** Names and colours of ports: given ones, else the address's end and a colour by its place among the opened ones, so that two differ. */
export function facesOf(addresses: readonly string[], infos: ReadonlyMap<string, PortInfo>): Map<string, BoardFace> {
  const usual = Object.keys(boardColours) as BoardColour[];
  return new Map(
    addresses.map((address, place) => {
      const info = infos.get(address);
      return [address, { name: info?.name ?? shortAddress(address), colour: info?.colour ?? usual[place % usual.length] ?? 'grey' }];
    }),
  );
}
